"""Who calls entities, and how. Invariant: a reference names an entity and nothing else; what is
asked of it is checked on the user's line, before anything is recorded.
"""

from __future__ import annotations

import sys
import types
import typing
import zlib
from collections.abc import Callable, Coroutine, Generator
from datetime import datetime
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar, overload

from durable_async.convert.hints import Reference, describe
from durable_async.convert.refusals import Lift, Lower, RefusedError
from durable_async.convert.texts import check_text, in_utc
from durable_async.convert.values import Converter
from durable_async.dsl.calls import Call
from durable_async.dsl.context import (
    converter_of,
    operating,
    refuse_in_operation,
    running,
    sealed,
)
from durable_async.dsl.entities import EntityDefinition, OperationDefinition, definition_of
from durable_async.dsl.sections import section_around
from durable_async.errors import LockError, OutsideOrchestratorError
from durable_async.lines import Place, place_of, user_place
from durable_async.model.identity import EntityId
from durable_async.model.payload import Payload

__all__ = ["KEY_LIMIT", "EntityCall", "EntityRef", "checked_key", "entity_ref"]

P = ParamSpec("P")
R = TypeVar("R")
E = TypeVar("E")
E_co = TypeVar("E_co", covariant=True)

KEY_LIMIT: Final = 255
"""Characters that the key of an entity may have."""


class EntityRef(Generic[E_co]):
    """One entity: its type and its key. Made by `entity_ref`.

    It can be compared, hashed, passed as an argument and kept in a state: its stored form is the
    type's name and the key. type: the name of the entity's definition. key: one of many.
    Known elsewhere as: Azure's EntityId.
    """

    __slots__ = ("_definition", "key", "type")

    def __init__(self, type: str, key: str, definition: EntityDefinition | None = None) -> None:
        self.type: Final = type
        self.key: Final = key
        self._definition = definition

    @property
    def id(self) -> EntityId:
        return EntityId(self.type, self.key)

    @property
    def definition(self) -> EntityDefinition | None:
        """None if only its name is known here."""
        return self._definition

    # ---- asking it for something -------------------------------------------------------------

    @overload
    def call(
        self,
        op: Callable[Concatenate[E_co, P], Coroutine[Any, Any, R]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> EntityCall[R]: ...
    @overload
    def call(
        self, op: Callable[Concatenate[E_co, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> EntityCall[R]: ...
    def call(self, op: Callable[..., Any], /, *args: Any, **kwargs: Any) -> EntityCall[Any]:
        """Have the entity run an operation, and wait: `await ref.call(Counter.add, 5)`.

        Inside an orchestrator. Operations of one entity run one at a time; those of one sender in
        the order in which they were asked for. op: the method, unbound, sync or async.
        Raises, at the call: TypeError for arguments that do not fit its signature;
        SerializationError for one that does not fit its hint; AttributeError if it is no operation;
        OutsideOrchestratorError; NotDurableError inside an operation. At the await: what the
        operation raised (its changes are undone); LockError inside a critical section that has
        not locked the entity; asyncio.CancelledError if the wait is cancelled: then it is taken
        back if it has not begun.
        Records: EntityCalled; then CallCompleted or CallFailed, or EntityCallCancelled.
        Known elsewhere as: Azure's call_entity, calls of Restate's virtual objects.
        """
        return EntityCall(self, op, args, kwargs, user_place(2))

    def signal(
        self, op: Callable[Concatenate[E_co, P], object], /, *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Have the entity run an operation, and do not wait: `ref.signal(Counter.add, 5)`.

        Inside an orchestrator, or an operation of an entity. If it fails, it fails for nobody, and
        a worker logs it. To an entity that is locked it is let through when that lock is released.
        Raises: as `call` does at the call; but inside an operation it is allowed.
        Records: EntitySignalled (inside an operation: nothing; it is sent if that ends well).
        Known elsewhere as: Azure's signal_entity, a one-way call.
        """
        self._signal(op, args, kwargs, None, user_place(2))

    def signal_at(
        self,
        when: datetime,
        op: Callable[Concatenate[E_co, P], object],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """As `signal`, but not before a moment. when: with a time zone; the past means now.

        Raises: ValueError if `when` has no time zone; and as `signal` does.
        Records: EntitySignalled.
        Known elsewhere as: Azure's scheduled signals.
        """
        due = in_utc(when, what="the moment of signal_at")
        self._signal(op, args, kwargs, due, user_place(2))

    def _signal(
        self,
        op: Callable[..., object],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        due: datetime | None,
        place: Place | None,
    ) -> None:
        operation, runtime = operating(), running()
        if operation is not None:
            asked = self.operation(op)
            payload, _ = asked.arguments(converter_of(operation)).encode(args, kwargs)
            operation.signal_entity(entity=self.id, operation=asked.name, input=payload, due=due)
        elif runtime is not None:
            asked = self.operation(op)
            arguments = asked.arguments(converter_of(runtime).unsealed)
            payload, fingerprint = arguments.encode(args, kwargs)
            runtime.signal_entity(
                entity=self.id,
                operation=asked.name,
                input=sealed(runtime, payload, what=f"the arguments of {asked.title}"),
                fingerprint=fingerprint,
                due=due,
                line=lambda: place_of(place),
                definition=self._definition,
            )
        else:
            raise _outside("signal", place)

    def encode(
        self, op: object, args: tuple[Any, ...], kwargs: dict[str, Any], converter: Converter
    ) -> tuple[str, Payload]:
        """The operation's name and its arguments, for who sends it from outside.

        Raises: as `call` does at the call.
        """
        asked = self.operation(op)
        payload, _ = asked.arguments(converter).encode(args, kwargs)
        return asked.name, payload

    def operation(self, op: object) -> OperationDefinition:
        """What `Counter.add` means here. Raises: TypeError, AttributeError."""
        if not isinstance(op, types.FunctionType):
            raise TypeError(
                f"an operation is a method of the entity's class, as in ref.call(Counter.add, 5), "
                f"and not {op!r}"
            )
        definition = self._definition or _definition_by_method(op, self.type)
        if definition is not None:
            self._definition = definition
            return definition.operation(op)
        if op.__name__.startswith("_"):
            raise AttributeError(
                f"entity {self.type!r} has no operation {op.__name__!r}: the operations are the "
                "public methods of its class"
            )
        return OperationDefinition(op, op.__name__, owner=self.type)

    # ---- identity ----------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EntityRef):
            return NotImplemented
        return self.type == other.type and self.key == other.key

    def __hash__(self) -> int:
        # The same in every process, unlike that of text: sets of them iterate alike.
        return zlib.crc32(f"{self.type}\0{self.key}".encode())

    def __repr__(self) -> str:
        return f"<entity {self.type!r} {self.key!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return EntityRef, (self.type, self.key)

    @classmethod
    def __durable_hooks__(cls, hint: Any) -> tuple[Lower, Lift]:
        """How `convert` stores it; see `convert.hooks`."""
        return _hooks(hint)


def entity_ref(entity: type[E], key: str, /) -> EntityRef[E]:
    """A reference to one entity; there need be none yet. Asks nothing of anybody.

    entity: its class, under `@da.entity`. key: 1 to 255 characters, none a control character.
    Raises: TypeError if the class is no entity; ValueError for a key that cannot be.
    """
    definition = definition_of(entity)
    if definition is None:
        raise TypeError(
            f"da.entity_ref takes the class of an entity, and {entity!r} is none: write "
            "`@da.entity` above its `@attrs.define`"
        )
    return EntityRef(definition.name, checked_key(key), definition)


def checked_key(key: object) -> str:
    """Raises: TypeError, ValueError if it cannot be the key of an entity or the name of a lock."""
    check_text(key, what="the key of an entity, or the name of a lock,")
    assert isinstance(key, str)
    if len(key) > KEY_LIMIT:
        raise ValueError(
            f"a key has at most {KEY_LIMIT} characters; this one has {len(key)}: {key[:40]!r}..."
        )
    return key


class EntityCall(Call[R]):
    """A call of an operation that nothing has started yet; see `EntityRef.call`."""

    __slots__ = ("_fingerprint", "_input", "operation", "ref")

    def __init__(
        self,
        ref: EntityRef[Any],
        op: object,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        place: Place | None,
    ) -> None:
        runtime = running()
        # What __del__ reads, first: the rest may raise.
        super().__init__(args, kwargs, place, runtime)
        self._began = True
        self.ref = ref
        if runtime is None:
            refuse_in_operation(f"{ref!r} is called, at {place_of(place)},")
            raise _outside("call", place)
        self.operation = ref.operation(op)
        arguments = self.operation.arguments(converter_of(runtime).unsealed)
        self._input, self._fingerprint = arguments.encode(args, kwargs)
        self._began = False

    def _title(self) -> str:
        return f"operation {self.operation.title!r}"

    def _begin(self) -> Generator[Any, Any, R]:
        runtime = running()
        if runtime is None:
            raise _outside("call", self.place)
        future = runtime.call_entity(
            entity=self.ref.id,
            operation=self.operation.name,
            input=sealed(runtime, self._input, what=f"the arguments of {self.operation.title}"),
            fingerprint=self._fingerprint,
            lock=self._lock(),
            line=self._line,
            arrival=self.operation.arrival(converter_of(runtime)),
            definition=self.ref.definition,
        )
        return future.__await__()

    def _lock(self) -> int | None:
        section = section_around()
        if section is None:
            return None
        if self.ref.id not in section.entities:
            raise LockError(
                f"{self.ref!r} is called at {self.line}, inside the critical section that began at "
                f"{section.line} and has not locked it but {section.describe()}. Who holds it may "
                "wait for this section, for ever: lock all of them together in one "
                "`async with da.lock(...)`, or call it outside"
            )
        return section.number

    def _line(self) -> str:
        return place_of(self.place)


def _outside(what: str, place: Place | None) -> OutsideOrchestratorError:
    return OutsideOrchestratorError(
        f"ref.{what}(...) at {place_of(place)} means something inside an orchestrator only, and "
        "none runs here. Elsewhere write `await client.signal_entity(ref, Counter.add, 5)`, and "
        "`await client.read_entity(Counter, key)` for the state; a test calls the methods of "
        "Counter() itself"
    )


def _definition_by_method(function: types.FunctionType, name: str) -> EntityDefinition | None:
    """The definition of the class that a method stands in, if that is the entity of this name."""
    found: Any = sys.modules.get(function.__module__)
    for part in function.__qualname__.split(".")[:-1]:
        found = getattr(found, part, None)
    definition = definition_of(found)
    return definition if definition is not None and definition.name == name else None


# ---- the stored form ---------------------------------------------------------------------------


def _hooks(hint: Any) -> tuple[Lower, Lift]:
    words = describe(hint)

    def lower(value: Any) -> Any:
        definition = _definition_in(hint)
        if type(value) is not EntityRef or _is_another(definition, value.type):
            raise RefusedError(value, words)
        return {"type": value.type, "key": value.key}

    def lift(value: Any, _: Any) -> Any:
        definition = _definition_in(hint)
        match value:
            case {"type": str(name), "key": str(key), **surplus} if not surplus:
                if _is_another(definition, name):
                    raise RefusedError(value, words)
                return EntityRef(name, key, definition)
            case _:
                raise RefusedError(value, words)

    return lower, lift


def _definition_in(hint: Any) -> EntityDefinition | None:
    """Of `EntityRef[Counter]`; None of a bare EntityRef."""
    for argument in typing.get_args(hint):
        named = argument.resolve() if isinstance(argument, Reference) else argument
        return definition_of(named)
    return None


def _is_another(definition: EntityDefinition | None, name: str) -> bool:
    return definition is not None and definition.name != name
