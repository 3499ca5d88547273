"""Type hints, resolved and in words. Invariant: a hint is read once, and never guessed: a name that
cannot be resolved is an error that says which.
"""

from __future__ import annotations

import enum
import functools
import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, ForwardRef, Literal, NewType, TypeVar, Union

import attrs

from durable_async.errors import SerializationError

__all__ = [
    "Reference",
    "arguments_of",
    "describe",
    "fields_of",
    "function_hints",
    "is_union",
    "origin_of",
    "same_meaning",
    "substituted",
]

NONE_TYPE: Final = types.NoneType


@attrs.frozen
class Reference:
    """A name inside a recursive alias, such as "JSON" in `JSON = str | list["JSON"]`. It stays a
    name, together with where to look it up: its meaning contains itself."""

    name: str
    scope: Mapping[str, Any] = attrs.field(eq=id, repr=False)

    def resolve(self) -> Any:
        try:
            # What get_type_hints does, for the one name that it left over.
            hints = typing.get_type_hints(
                types.SimpleNamespace(__annotations__={"it": self.name}),
                dict(self.scope),
                include_extras=True,
            )
        except Exception as error:
            raise SerializationError(
                f"the type hint {self.name!r} cannot be resolved: {error}. "
                "Import what it names at the module's top level."
            ) from error
        return bound(hints["it"], self.scope)

    def __call__(self) -> None:
        """Never called: typing only lets callables stand as the argument of an alias."""
        raise TypeError(f"{self.name!r} is a type hint")


_RESOLVABLE: Final = (
    "Values are stored by type hint, so the names must exist at run time: import them at the "
    "module's top level, outside `if TYPE_CHECKING:`."
)

# ---- resolving -----------------------------------------------------------------------------


def function_hints(
    function: Callable[..., Any], *, name: str, local: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The hints of a function's parameters, and of "return", with names resolved.

    local: names of the scope that the function was defined in, besides its module's.
    Raises: SerializationError if a name cannot be resolved.
    """
    plain = inspect.unwrap(function)
    while isinstance(plain, functools.partial):
        plain = plain.func
    scope = getattr(plain, "__globals__", {})
    names = {**_closure(plain), **(local or {})}
    try:
        hints = typing.get_type_hints(plain, localns=names, include_extras=True)
    except Exception as error:
        raise SerializationError(
            f"the type hints of {name} cannot be resolved: {error}. {_RESOLVABLE}"
        ) from error
    everything = {**scope, **names}
    return {key: bound(hint, everything) for key, hint in hints.items()}


def _closure(function: Any) -> dict[str, Any]:
    code = getattr(function, "__code__", None)
    found: dict[str, Any] = {}
    if code is None or not function.__closure__:
        return found
    for name, cell in zip(code.co_freevars, function.__closure__, strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # an empty cell: not assigned yet
            continue
    return found


def fields_of(cls: type) -> dict[str, Any]:
    """The hints of a class's attributes, inherited ones included, with names resolved."""
    scope = getattr(sys.modules.get(cls.__module__), "__dict__", {})
    local = {cls.__name__: cls}
    try:
        try:
            hints = typing.get_type_hints(cls, localns=local, include_extras=True)
        except NameError:
            hints = typing.get_type_hints(cls, include_extras=True)
    except Exception as error:
        raise SerializationError(
            f"the type hints of the class {cls.__qualname__} cannot be resolved: {error}. "
            f"{_RESOLVABLE}"
        ) from error
    everything = {**scope, **local}
    return {key: bound(hint, everything) for key, hint in hints.items()}


def bound(hint: Any, scope: Mapping[str, Any]) -> Any:
    """The hint with every name that is left over (in a recursive alias) tied to its scope."""
    if isinstance(hint, str | ForwardRef):
        name = hint if isinstance(hint, str) else hint.__forward_arg__
        return Reference(name, scope)
    args = typing.get_args(hint)
    if not args or typing.get_origin(hint) is Literal:
        return hint
    known = tuple(_bound_argument(arg, scope) for arg in args)
    if all(new is old for new, old in zip(known, args, strict=True)):
        return hint
    return _rebuilt(hint, known)


def _bound_argument(arg: Any, scope: Mapping[str, Any]) -> Any:
    if not isinstance(arg, list):
        return bound(arg, scope)
    # The parameters of a Callable.
    known = [bound(item, scope) for item in arg]
    return arg if all(new is old for new, old in zip(known, arg, strict=True)) else known


def _rebuilt(hint: Any, args: tuple[Any, ...]) -> Any:
    origin = typing.get_origin(hint)
    if is_union(hint):
        return Union[args]  # noqa: UP007 - members are only known at run time
    if origin is Annotated:
        return Annotated[(args[0], *hint.__metadata__)]
    if hasattr(hint, "copy_with") and origin is not Callable:  # which would take them flat
        return hint.copy_with(args)
    return origin[args]


# ---- generics ------------------------------------------------------------------------------


def arguments_of(hint: Any) -> dict[Any, Any]:
    """What the type variables of a generic class, and of its generic bases, stand for."""
    origin = origin_of(hint)
    known: dict[Any, Any] = {}
    parameters = getattr(origin, "__parameters__", ())
    known.update(zip(parameters, typing.get_args(hint), strict=False))
    for base in getattr(origin, "__orig_bases__", ()):
        if isinstance(typing.get_origin(base), type) and typing.get_origin(base) is not origin:
            for variable, meaning in arguments_of(base).items():
                known.setdefault(variable, substituted(meaning, known))
    return known


def substituted(hint: Any, known: Mapping[Any, Any]) -> Any:
    """The hint with its type variables replaced by what they stand for."""
    if isinstance(hint, TypeVar):
        return known.get(hint, hint)
    parameters = getattr(hint, "__parameters__", ())
    if not parameters or isinstance(hint, type) or not known:
        return hint
    return hint[tuple(known.get(parameter, parameter) for parameter in parameters)]


def same_meaning(hint: Any) -> Any:
    """What stands behind Annotated, Final, NewType, a type variable, or None; else the hint."""
    if hint is None:
        return NONE_TYPE
    if isinstance(hint, NewType):
        return same_meaning(hint.__supertype__)
    if isinstance(hint, typing.ParamSpecArgs | typing.ParamSpecKwargs):
        return Any
    if isinstance(hint, TypeVar):
        return same_meaning(hint.__bound__) if hint.__bound__ is not None else _choice(hint)
    if typing.get_origin(hint) in _WRAPPERS:
        return same_meaning(typing.get_args(hint)[0])
    return hint


def _choice(variable: TypeVar) -> Any:
    if variable.__constraints__:
        return Union[variable.__constraints__]  # noqa: UP007 - known only at run time
    return Any


_WRAPPERS = (
    Annotated,
    typing.Final,
    typing.ClassVar,
    typing.Required,
    typing.NotRequired,
)


def origin_of(hint: Any) -> Any:
    """The class (or form) that a hint with arguments is made of; else the hint itself."""
    return typing.get_origin(hint) or hint


def is_union(hint: Any) -> bool:
    return typing.get_origin(hint) in (Union, types.UnionType)


# ---- in words ------------------------------------------------------------------------------


def describe(hint: Any) -> str:
    """The hint as a user would write it, e.g. "list[Order] | None"."""
    if hint is None or hint is NONE_TYPE:
        return "None"
    if hint is Any:
        return "Any"
    if hint is Ellipsis:
        return "..."
    if isinstance(hint, Reference):
        return hint.name
    if isinstance(hint, list):
        return f"[{', '.join(describe(item) for item in hint)}]"  # the parameters of a Callable
    if is_union(hint):
        return " | ".join(describe(member) for member in typing.get_args(hint))
    if typing.get_origin(hint) is Literal:
        return f"Literal[{', '.join(_literal(value) for value in typing.get_args(hint))}]"
    if typing.get_origin(hint) is Annotated:
        return describe(typing.get_args(hint)[0])
    args = typing.get_args(hint)
    if args:
        inner = ", ".join(describe(arg) for arg in args)
        return f"{_name(typing.get_origin(hint))}[{inner}]"
    return _name(hint)


def _literal(value: object) -> str:
    return f"{type(value).__name__}.{value.name}" if isinstance(value, enum.Enum) else repr(value)


def _name(hint: Any) -> str:
    name = getattr(hint, "__name__", None)
    return name if isinstance(name, str) else repr(hint).removeprefix("typing.")
