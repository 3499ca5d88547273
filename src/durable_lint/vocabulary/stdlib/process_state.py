"""What another worker, another host or another start of the same worker answers otherwise."""

from typing import Final

from durable_lint.vocabulary.family import Family

__all__ = ["PROCESS_STATE"]

PROCESS_STATE: Final = Family(
    calls={
        "environment": {
            "os": "getenv getenvb putenv unsetenv get_exec_path reload_environ",
            "os.path": "expandvars expanduser",
            "pathlib.Path": "expanduser home",
            "shutil": "which",
        },
        "process_state": {
            "os": "getpid getppid getpgid getpgrp getsid getuid geteuid getgid getegid getgroups"
            " getgrouplist getresuid getresgid getlogin getcwd getcwdb chdir fchdir chroot umask"
            " nice getpriority setpriority cpu_count process_cpu_count uname confstr sysconf"
            " getloadavg ctermid get_terminal_size sched_get_priority_max sched_get_priority_min"
            " sched_getaffinity sched_getparam sched_getscheduler sched_rr_get_interval"
            " sched_setaffinity sched_setparam sched_setscheduler sched_yield setegid seteuid"
            " setgid setgroups setns setpgid setpgrp setregid setresgid setresuid setreuid setsid"
            " setuid initgroups unshare plock abort _exit",
            "pathlib.Path": "cwd owner group",
            "contextlib": "chdir",
            "shutil": "get_terminal_size",
            "socket": "gethostname getfqdn",
            "getpass": "getuser",
            "pwd": "*",
            "grp": "*",
            "spwd": "*",
            "platform": "*",
            "locale": "getlocale getdefaultlocale getpreferredencoding getencoding setlocale"
            " resetlocale localeconv nl_langinfo currency format_string format str atof atoi"
            " delocalize localize strcoll strxfrm gettext dgettext dcgettext textdomain"
            " bindtextdomain bind_textdomain_codeset",
            "sysconfig": "*",
            "site": "*",
            "time": "tzset",
            "multiprocessing": "cpu_count",
            "sys": "exit setrecursionlimit setswitchinterval settrace setprofile getrefcount"
            " getsizeof getallocatedblocks getunicodeinternedsize getswitchinterval"
            " getrecursionlimit gettrace getprofile getdefaultencoding getfilesystemencoding"
            " getfilesystemencodeerrors getdlopenflags setdlopenflags getwindowsversion _getframe"
            " _current_frames _current_exceptions _clear_type_cache _clear_internal_caches"
            " _debugmallocstats remote_exec addaudithook audit is_finalizing call_tracing"
            " set_asyncgen_hooks set_coroutine_origin_tracking_depth set_int_max_str_digits"
            " activate_stack_trampoline deactivate_stack_trampoline",
            "sys.monitoring": "*",
            "gc": "*",
            "signal": "signal alarm setitimer getitimer getsignal raise_signal set_wakeup_fd"
            " siginterrupt sigpending pthread_sigmask default_int_handler",
            "asyncio.AbstractEventLoop": "add_signal_handler remove_signal_handler",
            "atexit": "*",
            "faulthandler": "*",
            "tracemalloc": "*",
            "resource": "*",
            "builtins": "id hash exit quit",
            "weakref": "finalize",
            "ctypes": "CDLL PyDLL WinDLL OleDLL",
            "ctypes.cdll": "*",
            "ctypes.util": "find_library",
            "codecs": "register unregister register_error",
            "copyreg": "pickle constructor add_extension remove_extension",
            "warnings": "simplefilter filterwarnings resetwarnings",
            "decimal": "setcontext",
            "threading": "stack_size",
            "cProfile": "run runctx",
            "profile": "run runctx",
        },
    },
    attributes={
        "environment": {"os": "environ environb"},
        "process_state": {
            "os": "name",
            "sys": "argv orig_argv path platform executable prefix base_prefix exec_prefix"
            " base_exec_prefix flags modules meta_path path_hooks path_importer_cache warnoptions"
            " pycache_prefix platlibdir winver",
            "time": "tzname timezone altzone daylight",
            "zoneinfo": "TZPATH",
        },
    },
    advice={
        "os.environ": "read it in an activity, or once by durable_async.side_effect(...)",
        "os.getenv": "read it in an activity, or once by durable_async.side_effect(...)",
        "builtins.hash": "hashlib, or zlib.crc32(...) of the encoded text",
        "builtins.id": "a field that names the thing, or durable_async.uuid4()",
    },
    pure={
        "platform": "uname_result AndroidVer IOSVersionInfo",
        "locale": "normalize locale_alias locale_encoding_alias windows_locale LC_ALL Error"
        " CHAR_MAX",
        "resource": "struct_rusage error",
        "pwd": "struct_passwd",
        "grp": "struct_group",
        "tracemalloc": "Filter DomainFilter Snapshot Statistic StatisticDiff Trace Traceback Frame"
        " BaseFilter",
        "sys": "intern exc_info exception version version_info maxsize maxunicode byteorder"
        " float_info int_info hash_info float_repr_style hexversion implementation api_version"
        " builtin_module_names stdlib_module_names copyright thread_info abiflags stdin stdout"
        " stderr excepthook breakpointhook unraisablehook get_asyncgen_hooks"
        " get_coroutine_origin_tracking_depth get_int_max_str_digits is_stack_trampoline_active"
        " dont_write_bytecode __stdout__ __stderr__"
        " api_version",
        "weakref": "WeakKeyDictionary WeakValueDictionary WeakSet WeakMethod ref proxy"
        " getweakrefcount getweakrefs KeyedRef ReferenceType ProxyType CallableProxyType"
        " ProxyTypes",
        "warnings": "warn catch_warnings deprecated formatwarning warn_explicit WarningMessage"
        " showwarning filters defaultaction onceregistry",
        "contextvars": "*",
        "decimal": "*",
        "copyreg": "clear_extension_cache dispatch_table pickle_complex pickle_union",
        "ctypes": "*",
        "signal": "Signals Handlers Sigmasks strsignal valid_signals struct_siginfo ItimerError"
        " SIGTERM NSIG",
        "cProfile": "Profile label main",
        "profile": "Profile main",
    },
)
