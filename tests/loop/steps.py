"""What a construct may do besides asyncio, and how it is marked.

Invariant: a construct sees nothing but its `Steps`, so that the same function runs as plain
asyncio code and as an orchestrator.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import attrs

__all__ = ["Construct", "Declined", "Mark", "Scripted", "Steps", "construct"]


class Declined(Exception):
    """What a failing activity raises."""


class Steps(Protocol):
    async def act(self, x: int, *, takes: float = 0.0, fails: bool = False) -> int:
        """An activity: x + 1, or `Declined(x)`, after `takes` seconds."""
        ...

    async def child(self, x: int, *, takes: float = 0.0, fails: bool = False) -> int:
        """A child; otherwise as an activity."""
        ...

    async def call(self, x: int, *, takes: float = 0.0, fails: bool = False) -> int:
        """An operation of an entity; otherwise as an activity."""
        ...

    async def event(self, name: str) -> Any:
        """The data of the next external event of this name."""
        ...

    def note(self, *what: Any) -> None:
        """Append to the trace, which is compared: the order of execution is part of the result."""
        ...

    def now(self) -> float:
        """Seconds since the start, to the millisecond."""
        ...


@attrs.frozen
class Scripted:
    """An external event that somebody raises `at` seconds after the start. request: it is a
    request, which is answered."""

    at: float
    name: str
    data: Any = None
    request: bool = False


@attrs.frozen
class Mark:
    """events: raised from outside while it runs. ordered: False if plain asyncio promises no
    order here (sets of tasks, left-over tasks at the end), so that only the result is compared
    with it. since: the first Python that has what the construct needs."""

    events: tuple[Scripted, ...] = ()
    ordered: bool = True
    since: tuple[int, int] = (3, 11)


@attrs.frozen
class Construct:
    name: str
    run: Callable[[Steps], Awaitable[Any]]
    mark: Mark


F = TypeVar("F", bound=Callable[..., Any])


def construct(
    *,
    events: tuple[tuple[float, str, Any], ...] = (),
    ordered: bool = True,
    since: tuple[int, int] = (3, 11),
) -> Callable[[F], F]:
    """Mark a function as a construct; it is found by its mark, nothing is registered."""

    def mark(function: F) -> F:
        scripted = tuple(Scripted(*event) for event in events)
        function.construct = Mark(events=scripted, ordered=ordered, since=since)
        return function

    return mark
