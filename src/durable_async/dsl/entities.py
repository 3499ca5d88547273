"""Entities: state under a key, and the operations on it. Invariant: an entity's class stays the
plain class that it is; what makes it an entity is read off it, and registered nowhere.

The fields of the class are the state, its public methods the operations. This is the side of who
runs them; `dsl.references` is that of who calls them.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Coroutine, Mapping
from typing import Any, Final, Protocol, TypeVar, overload

import attrs

from durable_async.convert.arguments import ArgumentsConverter, ResultConverter
from durable_async.convert.failures import failure_of_exception
from durable_async.convert.texts import check_text
from durable_async.convert.values import Converter, ValueConverter
from durable_async.dsl.arrivals import HintArrival
from durable_async.dsl.context import operating, required_operation, use_converter
from durable_async.lines import place_of, user_place
from durable_async.model.failure import Failure
from durable_async.model.payload import Payload
from durable_async.ports import Arrival

__all__ = [
    "EntityCode",
    "EntityDecorator",
    "EntityDefinition",
    "OperationDefinition",
    "definition_of",
    "delete_entity",
    "entity",
]

E = TypeVar("E")

_DEFINITION: Final = "__durable_entity__"
"""The attribute of the class that holds its definition; subclasses do not inherit what it says."""


class EntityDecorator(Protocol):
    """What `@entity(...)` gives."""

    def __call__(self, cls: type[E], /) -> type[E]: ...


@overload
def entity(cls: type[E], /) -> type[E]: ...
@overload
def entity(*, name: str | None = None) -> EntityDecorator: ...
def entity(cls: type[Any] | None = None, /, *, name: str | None = None) -> Any:
    """Make a class an entity: durable state under a key, changed by one operation at a time.

    Above `@attrs.define`, on a class whose fields all have defaults: a new entity is made of them.
    The fields are the state; public methods, sync or async, inherited ones too, are the
    operations. A field that is added with a default reads old states. name: what is stored; by
    default the class's. The class itself stays as it is: `Counter().add(5)` is plain code.
    Raises: TypeError, saying what to write, for a class that cannot be one; ValueError for a name
    that cannot be.
    Known elsewhere as: Azure's entity functions, Restate's virtual objects, actors.
    """

    if name is not None:
        check_text(name, what="the name of an entity")

    def decorate(cls: type[Any]) -> type[Any]:
        _check_class(cls)
        line = place_of(user_place())
        definition = EntityDefinition(cls, cls.__name__ if name is None else name, line)
        setattr(cls, _DEFINITION, definition)
        return cls

    return decorate if cls is None else decorate(cls)


def delete_entity() -> None:
    """Remove the entity that this operation belongs to, once the operation has ended well.

    The operation that comes next, if there is one, finds it new.
    Raises: OutsideOrchestratorError where no operation of an entity runs.
    Known elsewhere as: Azure's entity delete, Restate's clear_all.
    """
    required_operation("delete_entity").delete()


# ---- definitions -------------------------------------------------------------------------------


class OperationDefinition:
    """A method of an entity, as an operation. owner: the entity's name."""

    def __init__(self, function: types.FunctionType, name: str, *, owner: str) -> None:
        self.function = function
        self.name = name
        self.title = f"{owner}.{name}"
        self._arguments: dict[Converter, ArgumentsConverter] = {}
        self._arrivals: dict[Converter, Arrival[Any]] = {}
        self._results: dict[Converter, ResultConverter] = {}

    def arguments(self, converter: Converter) -> ArgumentsConverter:
        try:
            return self._arguments[converter]
        except KeyError:
            made = ArgumentsConverter(converter, self.function, name=self.title, skip_first=True)
            self._arguments[converter] = made
            return made

    def results(self, converter: Converter) -> ResultConverter:
        try:
            return self._results[converter]
        except KeyError:
            made = ResultConverter(converter, self.function, name=self.title)
            self._results[converter] = made
            return made

    def arrival(self, converter: Converter) -> Arrival[Any]:
        """How its results and failures reach who called it."""
        try:
            return self._arrivals[converter]
        except KeyError:
            made = HintArrival(self.results(converter).decode, converter)
            self._arrivals[converter] = made
            return made


class EntityDefinition:
    """What a class says as an entity. line: "file:line" where it was made one."""

    def __init__(self, cls: type[Any], name: str, line: str) -> None:
        self.cls = cls
        self.name = name
        self.line = line
        self.operations: Mapping[str, OperationDefinition] = {
            key: OperationDefinition(function, key, owner=name)
            for key, function in sorted(_operations_of(cls).items())
        }
        self._by_function = {each.function: each for each in self.operations.values()}
        self._states: dict[Converter, ValueConverter] = {}

    def __repr__(self) -> str:
        return f"<entity {self.name!r} at {self.line}>"

    def operation(self, function: types.FunctionType) -> OperationDefinition:
        """The one that this method of the class is. Raises: AttributeError if it is none."""
        found = self._by_function.get(function) or self.operations.get(function.__name__)
        if found is None:
            raise self.unknown(function.__name__)
        return found

    def unknown(self, operation: str) -> AttributeError:
        known = ", ".join(self.operations) or "none"
        return AttributeError(
            f"entity {self.name!r} has no operation {operation!r}: its operations are the public "
            f"methods of the class, {known}"
        )

    def states(self, converter: Converter) -> ValueConverter:
        """How a state becomes a payload, and the other way round."""
        try:
            return self._states[converter]
        except KeyError:
            made = ValueConverter(converter, self.cls, what=f"the state of entity {self.name!r}")
            self._states[converter] = made
            return made


def definition_of(cls: object) -> EntityDefinition | None:
    """None of a class that is no entity, and of what is no class."""
    found = vars(cls).get(_DEFINITION) if isinstance(cls, type) else None
    return found if isinstance(found, EntityDefinition) else None


# ---- how they are run --------------------------------------------------------------------------


@attrs.frozen
class EntityCode:
    """An entity's class, as the core runs it (`ports.EntityCode`)."""

    definition: EntityDefinition
    converter: Converter

    @property
    def name(self) -> str:
        return self.definition.name

    def load(self, state: Payload | None, /) -> object:
        self._use_converter()
        if state is None:
            return self.definition.cls()
        return self.definition.states(self.converter).decode(state)

    def operate(
        self, entity: object, operation: str, input: Payload, /
    ) -> Coroutine[Any, Any, Payload]:
        found = self.definition.operations.get(operation)
        if found is None:
            raise self.definition.unknown(operation)
        self._use_converter()
        args, kwargs = found.arguments(self.converter).decode(input)
        return self._operate(found, entity, args, kwargs)

    async def _operate(
        self,
        operation: OperationDefinition,
        entity: object,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Payload:
        value = operation.function(entity, *args, **kwargs)
        if inspect.isawaitable(value):
            value = await value
        return operation.results(self.converter).encode(value)

    def save(self, entity: object, /) -> Payload:
        return self.definition.states(self.converter).encode(entity)

    def failure(self, error: BaseException, operation: str, /) -> Failure:
        return failure_of_exception(error, converter=self.converter)

    def _use_converter(self) -> None:
        runtime = operating()
        assert runtime is not None, "the core runs operations inside the loop of one"
        use_converter(runtime, self.converter)


# ---- which classes can be entities -------------------------------------------------------------


def _check_class(cls: object) -> None:
    if not isinstance(cls, type):
        raise TypeError(
            f"@entity stands on a class, and {cls!r} is none. Its methods are the operations; "
            "write @da.orchestrator or @da.activity above a function"
        )
    if "__attrs_attrs__" not in vars(cls):
        raise TypeError(
            f"@entity stands above @attrs.define, and {cls.__qualname__} is no attrs class: write "
            "`@da.entity`, and in the line below it `@attrs.define`. Its fields are the state"
        )
    if _is_frozen(cls):
        raise TypeError(
            f"the entity {cls.__qualname__} is frozen, and its operations change its fields: "
            "write @attrs.define instead of @attrs.frozen"
        )
    for field in attrs.fields(cls):
        if field.default is attrs.NOTHING:
            raise TypeError(
                f"the field {field.name!r} of the entity {cls.__qualname__} has no default, and a "
                f"new entity is made of defaults: write `{field.name}: ... = ...`, or "
                "attrs.field(factory=list) and the like"
            )


def _is_frozen(cls: type[Any]) -> bool:
    setter: Any = cls.__setattr__
    try:
        # What attrs puts into a frozen class refuses before it looks at anything.
        setter(object(), "", None)
    except attrs.exceptions.FrozenInstanceError:
        return True
    except Exception:
        return False
    return False


def _operations_of(cls: type[Any]) -> dict[str, types.FunctionType]:
    found: dict[str, types.FunctionType] = {}
    for name in dir(cls):
        function = None if name.startswith("_") else inspect.getattr_static(cls, name)
        if isinstance(function, types.FunctionType):
            if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
                raise TypeError(
                    f"the operation {name!r} of the entity {cls.__qualname__} is a generator, "
                    "which cannot be called from elsewhere: return a list of what it yields, or "
                    f"name it _{name} if it is no operation"
                )
            found[name] = function
    return found
