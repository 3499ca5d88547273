"""Which calls leave what replay can repeat. Invariant: data only; what is done about them is the
guard's.

Two tables, for the two ways in which a call is seen: events that Python audits, and functions of C
that a profiler is told of. Each has the way out.
"""

from __future__ import annotations

from typing import Final

__all__ = ["AUDITED", "CALLS", "EXEMPT_MODULES"]

_FILE: Final = (
    "do it in an activity, and await that; a small setting can be read by "
    "da.side_effect(read_it), which records what it gives"
)
_NETWORK: Final = "do it in an activity, and await that: it is tried again, and its result recorded"
_PROCESS: Final = "start it in an activity, and await that"
_THREAD: Final = (
    "write the function as a plain `def` activity, which runs in a thread of a worker, or use "
    "asyncio.create_task"
)
_SLEEP: Final = "await asyncio.sleep(...), which is a durable timer here"
_DATABASE: Final = "query it in an activity, and await that"
_INPUT: Final = "await da.wait_for_event(...), and let whoever has the answer raise that event"

AUDITED: Final[dict[str, tuple[str, str]]] = {
    "open": ("open", _FILE),
    "os.listdir": ("os.listdir", _FILE),
    "os.scandir": ("os.scandir", _FILE),
    "os.mkdir": ("os.mkdir", _FILE),
    "os.rmdir": ("os.rmdir", _FILE),
    "os.remove": ("os.remove", _FILE),
    "os.rename": ("os.rename", _FILE),
    "os.link": ("os.link", _FILE),
    "os.symlink": ("os.symlink", _FILE),
    "os.truncate": ("os.truncate", _FILE),
    "shutil.copyfile": ("shutil.copyfile", _FILE),
    "shutil.copytree": ("shutil.copytree", _FILE),
    "shutil.move": ("shutil.move", _FILE),
    "shutil.rmtree": ("shutil.rmtree", _FILE),
    "tempfile.mkstemp": ("tempfile.mkstemp", _FILE),
    "tempfile.mkdtemp": ("tempfile.mkdtemp", _FILE),
    "socket.__new__": ("socket.socket", _NETWORK),
    "socket.connect": ("socket.connect", _NETWORK),
    "socket.bind": ("socket.bind", _NETWORK),
    "socket.sendto": ("socket.sendto", _NETWORK),
    "socket.sendmsg": ("socket.sendmsg", _NETWORK),
    "socket.getaddrinfo": ("socket.getaddrinfo", _NETWORK),
    "socket.getnameinfo": ("socket.getnameinfo", _NETWORK),
    "socket.gethostbyname": ("socket.gethostbyname", _NETWORK),
    "socket.gethostbyaddr": ("socket.gethostbyaddr", _NETWORK),
    "socket.gethostname": ("socket.gethostname", _NETWORK),
    "urllib.Request": ("urllib.request.urlopen", _NETWORK),
    "http.client.connect": ("http.client", _NETWORK),
    "ftplib.connect": ("ftplib", _NETWORK),
    "imaplib.open": ("imaplib", _NETWORK),
    "poplib.connect": ("poplib", _NETWORK),
    "smtplib.connect": ("smtplib", _NETWORK),
    "webbrowser.open": ("webbrowser.open", _PROCESS),
    "subprocess.Popen": ("subprocess.Popen", _PROCESS),
    "os.system": ("os.system", _PROCESS),
    "os.exec": ("os.exec", _PROCESS),
    "os.fork": ("os.fork", _PROCESS),
    "os.forkpty": ("os.forkpty", _PROCESS),
    "os.posix_spawn": ("os.posix_spawn", _PROCESS),
    "os.spawn": ("os.spawn", _PROCESS),
    "os.startfile": ("os.startfile", _PROCESS),
    "pty.spawn": ("pty.spawn", _PROCESS),
    "sqlite3.connect": ("sqlite3.connect", _DATABASE),
    "builtins.input": ("input", _INPUT),
    # Python 3.12 and later:
    "_thread.start_new_thread": ("a new thread", _THREAD),
    # Python 3.13 and later:
    "_thread.start_joinable_thread": ("a new thread", _THREAD),
    "time.sleep": ("time.sleep", _SLEEP),
}
"""Audit events: what the message calls them, and the way out."""

_CLOCK: Final = "da.now() or the loop's time(), which stand still within an episode"
_RANDOM: Final = "da.random(), a stream that is the same at replay"
_BYTES: Final = "da.random() or da.uuid4(); secrets belong into an activity"
_STATE: Final = "look in an activity, and await that, or record it with da.side_effect(...)"
_WAIT: Final = "await asyncio's own means here; what is outside is waited for in an activity"

CALLS: Final[dict[str, str]] = {
    "time:time": _CLOCK,
    "time:time_ns": _CLOCK,
    "time:monotonic": _CLOCK,
    "time:monotonic_ns": _CLOCK,
    "time:perf_counter": _CLOCK,
    "time:perf_counter_ns": _CLOCK,
    "time:process_time": _CLOCK,
    "time:process_time_ns": _CLOCK,
    "time:thread_time": _CLOCK,
    "time:thread_time_ns": _CLOCK,
    "time:clock_gettime": _CLOCK,
    "time:clock_gettime_ns": _CLOCK,
    "datetime:datetime.now": _CLOCK,
    "datetime:datetime.utcnow": _CLOCK,
    "datetime:datetime.today": _CLOCK,
    "datetime:date.today": _CLOCK,
    "random:_inst.random": _RANDOM,
    "random:_inst.getrandbits": _RANDOM,
    "os:urandom": _BYTES,
    "os:getrandom": _BYTES,
    "_uuid:generate_time_safe": "da.uuid4()",
    "time:sleep": _SLEEP,
    "select:select": _WAIT,
    "_thread:start_new_thread": _THREAD,
    "_thread:start_joinable_thread": _THREAD,
    "os:stat": _STATE,
    "os:lstat": _STATE,
    "os:access": _STATE,
    "os:readlink": _STATE,
    "os:getcwd": _STATE,
    "os:getcwdb": _STATE,
    "os:getpid": _STATE,
    "os:getppid": _STATE,
    "os:cpu_count": _STATE,
    "os:getloadavg": _STATE,
    "os:uname": _STATE,
    "os:times": _STATE,
}
"""Functions of C as "module:name", and the way out. Not those that read a clock only if they are
given no argument (`time.localtime`): a profiler sees no arguments. Which of them a Python lacks is
passed over."""

EXEMPT_MODULES: Final = frozenset(
    {
        # What Python does behind the code's back: imports, source lines, time zones, warnings.
        *("importlib", "zipimport", "pkgutil", "linecache", "tokenize", "traceback", "inspect"),
        *("warnings", "weakref", "zoneinfo"),
        # What is only seen. Its handlers may open files, connect and start threads.
        *("logging", "loguru"),
        # Time zones that are not the standard library's.
        *("dateutil", "pytz", "tzdata", "tzlocal"),
        # Whoever watches the code: coverage, debuggers, test runners.
        *("coverage", "bdb", "pdb", "IPython", "debugpy", "ipdb", "pdbpp", "pudb"),
        *("pydevd", "pydev_ipython", "pytest_timeout", "_pytest"),
        *("_pydev_bundle", "_pydev_imps", "_pydev_runfiles", "_pydevd_bundle"),
        *("_pydevd_frame_eval", "_pydevd_sys_monitoring", "pydevd_plugins", "pydevd_tracing"),
    }
)
"""Packages and modules that may do what they like, and so may all that they call."""
