"""Which function of asyncio or anyio calls the loop. Invariant: only code objects are compared, so
that a function that a Python or an anyio does not have is called by nobody.

asyncio mixes what it was given into sets before the loop sees it; only the caller's frame still
knows the order. anyio asks a loop nothing for which it could be refused before it starts a thread.
"""

from __future__ import annotations

import asyncio
from types import CodeType, FrameType
from typing import Any, Final

__all__ = ["WAIT", "WRAP_FUTURE", "given_to_as_completed", "makes_anyio_thread"]


def _code_of(function: Any) -> CodeType | None:
    return getattr(function, "__code__", None)


_TASKS: Final = vars(asyncio.tasks)
_AS_COMPLETED: Final = _code_of(asyncio.as_completed)
WAIT: Final = _code_of(getattr(asyncio.tasks, "_wait", None))
WRAP_FUTURE: Final = _code_of(asyncio.wrap_future)


def given_to_as_completed(frame: FrameType) -> Any:
    """What `as_completed` is to wait for, if this is a frame within it; else None."""
    # Reading a frame's code is an event that is audited, and costs ten times as much.
    if frame.f_globals is not _TASKS:
        return None
    outer = frame.f_back
    while outer is not None and outer.f_globals is _TASKS:
        frame, outer = outer, outer.f_back
    return frame.f_locals["fs"] if frame.f_code is _AS_COMPLETED else None


_ANYIO: Final = "anyio._backends._asyncio"


def makes_anyio_thread(frame: FrameType) -> bool:
    """Whether anyio is about to start a thread, if this is who asks for the time: it notes when a
    thread was idle last as it makes it."""
    anyio = frame.f_globals  # which is not audited
    if anyio.get("__name__") != _ANYIO:
        return False
    constructor = _code_of(getattr(anyio.get("WorkerThread"), "__init__", None))
    caller: FrameType | None = frame
    while caller is not None and caller.f_globals is anyio:
        if caller.f_code is constructor:
            return True
        caller = caller.f_back
    return False
