"""Keeps an episode from doing what its replay could not repeat. Invariant: what the guard forbids
is forbidden in the thread of an episode, while it runs, and nowhere else in the process.

Two ways of looking. An *audit hook* is told of files, sockets, names that are looked up, processes,
databases; it is put in once for each process and cannot be taken out, so that it must cost nothing
elsewhere: it looks into one dict, which is empty while no episode runs. A *profiler*, for tests, is
told of each function of C: clocks, chance, the state of the process.

What was called is forbidden, unless it is durable_async itself that called it, for its own ends,
or one of the callers, between the user's code and the call, is exempt: an import, a log handler, a
debugger, a finaliser, a side effect.
"""

from __future__ import annotations

import functools
import gc
import importlib
import logging
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, Final, Literal, NoReturn, assert_never

from durable_async.convert.values import Converter
from durable_async.core import loop, tasks
from durable_async.core.refusals import not_durable
from durable_async.core.runtime import Runtime
from durable_async.lines import is_own_file, is_users_file, line_of_frame
from durable_async.worker import oversight
from durable_async.worker.oversight import EDGE, GUARDED, Oversight
from durable_async.worker.places import users_line
from durable_async.worker.vocabulary import AUDITED, CALLS, EXEMPT_MODULES

__all__ = ["Guard", "GuardMode", "check_mode", "guard_for"]

GuardMode = Literal["off", "audit", "strict"]

_logger: Final = logging.getLogger("durable_async.worker")

_TEXT_LIMIT: Final = 120

_get_ident: Final = threading.get_ident


class Guard:
    """Looks at code of orchestrators and entities while it runs, in the threads of `GUARDED`. This
    one has the audit hook alone."""

    is_strict = False

    def begin(self) -> None:
        """Look at calls from here on."""

    def end(self) -> None:
        """That is over."""


def check_mode(mode: str) -> GuardMode:
    """Raises: ValueError, saying which there are."""
    match mode:
        case "off" | "audit" | "strict":
            return mode
        case _:
            raise ValueError(f'guard is "off", "audit" or "strict", not {mode!r}')


def guard_for(mode: GuardMode) -> Guard | None:
    """None: it forbids nothing. Raises: RuntimeError for "strict" where a profiler is at work
    already."""
    match mode:
        case "off":
            return None
        case "audit":
            _put_in_hook()
            return Guard()
        case "strict":
            _refuse_second_profiler()
            _put_in_hook()
            return _StrictGuard()
        case _:
            assert_never(mode)


# ---- the audit hook --------------------------------------------------------------------------

_hook_lock: Final = threading.Lock()
_PROBE: Final = "durable_async.guard"
_seen: Final[set[str]] = set()


def _hook(
    event: str,
    args: tuple[Any, ...],
    # As locals: every event of the process passes here.
    guarded: dict[int, bool] = GUARDED,
    audited: frozenset[str] = frozenset((*AUDITED, _PROBE)),
) -> None:
    if not guarded:
        return
    if event in audited:
        strict = guarded.get(_get_ident())
        if strict is not None:
            _refuse_event(event, args)


def _put_in_hook() -> None:
    """Once for each process. Another hook may forbid it, silently."""
    with _hook_lock:
        if _PROBE in _seen:
            return
        sys.addaudithook(_hook)
        Oversight(Guard()).call("a", "probe", sys.audit, _PROBE)
        if _PROBE not in _seen:
            _logger.warning(
                "this process lets nobody add an audit hook: orchestrators can do what their "
                'replay cannot repeat, and nothing will say so. guard="off" says that it is meant'
            )
            _seen.add(_PROBE)


# ---- the profiler ------------------------------------------------------------------------------


def _refuse_second_profiler() -> None:
    if sys.getprofile() is not None or threading.getprofile() is not None:
        found = sys.getprofile() or threading.getprofile()
        raise RuntimeError(
            f'guard="strict" looks at calls as a profiler does, and {found!r} is there already. '
            'Profile with guard="audit", or take the profiler out'
        )


class _StrictGuard(Guard):
    is_strict = True

    def __init__(self) -> None:
        self._calls = _known_calls()
        self._is_in = False
        self._complained = False

    def begin(self) -> None:
        self._is_in = sys.getprofile() is None
        if self._is_in:
            sys.setprofile(self._look)
        elif not self._complained:
            self._complained = True
            _logger.warning(
                'guard="strict" does not look at clocks and chance while another profiler is at '
                "work: %r",
                sys.getprofile(),
            )

    def end(self) -> None:
        if self._is_in:
            sys.setprofile(None)

    def _look(self, frame: FrameType, event: str, arg: Any) -> None:
        if event != "c_call":
            return
        way_out = self._calls.get(arg)
        if way_out is not None:
            name = _name_of(arg)
        elif frame.f_code is _SEED and frame.f_locals.get("a", arg) is None:
            name, way_out = "random.Random() without a seed", "random.Random(seed) or da.random()"
        else:
            return
        if not _is_exempt(frame):
            _refuse_call(name, way_out, _line(frame), _Again(self._look))


_SEED: Final = random.Random.seed.__code__
"""Makes `random.Random()` a stream of its own in each process, unless it is given a seed."""


def _refuse_call(name: str, way_out: str, line: str, again: _Again) -> NoReturn:
    """Whatever leaves a profiler takes it out. again: puts it in again once the exception, whose
    traceback holds this frame, is forgotten: at the end of the `except` that caught it."""
    raise not_durable(name, way_out, line)


class _Again:
    """Puts a profiler in when it is forgotten, if its episode still runs in this thread."""

    __slots__ = ("_profiler", "_thread")

    def __init__(self, profiler: Callable[[FrameType, str, Any], None]) -> None:
        self._profiler = profiler
        self._thread = _get_ident()

    def __del__(self) -> None:
        here = _get_ident()
        if here == self._thread and GUARDED.get(here) and sys.getprofile() is None:
            sys.setprofile(self._profiler)


def _known_calls() -> dict[object, str]:
    calls: dict[object, str] = {}
    for name, way_out in CALLS.items():
        module, _, path = name.partition(":")
        try:
            found = functools.reduce(getattr, path.split("."), importlib.import_module(module))
        except (ImportError, AttributeError):
            continue  # not on this system, or not in this Python
        calls[found] = way_out
    return calls


def _name_of(function: Any) -> str:
    module = getattr(function, "__module__", None)
    owner = getattr(function, "__self__", None)
    if module is None and owner is not None:
        module = owner.__module__ if isinstance(owner, type) else type(owner).__module__
    name = getattr(function, "__qualname__", repr(function))
    return f"{_PLAIN_NAMES.get(module, module)}.{name}" if module else name


_PLAIN_NAMES: Final = {"posix": "os", "nt": "os", "_random": "random"}


# ---- who called --------------------------------------------------------------------------------


def _refuse_event(event: str, args: tuple[Any, ...]) -> None:
    if event == _PROBE:
        _seen.add(event)
        return
    frame = sys._getframe(2)  # who caused the event
    if _is_exempt(frame) or (event == "open" and _is_time_zone(args)):
        return
    name, way_out = AUDITED[event]
    raise not_durable(_shown(event, name, args), way_out, _line(frame))


_EXEMPT_CODE: Final = frozenset(
    (Runtime.side_effect.__code__, Converter.seal.__code__, Converter.unseal.__code__)
)
"""Effects that are recorded, and the user's codec, which may keep payloads elsewhere."""


_PASSING_ON: Final = frozenset((oversight.__file__, loop.__file__, tasks.__file__))
"""These call what they are given, be it of Python's own library: the user's doing."""


def _is_ours(frame: FrameType) -> bool:
    """Whether durable_async called it, and no code of the user's in between."""
    here: FrameType | None = frame
    while here is not None:
        file = here.f_code.co_filename
        if is_own_file(file):
            return file not in _PASSING_ON
        if is_users_file(file):
            return False
        here = here.f_back
    return False


def _is_exempt(frame: FrameType) -> bool:
    if _is_ours(frame):
        return True
    exempt = _EXEMPT_CODE | _interrupting()
    here: FrameType | None = frame
    while here is not None:
        code = here.f_code
        if code is EDGE:
            return False
        if code in exempt or code.co_name == "__del__":
            return True
        if code.co_filename.startswith(("<frozen importlib", "<frozen zipimport")):
            return True
        name = here.f_globals.get("__name__")
        if isinstance(name, str) and name.partition(".")[0] in EXEMPT_MODULES:
            return True
        here = here.f_back
    return False


def _interrupting() -> set[CodeType]:
    """Functions that the interpreter calls in the midst of others: whoever watches the collector,
    and handlers of signals."""
    handlers = [signal.getsignal(number) for number in signal.valid_signals()]
    codes = [getattr(each, "__code__", None) for each in (*gc.callbacks, *handlers)]
    return {code for code in codes if isinstance(code, CodeType)}


def _is_time_zone(args: tuple[Any, ...]) -> bool:
    """`ZoneInfo`, being written in C, has no frame of its own when it reads a file."""
    path = args[0] if args else None
    zones = sys.modules.get("zoneinfo")
    if zones is None or not isinstance(path, str):
        return False
    return any(path.startswith(folder.rstrip(os.sep) + os.sep) for folder in zones.TZPATH) or (
        f"{os.sep}tzdata{os.sep}zoneinfo{os.sep}" in path
    )


def _shown(event: str, name: str, args: tuple[Any, ...]) -> str:
    """The call, with what it is about, if that is told."""
    about = args[1] if event in _SECOND_ARGUMENT and len(args) > 1 else args[0] if args else None
    if not isinstance(about, str | bytes | tuple | list | os.PathLike):
        return name
    text = repr(about)
    return f"{name}({text if len(text) <= _TEXT_LIMIT else f'{text[:_TEXT_LIMIT]}...'})"


_SECOND_ARGUMENT: Final = frozenset(
    {"socket.connect", "socket.bind", "socket.sendto", "http.client.connect"}
)
"""Events whose first argument is the object that does it."""


def _line(frame: FrameType) -> str:
    return users_line(frame, (EDGE,)) or line_of_frame(frame)
