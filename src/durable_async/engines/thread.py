"""The thread that owns an engine.

Invariant: the engine is opened, used and closed by one thread. While nothing is to be done that
thread sleeps: until it is woken, until something is due, or, as long as somebody here waits for
news, until it is time to see whether other processes have committed.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from types import TracebackType
from typing import Final

from durable_async.engines.requests import Answers, refusal_of
from durable_async.engines.turns import Turns
from durable_async.errors import StoreError
from durable_async.ports import Engine

__all__ = ["Bell", "EngineThread"]

_logger = logging.getLogger("durable_async.engines")

LOOK_SOON: Final = 0.02
LOOK_LATER: Final = 0.05
"""Seconds between two looks at what other processes did: soon after a turn with news, later when
nothing happens."""

AFTER_A_MISTAKE: Final = 1.0


class Bell:
    """Wakes one thread. Ringing twice before it wakes is ringing once.

    A lock as a binary semaphore: of all primitives the quickest to ring (0.05 us if it rings
    already), and safe in signal handlers and finalisers, which `threading.Event` is not.
    """

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def ring(self) -> None:
        if self._lock.locked():
            try:
                self._lock.release()
            except RuntimeError:  # another thread rang at the same moment
                return

    def wait(self, seconds: float | None) -> bool:
        """Whether it rang. None waits for ever."""
        if seconds is None:
            return self._lock.acquire()
        return self._lock.acquire(timeout=min(seconds, threading.TIMEOUT_MAX))


class EngineThread:
    """`async with EngineThread(engine) as turns:` opens the engine, and closes it at the end.

    The thread is a daemon: an interpreter that exits without closing does not wait for it.
    What was acknowledged until then is durable; nothing else is promised.
    Raises: StoreError, when entered, if the engine cannot be opened.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._bell = Bell()
        self._turns = Turns(engine, wake=self._bell.ring)
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._has_ended = False
        self._closers: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> Turns:
        return await self.open()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def open(self) -> Turns:
        if self._thread is not None:
            raise RuntimeError("an EngineThread is opened once; make another one")
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._thread = threading.Thread(
            target=self._run, args=(opened,), name="durable-engine", daemon=True
        )
        self._thread.start()
        try:
            await opened
        except asyncio.CancelledError:
            self._stop()
            raise
        return self._turns

    async def close(self) -> None:
        """What was asked before is answered first. Closing twice is closing once."""
        if self._thread is None:
            return
        self._stop()
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._closers.append(ended)
        if self._has_ended:  # looked at after the append: either the thread finds it, or this
            self._tell_closers()
        await ended
        self._thread.join()  # it has nothing left to do but return

    def _stop(self) -> None:
        self._stopping = True
        self._bell.ring()

    # ---- in the thread ---------------------------------------------------------------------

    def _run(self, opened: asyncio.Future[None]) -> None:
        try:
            self._engine.open()
        except BaseException as error:  # also what is no Exception must reach the opener
            _logger.debug("the engine could not be opened", exc_info=True)
            _tell(opened, error if isinstance(error, StoreError) else refusal_of(error))
        else:
            _tell(opened)
            self._run_turns()
            self._close_engine()
        finally:
            self._turns.close()
            self._has_ended = True
            self._tell_closers()

    def _run_turns(self) -> None:
        look_every = LOOK_SOON
        while True:
            # Before the turn: what was asked before `close` gets a turn after it.
            stopping = self._stopping
            pause = self._run_turn()
            if stopping:
                return
            if self._turns.listens:
                pause = look_every if pause is None else min(pause, look_every)
            rang = self._bell.wait(pause)
            look_every = LOOK_SOON if rang else min(LOOK_LATER, look_every * 1.2)

    def _run_turn(self) -> float | None:
        try:
            return self._turns.run_turn()
        except Exception:
            _logger.critical("a turn failed; those who asked were told", exc_info=True)
            return AFTER_A_MISTAKE

    def _close_engine(self) -> None:
        self._turns.close()  # drivers give back what they hold while the engine is open
        try:
            self._engine.close()
        except Exception:
            _logger.exception("the engine could not be closed in order")

    def _tell_closers(self) -> None:
        while True:
            try:
                closer = self._closers.popleft()
            except IndexError:
                return
            _tell(closer)


def _tell(future: asyncio.Future[None], error: BaseException | None = None) -> None:
    answers = Answers()
    if error is None:
        answers.give(future, None)
    else:
        answers.refuse(future, error)
    answers.deliver()
