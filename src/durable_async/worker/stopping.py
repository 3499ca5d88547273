"""When the operating system asks a worker to stop. Invariant: the first signal asks, the second
insists, and afterwards signals do what they did before.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Final, Self

__all__ = ["StopSignals"]

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """asked: set by the first SIGINT or SIGTERM. insisted: by the second.

    Used as `with StopSignals() as signals:` on a running loop. Only the main thread is told of
    signals; in another one, both events stay unset.
    """

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.insisted = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._former: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            # signal.signal, not loop.add_signal_handler: it works on Windows too, and what was
            # there before (asyncio.run has a handler for SIGINT) can be put back.
            for number in _SIGNALS:
                self._former[number] = signal.signal(number, self._receive)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, former in self._former.items():
            signal.signal(number, signal.SIG_DFL if former is None else former)
        self._former.clear()

    def _receive(self, number: int, frame: FrameType | None) -> None:
        # A handler runs between two instructions of the main thread; the loop may be waiting.
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._note)

    def _note(self) -> None:
        (self.insisted if self.asked.is_set() else self.asked).set()
