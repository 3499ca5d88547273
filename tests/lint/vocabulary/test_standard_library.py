"""The vocabulary of the standard library is true: of each Python that the tests run on."""

import importlib
import inspect
import sys
import warnings
from collections import Counter

import pytest

from durable_lint.vocabulary import Vocabulary
from durable_lint.vocabulary.family import Family
from durable_lint.vocabulary.packages import PACKAGES
from durable_lint.vocabulary.stdlib import STANDARD_LIBRARY, STRICT_LOGGING

SINCE = {
    (3, 12): """
        asyncio.create_eager_task_factory asyncio.eager_task_factory os.DirEntry.is_junction
        os.path.isjunction os.path.splitroot os.setns os.unshare pathlib.Path.is_junction
        pathlib.Path.walk pathlib.Path.with_segments random.binomialvariate
        socketserver.ForkingUnixDatagramServer socketserver.ForkingUnixStreamServer
        sys.activate_stack_trampoline sys.deactivate_stack_trampoline sys.getunicodeinternedsize
        sys.is_stack_trampoline_active sys.monitoring threading.setprofile_all_threads
        threading.settrace_all_threads uuid.main webbrowser.Edge webbrowser.Epiphany
        zipfile.Path.glob zipfile.Path.rglob
    """,
    (3, 13): """
        _thread.start_joinable_thread asyncio.EventLoop asyncio.QueueShutDown dbm.sqlite3.open
        glob.translate importlib.resources.Anchor os.grantpt os.path.isdevdrive os.posix_openpt
        os.process_cpu_count os.ptsname os.timerfd_create os.timerfd_gettime
        os.timerfd_gettime_ns os.timerfd_settime os.timerfd_settime_ns os.unlockpt
        pathlib.Path.from_uri pathlib.Path.full_match pathlib.Path.parser platform.AndroidVer
        platform.IOSVersionInfo queue.ShutDown random.main sys._clear_internal_caches
        threading.Lock.acquire warnings.deprecated
    """,
    (3, 14): """
        asyncio.FrameCallGraphEntry asyncio.FutureCallGraph asyncio.capture_call_graph
        asyncio.format_call_graph asyncio.future_add_to_awaited_by
        asyncio.future_discard_from_awaited_by asyncio.print_call_graph compression.zstd.ZstdFile
        compression.zstd.open concurrent.futures.InterpreterPoolExecutor concurrent.interpreters
        os.readinto os.reload_environ pathlib.Path.copy pathlib.Path.copy_into pathlib.Path.info
        pathlib.Path.move pathlib.Path.move_into sys.remote_exec uuid.uuid6 uuid.uuid7 uuid.uuid8
    """,
    (3, 15): "os.statx os.statx_result",
}
UNTIL = {
    (3, 11): """
        locale.format pathlib.Path.link_to sqlite3.OptimizedUnicode sqlite3.enable_shared_cache
        ssl.RAND_pseudo_bytes ssl.match_hostname ssl.wrap_socket imp asyncio.MultiLoopChildWatcher
        find_loader
    """,
    (3, 12): """
        crypt.mksalt importlib.resources.Resource locale.resetlocale nntplib.NNTP nntplib.NNTP_SSL
        pipes.Template spwd telnetlib.Telnet telnetlib.Telnet.close telnetlib.Telnet.set_debuglevel
    """,
}
# On other systems, in other builds, or made in `__init__` and so of instances only.
ELSEWHERE = """
    asyncio.ProactorEventLoop ctypes.OleDLL ctypes.WINFUNCTYPE ctypes.WinDLL dbm.gnu.open
    dbm.ndbm.open msvcrt multiprocessing.synchronize.Lock.acquire
    multiprocessing.synchronize.Semaphore.acquire os.add_dll_directory os.chflags
    os.get_handle_inheritable os.lchflags os.lchmod os.listdrives os.listmounts os.listvolumes
    os.path.isreserved os.plock os.set_handle_inheritable os.startfile select.devpoll select.kqueue
    select.kqueue.control select.poll.poll select.epoll select.epoll.poll selectors.DevpollSelector
    selectors.KqueueSelector selectors.EpollSelector socket.fromshare
    sqlite3.Connection.load_extension ssl.RAND_egd ssl.enum_certificates ssl.enum_crls
    subprocess.STARTUPINFO sys.getwindowsversion sys.winver threading.Condition.acquire
    threading.RLock.acquire winreg
"""
COMPLETE = [
    *("asyncio", "atexit", "builtins", "bz2", "codecs", "codeop", "concurrent.futures"),
    *("contextlib", "contextvars", "copyreg", "datetime", "dbm", "decimal", "email.utils"),
    *("faulthandler", "ftplib", "functools", "gc", "getopt", "getpass", "glob", "gzip"),
    *("http.client", "http.server", "imaplib", "importlib", "importlib.metadata"),
    *("importlib.resources", "importlib.util", "inspect", "io", "itertools", "json"),
    *("linecache", "locale", "logging", "logging.config", "logging.handlers", "lzma"),
    *("marshal", "mmap", "multiprocessing", "netrc", "operator", "os", "os.path", "pathlib"),
    *("pickle", "pkgutil", "platform", "plistlib", "poplib", "pprint", "pwd", "queue"),
    *("random", "re", "readline", "resource", "runpy", "sched", "secrets", "select"),
    *("selectors", "shelve", "shutil", "signal", "site", "smtplib", "socket", "socketserver"),
    *("sqlite3", "ssl", "subprocess", "sys", "sysconfig", "tempfile", "threading", "time"),
    *("tokenize", "tomllib", "traceback", "tracemalloc", "types", "urllib.parse"),
    *("urllib.request", "uuid", "warnings", "weakref", "webbrowser", "xmlrpc.client"),
    *("zipfile", "zoneinfo"),
]
HELPERS = frozenset({"main", "test", "demo"})


def written_out(families: tuple[Family, ...]) -> list[tuple[str, str]]:
    """Category and name of all that the families speak of."""
    found = []
    for family in families:
        tables = [*family.calls.items(), *family.attributes.items(), ("pure", family.pure)]
        for category, owners in tables:
            for owner, names in owners.items():
                for name in names.split():
                    found.append((category, f"{owner}.{name}"))
    return found


def exists(name: str) -> bool:
    parts = name.removesuffix(".*").split(".")
    for end in range(len(parts), 0, -1):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = importlib.import_module(".".join(parts[:end]))
                for part in parts[end:]:
                    found = getattr(found, part)
        except ImportError:
            continue
        except AttributeError:
            return False
        return True
    return False


def may_be_missing() -> set[str]:
    running = sys.version_info[:2]
    names = set(ELSEWHERE.split())
    for version, some in SINCE.items():
        if running < version:
            names.update(some.split())
    for version, some in UNTIL.items():
        if running > version:
            names.update(some.split())
    return names


def test_each_name_of_the_standard_library_exists_in_this_python():
    names = {name for _, name in written_out((*STANDARD_LIBRARY, STRICT_LOGGING))}
    missing = {name.removesuffix(".*") for name in names if not exists(name)}
    assert missing - may_be_missing() == set()


@pytest.mark.parametrize("module", COMPLETE)
def test_each_public_name_of_a_module_is_known_as_harmful_or_harmless(module):
    vocabulary = Vocabulary.standard(strict_logging=True)
    try:
        found = importlib.import_module(module)
    except ImportError:
        pytest.skip("not in this build")
    exported = getattr(found, "__all__", None)
    unknown = set()
    for name, value in vars(found).items():
        private = name.startswith("_") or name in HELPERS
        if private or inspect.ismodule(value) or not callable(value):
            continue
        if isinstance(value, type) and issubclass(value, BaseException):
            continue
        own = getattr(value, "__module__", None) in {module, f"_{module}", None}
        if (name in exported) if exported is not None else own:
            full = f"{module}.{name}"
            if vocabulary.name(full) is None and not vocabulary.pure(full):
                unknown.add(full)
    assert unknown == set(), "say in vocabulary/stdlib what these are"


def test_no_name_is_in_two_categories():
    strict = (STRICT_LOGGING,)
    seen: dict[str, set[str]] = {}
    for category, name in written_out((*STANDARD_LIBRARY, *PACKAGES)):
        seen.setdefault(name, set()).add(category)
    assert {name: kinds for name, kinds in seen.items() if len(kinds) > 1} == {}
    twice = Counter(name for _, name in written_out(strict))
    assert [name for name, count in twice.items() if count > 1] == []


def test_a_condition_or_an_advice_is_for_a_name_that_counts():
    for family in (*STANDARD_LIBRARY, *PACKAGES, STRICT_LOGGING):
        known = {name for category, name in written_out((family,)) if category != "pure"}
        assert set(family.conditions) - known == set()
        assert set(family.advice) - known == set()


def test_every_type_that_a_result_names_is_written_well():
    for family in (*STANDARD_LIBRARY, *PACKAGES):
        types = [one for results in family.results.values() for one in results.values()]
        types += [one for gives in family.gives.values() for one in gives]
        for one in types:
            assert one.count("[") == one.count("]"), one
            assert one.removeprefix("=").count("=") == 0, one


def test_no_class_is_its_own_base():
    vocabulary = Vocabulary.standard()
    for family in (*STANDARD_LIBRARY, *PACKAGES):
        for cls in family.bases:
            below = vocabulary.lineage(cls)[1:]
            assert vocabulary.canonical(cls) not in below, cls


def test_an_alias_leads_to_one_spelling_that_stays():
    vocabulary = Vocabulary.standard()
    for family in (*STANDARD_LIBRARY, *PACKAGES):
        for alias in family.aliases:
            once = vocabulary.canonical(alias)
            assert vocabulary.canonical(once) == once, alias
