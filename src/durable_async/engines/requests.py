"""What clients ask of a turn, and where the answers go.

Invariant: a request is answered once, on the loop that asked, however the asker fares meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import attrs

from durable_async.errors import StoreError
from durable_async.model.work import Answer, Created, CreateInstance, InstanceRecord, Message
from durable_async.ports import Driver, Engine

__all__ = [
    "Answers",
    "Asking",
    "Attaching",
    "Creation",
    "Detaching",
    "Forgetting",
    "Reading",
    "Request",
    "Sending",
    "Watching",
    "refusal_of",
]

T = TypeVar("T")


@attrs.define(eq=False)
class Creation:
    request: CreateInstance
    answer: asyncio.Future[Created]


@attrs.define(eq=False)
class Sending:
    message: Message
    answer: asyncio.Future[int]


@attrs.define(eq=False)
class Reading:
    """read: runs in the turn's thread, between commits."""

    read: Callable[[Engine], Any]
    answer: asyncio.Future[Any]


@attrs.define(eq=False)
class Watching:
    """Somebody waits until the instance has ended. stuck: see Connection.ended. whole: for its
    record; otherwise for its InstanceEnd. told: why it was last said to be stuck, so that it is
    said once."""

    instance_id: str
    stuck: Callable[[InstanceRecord], None] | None
    answer: asyncio.Future[Any]
    whole: bool = True
    told: str | None = None


@attrs.define(eq=False)
class Asking:
    """Somebody waits until the instance has answered this request. created_at: of the instance, as
    it was when it was first looked at; another one that replaces it will not answer."""

    instance_id: str
    request_id: str
    answer: asyncio.Future[Answer]
    created_at: datetime | None = None


@attrs.define(eq=False)
class Forgetting:
    """Nobody waits for this any more."""

    waiting: Watching | Asking


@attrs.define(eq=False)
class Attaching:
    driver: Driver


@attrs.define(eq=False)
class Detaching:
    driver: Driver
    answer: asyncio.Future[None]


Request = Creation | Sending | Reading | Watching | Asking | Forgetting | Attaching | Detaching


class Answers:
    """The answers of one turn, kept back until it is over: one wake-up for each asking loop."""

    __slots__ = ("_by_loop",)

    def __init__(self) -> None:
        self._by_loop: dict[asyncio.AbstractEventLoop, list[Callable[[], None]]] = {}

    def give(self, future: asyncio.Future[T], value: T) -> None:
        def answer() -> None:
            if not future.done():  # the asker may have been cancelled
                future.set_result(value)

        self._for(future).append(answer)

    def refuse(self, future: asyncio.Future[Any], error: BaseException) -> None:
        def answer() -> None:
            if not future.done():
                future.set_exception(error)

        self._for(future).append(answer)

    def tell(self, watching: Watching, record: InstanceRecord) -> None:
        """Say that the instance is stuck."""
        stuck, future = watching.stuck, watching.answer

        def answer() -> None:
            if stuck is not None and not future.done():
                stuck(record)

        self._for(future).append(answer)

    def deliver(self) -> None:
        for loop, answers in self._by_loop.items():
            try:
                loop.call_soon_threadsafe(_run_all, answers)
            except RuntimeError:
                # The loop is closed, and its tasks with it: nobody is left who could be told.
                continue
        self._by_loop.clear()

    def _for(self, future: asyncio.Future[Any]) -> list[Callable[[], None]]:
        loop = future.get_loop()
        answers = self._by_loop.get(loop)
        if answers is None:
            answers = self._by_loop[loop] = []
        return answers


def _run_all(answers: list[Callable[[], None]]) -> None:
    for answer in answers:
        answer()


def refusal_of(error: BaseException) -> StoreError:
    """The error for one asker when a whole commit failed: an exception raised in several tasks
    would collect the tracebacks of all of them."""
    if isinstance(error, StoreError):
        refusal = type(error)(*error.args)
        refusal.__cause__ = error.__cause__
        return refusal
    refusal = StoreError(
        f"the engine could not do this: {type(error).__name__}: {error}. Nothing of it was "
        f"stored; the cause is chained to this error, and the engine goes on"
    )
    refusal.__cause__ = error
    return refusal
