"""What touches the file system. What only computes with paths is pure.

A handle counts when it is opened, not again when it is read: nothing can be read that was not
opened.
"""

from typing import Final

from durable_lint.vocabulary.entry import When
from durable_lint.vocabulary.family import Family

__all__ = ["FILES"]

FILES: Final = Family(
    calls={
        "file_io": {
            "builtins": "open",
            "io": "open_code FileIO",
            "codecs": "open",
            "os": "access chflags chmod chown close closerange copy_file_range dup dup2 eventfd"
            " eventfd_read eventfd_write fchmod fchown fdatasync fdopen fpathconf fstat fstatvfs"
            " fsync ftruncate fwalk get_blocking get_inheritable get_handle_inheritable getxattr"
            " grantpt isatty lchflags lchmod lchown link listdir listdrives listmounts listvolumes"
            " listxattr lockf login_tty lseek lstat makedirs memfd_create mkdir mkfifo mknod open"
            " openpty pathconf pidfd_open pipe pipe2 posix_fadvise posix_fallocate posix_openpt"
            " pread preadv ptsname pwrite pwritev read readinto readlink readv remove removedirs"
            " removexattr rename renames replace rmdir scandir sendfile set_blocking"
            " set_handle_inheritable set_inheritable setxattr splice stat statvfs statx symlink"
            " sync tcgetpgrp tcsetpgrp timerfd_create timerfd_gettime timerfd_gettime_ns"
            " timerfd_settime timerfd_settime_ns truncate ttyname unlink unlockpt utime walk write"
            " writev device_encoding add_dll_directory",
            "os.path": "abspath exists lexists isfile isdir islink ismount isjunction isdevdrive"
            " getsize getmtime getatime getctime realpath relpath samefile sameopenfile",
            "os.DirEntry": "stat is_dir is_file is_symlink is_junction inode",
            "pathlib.Path": "absolute chmod copy copy_into exists glob hardlink_to"
            " is_block_device is_char_device is_dir is_fifo is_file is_junction is_mount is_socket"
            " is_symlink iterdir lchmod link_to lstat mkdir move move_into open read_bytes"
            " read_text readlink rename replace resolve rglob rmdir samefile stat symlink_to touch"
            " unlink walk write_bytes write_text",
            "shutil": "chown copy copy2 copyfile copymode copystat copytree disk_usage make_archive"
            " move rmtree unpack_archive",
            "tempfile": "NamedTemporaryFile SpooledTemporaryFile TemporaryDirectory TemporaryFile"
            " gettempdir gettempdirb mkdtemp mkstemp mktemp",
            "glob": "glob iglob glob0 glob1",
            "fileinput": "input FileInput hook_compressed",
            "filecmp": "cmp cmpfiles dircmp",
            "linecache": "getline getlines checkcache updatecache",
            "dbm": "open whichdb",
            "dbm.dumb": "open",
            "dbm.gnu": "open",
            "dbm.ndbm": "open",
            "dbm.sqlite3": "open",
            "shelve": "open DbfilenameShelf",
            "gzip": "open GzipFile",
            "bz2": "open BZ2File",
            "lzma": "open LZMAFile",
            "compression.zstd": "open ZstdFile",
            "zipfile": "ZipFile PyZipFile is_zipfile",
            "zipfile.ZipFile": "extract extractall write",
            "zipfile.Path": "open read_text read_bytes iterdir exists is_file is_dir glob rglob",
            "tarfile": "open TarFile is_tarfile",
            "tarfile.TarFile": "open extract extractall add gettarinfo",
            "tokenize": "open",
            "mmap": "mmap",
            "configparser.RawConfigParser": "read",
            "netrc": "netrc",
            "mailbox": "Maildir mbox MH Babyl MMDF",
            "mimetypes": "init read_mime_types",
            "logging": "FileHandler",
            "logging.handlers": "RotatingFileHandler TimedRotatingFileHandler WatchedFileHandler",
            "importlib.resources": "read_text read_binary open_text open_binary contents"
            " is_resource path as_file",
            "importlib.resources.abc.Traversable": "read_text read_bytes iterdir is_file is_dir"
            " open",
            "pkgutil": "get_data read_code",
            "fcntl": "*",
            "termios": "*",
            "readline": "*",
            "curses": "*",
            "ensurepip": "bootstrap",
            "venv": "create",
            "venv.EnvBuilder": "create",
            "zipapp": "create_archive get_interpreter",
            "py_compile": "compile",
            "compileall": "compile_dir compile_file compile_path",
            "zoneinfo": "available_timezones reset_tzpath",
            "wave": "open",
            "gettext": "find translation install",
            "xml.etree.ElementTree": "parse",
            "logging.config": "fileConfig",
            "msvcrt": "*",
            "winreg": "*",
        },
    },
    conditions=dict.fromkeys(
        (
            *("zipfile.ZipFile", "zipfile.PyZipFile", "zipfile.is_zipfile", "tarfile.open"),
            *("tarfile.TarFile", "tarfile.is_tarfile", "gzip.open", "gzip.GzipFile", "bz2.open"),
            *("bz2.BZ2File", "lzma.open", "lzma.LZMAFile", "compression.zstd.open"),
            *("compression.zstd.ZstdFile", "xml.etree.ElementTree.parse"),
        ),
        When.ON_PATH,
    ),
    pure={
        "io": "StringIO BytesIO TextIOWrapper BufferedReader BufferedWriter BufferedRandom"
        " BufferedRWPair IOBase RawIOBase BufferedIOBase TextIOBase IncrementalNewlineDecoder"
        " text_encoding UnsupportedOperation",
        "io.StringIO": "*",
        "io.BytesIO": "*",
        "codecs": "*",
        "os": "fspath fsencode fsdecode PathLike DirEntry stat_result statvfs_result strerror"
        " WCOREDUMP WEXITSTATUS WIFCONTINUED WIFEXITED WIFSIGNALED WIFSTOPPED WSTOPSIG WTERMSIG"
        " waitid_result waitstatus_to_exitcode major minor makedev sched_param terminal_size"
        " times_result uname_result altsep curdir defpath devnull extsep linesep pardir pathsep sep"
        " path error GenericAlias Mapping MutableMapping statx_result sched_param pathconf_names"
        " sysconf_names confstr_names supports_bytes_environ supports_dir_fd"
        " supports_effective_ids supports_fd supports_follow_symlinks",
        "os.path": "join basename dirname split splitext splitdrive splitroot normpath normcase"
        " isabs commonpath commonprefix samestat isreserved altsep curdir defpath devnull extsep"
        " pardir pathsep sep supports_unicode_filenames",
        "pathlib.PurePath": "*",
        "pathlib": "Path PurePath PosixPath WindowsPath PurePosixPath PureWindowsPath",
        "pathlib.Path": "joinpath relative_to is_relative_to with_name with_stem with_suffix"
        " with_segments match full_match as_posix as_uri is_absolute is_reserved from_uri info"
        " name stem suffix suffixes parent parents parts anchor drive root parser",
        "shutil": "copyfileobj get_archive_formats get_unpack_formats ignore_patterns"
        " register_archive_format register_unpack_format unregister_archive_format"
        " unregister_unpack_format",
        "tempfile": "gettempprefix gettempprefixb tempdir template",
        "glob": "escape has_magic translate",
        "fileinput": "*",
        "filecmp": "clear_cache demo",
        "linecache": "clearcache lazycache",
        "shelve": "Shelf BsdDbShelf",
        "gzip": "compress decompress READ WRITE",
        "bz2": "compress decompress BZ2Compressor BZ2Decompressor",
        "lzma": "compress decompress LZMACompressor LZMADecompressor is_check_supported",
        "zlib": "*",
        "zipfile": "ZipInfo ZipExtFile Path CompleteDirs LZMACompressor main BadZipFile BadZipfile"
        " LargeZipFile",
        "tarfile": "TarInfo bltn_open copyfileobj data_filter fully_trusted_filter grp pwd"
        " tar_filter itn nti nts stn calc_chksums main ENCODING",
        "tokenize": "*",
        "configparser": "*",
        "plistlib": "*",
        "tomllib": "*",
        "csv": "*",
        "json": "*",
        "mailbox": "*",
        "mimetypes": "*",
        "importlib.resources": "files Package Resource Anchor ResourceReader",
        "importlib.resources.abc": "*",
        "zoneinfo": "ZoneInfo",
        "zoneinfo.ZoneInfo": "*",
        "gettext": "*",
        "stat": "*",
        "fnmatch": "*",
    },
    results={
        "os.path": {
            **dict.fromkeys(
                ("join", "basename", "dirname", "normpath", "abspath", "realpath"), "builtins.str"
            ),
            "normcase": "builtins.str",
            "relpath": "builtins.str",
            "commonpath": "builtins.str",
            "expanduser": "builtins.str",
            "expandvars": "builtins.str",
            "split": "builtins.tuple[builtins.str, builtins.str]",
            "splitext": "builtins.tuple[builtins.str, builtins.str]",
            "sep": "=builtins.str",
        },
        "os": {"sep": "=builtins.str", "linesep": "=builtins.str", "fspath": "builtins.str"},
        "shutil": {"which": "builtins.str", "copy": "builtins.str", "move": "builtins.str"},
    },
    aliases={
        "_io": "io",
        "_io.open": "builtins.open",
        "io.open": "builtins.open",
        "_pyio": "io",
        "posix": "os",
        "nt": "os",
        "posixpath": "os.path",
        "ntpath": "os.path",
        "genericpath": "os.path",
        "pathlib._local": "pathlib",
        "pathlib._abc": "pathlib",
        "pathlib.types": "pathlib",
        "compression.gzip": "gzip",
        "compression.bz2": "bz2",
        "compression.lzma": "lzma",
        "compression.zlib": "zlib",
        "zipfile._path": "zipfile",
        "importlib_resources": "importlib.resources",
        "tomli": "tomllib",
        "backports.zoneinfo": "zoneinfo",
    },
)
