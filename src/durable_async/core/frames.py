"""Which of asyncio's own functions calls the loop. Invariant: only code objects are compared, so
that a function that a Python does not have is called by nobody.

asyncio mixes what it was given into sets before the loop sees it; only the caller's frame still
knows the order.
"""

from __future__ import annotations

import asyncio
from types import CodeType, FrameType
from typing import Any, Final

__all__ = ["ENSURE_FUTURE", "WAIT", "WRAP_FUTURE", "given_to_as_completed"]


def _code_of(function: Any) -> CodeType | None:
    return getattr(function, "__code__", None)


ENSURE_FUTURE: Final = frozenset(
    code
    for code in (
        _code_of(asyncio.ensure_future),
        _code_of(getattr(asyncio.tasks, "_ensure_future", None)),
    )
    if code is not None
)
_AS_COMPLETED: Final = {
    _code_of(asyncio.as_completed): "fs",
    _code_of(
        getattr(getattr(asyncio.tasks, "_AsCompletedIterator", None), "__init__", None)
    ): "aws",
}
WAIT: Final = _code_of(getattr(asyncio.tasks, "_wait", None))
WRAP_FUTURE: Final = _code_of(asyncio.wrap_future)


def given_to_as_completed(frame: FrameType) -> Any:
    """What `as_completed` is to wait for, if that made this call of `ensure_future`; else None."""
    caller: FrameType | None = frame
    while caller is not None and (
        caller.f_code in ENSURE_FUTURE or caller.f_code.co_name == "<setcomp>"
    ):
        caller = caller.f_back
    if caller is None or caller.f_code not in _AS_COMPLETED:
        return None
    return caller.f_locals[_AS_COMPLETED[caller.f_code]]
