"""Critical sections. Invariant: what a section has asked for it gives back on every way out, also
before it was granted; and no section waits for another one that its own code holds.

All locks of a section are asked for at once and granted in one order, the same for everybody, so
that sections cannot wait for one another in a circle.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from durable_async.dsl.context import refuse_in_operation, required
from durable_async.dsl.references import EntityRef, checked_key
from durable_async.dsl.sections import Section, enter, leave, refuse_in_section
from durable_async.errors import LockError
from durable_async.lines import place_of, user_place
from durable_async.model.identity import NAMED_LOCK, EntityId
from durable_async.ports import OrchestratorRuntime

__all__ = ["CriticalSection", "lock"]


def lock(*names: EntityRef[Any] | str) -> CriticalSection:
    """A critical section: `async with da.lock(source, target, "or-a-name"):`.

    Inside an orchestrator. While its body runs nobody else's operation runs on these entities, and
    no other section holds any of them, or any of the names. Inside, `ref.call` reaches what is
    locked at once; signals are allowed, and wait for the release when they are for what is locked.
    The locks are taken in sorted order, one after the other, each first come, first served. Leaving
    gives them back, in whatever way: return, exception, cancellation (also of the wait for them);
    so does the end of the instance, and continue_as_new.
    names: references of entities, or names that mean what you like; the same one twice counts once.
    Raises: ValueError without any, or for a name that cannot be; TypeError for what is neither;
    OutsideOrchestratorError; NotDurableError inside an operation. At `async with`: LockError inside
    another section, or for a section that was used before; asyncio.CancelledError.
    Records: LockRequested, CallCompleted when all are granted, LockReleased.
    Known elsewhere as: Azure's critical sections (lock_entities).
    """
    refuse_in_operation("da.lock is used")
    runtime = required("lock")
    line = place_of(user_place(2))
    if not names:
        raise ValueError(
            f"da.lock() at {line} locks nothing: name at least one entity "
            '(da.entity_ref(Account, "a-1")), or any name ("billing")'
        )
    return CriticalSection(frozenset(map(_identity, names)), line, runtime)


class CriticalSection:
    """What `lock` gives: for one `async with`."""

    def __init__(
        self, entities: frozenset[EntityId], line: str, runtime: OrchestratorRuntime
    ) -> None:
        self._entities = entities
        self._line = line
        self._runtime = runtime
        self._used = False
        self._section: Section | None = None

    def __repr__(self) -> str:
        return f"<critical section at {self._line}>"

    async def __aenter__(self) -> None:
        if self._used:
            raise LockError(
                f"the critical section made at {self._line} is used a second time: each "
                "`async with` needs a da.lock(...) of its own"
            )
        self._used = True
        refuse_in_section("da.lock is used", self._line)
        number, granted = self._runtime.request_lock(
            entities=tuple(sorted(self._entities)), line=self._line
        )
        try:
            await granted
        except BaseException:
            # It may have been granted in the very step in which the wait was cancelled.
            self._runtime.release_lock(number)
            raise
        self._section = Section(entities=self._entities, number=number, line=self._line)
        enter(self._section)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        section, self._section = self._section, None
        assert section is not None, "it is left once, after it was entered"
        leave(section)
        self._runtime.release_lock(section.number)


def _identity(named: object) -> EntityId:
    match named:
        case EntityRef():
            return named.id
        case str():
            return EntityId(NAMED_LOCK, checked_key(named))
        case _:
            raise TypeError(
                "da.lock takes references of entities (da.entity_ref(Account, 'a-1')) and names "
                f"('billing'), and {named!r} is neither"
            )
