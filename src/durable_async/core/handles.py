"""What a loop runs: callbacks that are ready, and those that are due some day. Invariant: one that
is due some day is a durable timer, and only history says that it has fired.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Protocol

__all__ = ["NO_NUMBER", "NO_TIMERS", "Handle", "TimerHandle", "Timers"]

NO_NUMBER: Final = -1
"""Of what nobody started."""


class Timers(Protocol):
    """Where timers become durable."""

    def start_timer(self, due: datetime, handle: TimerHandle) -> int:
        """Its number. The handle is run when history says that the timer fired."""
        ...

    def cancel_timer(self, number: int) -> None: ...

    def order_cancels(self) -> None:
        """A step has ended in which tasks were cancelled, in an order that may be accidental."""
        ...

    def refuse_in_side_effect(self, what: str) -> None:
        """Raises: NotDurableError if a side effect runs: replay will pass over what it does."""
        ...


class _NoTimers:
    """The `Timers` of a loop that was discarded: a finalizer may still ask for one."""

    def start_timer(self, due: datetime, handle: TimerHandle) -> int:
        return NO_NUMBER

    def cancel_timer(self, number: int) -> None:
        pass

    def order_cancels(self) -> None:
        pass

    def refuse_in_side_effect(self, what: str) -> None:
        """None runs."""


NO_TIMERS: Final = _NoTimers()


class Handle(asyncio.Handle):
    """An `asyncio.Handle` without the debugging that needs a real loop."""

    __slots__ = ()
    _context: contextvars.Context
    _callback: Callable[..., object]

    def __init__(
        self,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        loop: asyncio.AbstractEventLoop,
        context: contextvars.Context | None,
    ) -> None:
        self._context = contextvars.copy_context() if context is None else context
        self._loop = loop
        self._callback = callback
        self._args = args
        self._cancelled = False
        self._repr = None
        self._source_traceback = None


class TimerHandle(asyncio.TimerHandle):
    """number: of the durable timer; None if it was due at once and none was started."""

    __slots__ = ("number",)
    _context: contextvars.Context
    _callback: Callable[..., object]
    _scheduled: bool

    def __init__(
        self,
        when: float,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        loop: asyncio.AbstractEventLoop,
        context: contextvars.Context | None,
    ) -> None:
        super().__init__(when, callback, args, loop, context)
        self.number: int | None = None
