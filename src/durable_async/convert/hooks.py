"""Which hooks belong to which type hint. Invariant: what nobody has a hook for is refused, by name.

cattrs keeps the hooks, finds the one for a hint, and lets users register their own, which come
first. Every hook that is not the user's is ours and strict: none of cattrs' own conversions
(`int("1")`, a set from a list) is ever reached.
"""

from __future__ import annotations

import collections
import enum
import types
import typing
from collections.abc import Callable
from typing import Any, Final, Literal, NewType

import attrs
import msgspec
from cattrs.preconf.msgspec import MsgspecJsonConverter, make_converter

from durable_async.convert import classes, containers, unions
from durable_async.convert.formless import why_formless
from durable_async.convert.hints import Reference, describe, is_union, origin_of, same_meaning
from durable_async.convert.jsonform import to_json
from durable_async.convert.leaves import BUILTINS, LEAVES, enum_leaf, lower_float, subclass_leaf
from durable_async.convert.refusals import Lift, Lower, RefusedError, Refusing, shown
from durable_async.convert.shapes import DICTS, LISTS, SETS, alias_value, is_alias

__all__ = ["Configure", "TypeHooks"]

Configure = Callable[[MsgspecJsonConverter], None]
"""What a user gives to register hooks of their own, with cattrs' `register_*_hook*` methods."""

_NOTHING: Final[frozenset[type]] = frozenset()
_PLAIN: Final = frozenset(BUILTINS)


@attrs.frozen
class _Pair:
    lower: Lower
    lift: Lift


class TypeHooks:
    """The hooks of one converter. May be used by several threads."""

    def __init__(self, configure: Configure | None = None) -> None:
        self._cattrs = make_converter()
        self._own: set[Callable[..., Any]] = set()
        self._pairs: dict[Any, _Pair] = {}
        self._formless: dict[Any, str | None] = {}
        self._any = _Pair(self._lower_any, lambda value, _: value)
        self._generic_lowers = self._install()
        if configure is not None:
            configure(self._cattrs)

    def _install(self) -> frozenset[Lower]:
        """Put ours in front of cattrs' own. Returns those that cattrs also gives for subclasses."""
        ours = self._cattrs
        ours.register_unstructure_hook_factory(lambda _: True, lambda hint: self._pair(hint).lower)
        ours.register_structure_hook_factory(lambda _: True, lambda hint: self._pair(hint).lift)
        # For these it has hooks that it gives to every subclass; so ours stand there as markers.
        bases: tuple[type, ...] = (msgspec.Struct, enum.Enum)
        pairs = {base: self._kept(_Pair(*_refusing(base))) for base in bases}
        for cls, leaf in LEAVES.items():
            pairs[cls] = self._kept(_Pair(leaf.lower, leaf.lift))
        for cls, pair in pairs.items():
            ours.register_unstructure_hook(cls, pair.lower)
            ours.register_structure_hook(cls, pair.lift)
        return frozenset(pair.lower for pair in pairs.values())

    # ---- looking up ------------------------------------------------------------------------

    def lower(self, hint: Any, /) -> Lower:
        found = self._found(hint)
        if found is None:
            return self._pair(hint).lower
        return found.lower if found.lower in self._own else self._foreign_lower(hint, found.lower)

    def lift(self, hint: Any, /) -> Lift:
        found = self._found(hint)
        if found is None:
            return self._pair(hint).lift
        return found.lift if found.lift in self._own else _foreign_lift(hint, found.lift)

    def is_own(self, hint: Any, /) -> bool:
        """Whether no hook of the user's has a say in this hint itself."""
        found = self._found(hint)
        return found is None or (found.lower in self._own and found.lift in self._own)

    def plain(self, hint: Any, /) -> frozenset[type]:
        """Exact types of values that this hint stores as they are and takes back as they are. A
        float is one of them only if it is finite."""
        if not self.is_own(hint):
            return _NOTHING
        meaning = same_meaning(hint)
        if meaning is Any or meaning is object:
            return _PLAIN
        if isinstance(meaning, type) and meaning in BUILTINS:
            return frozenset({meaning}) if self.is_own(meaning) else _NOTHING
        if is_union(meaning):
            return _NOTHING.union(*map(self.plain, unions.union_members(meaning)))
        return _NOTHING

    def why_formless(self, hint: Any, /) -> str | None:
        """Why no value of this hint can be stored, and what to do; None if one can.

        Raises: SerializationError if a name in it cannot be resolved.
        """
        try:
            return self._formless[hint]
        except KeyError:
            why = self._formless[hint] = why_formless(hint, self)
            return why
        except TypeError:  # unhashable
            return why_formless(hint, self)

    def _found(self, hint: Any) -> _Pair | None:
        """What cattrs has; None if it has only what it would give to any subclass."""
        hint = types.NoneType if hint is None else hint
        try:
            lower: Lower = self._cattrs.get_unstructure_hook(hint)
            lift: Lift = self._cattrs.get_structure_hook(hint)
        except TypeError:  # unhashable, as Annotated[int, {}] is: no user can have a hook for it
            return None
        if lower in self._generic_lowers and not (isinstance(hint, type) and hint in LEAVES):
            return None
        return _Pair(lower, lift)

    # ---- making ----------------------------------------------------------------------------

    def _pair(self, hint: Any) -> _Pair:
        try:
            found = self._pairs.get(hint)
        except TypeError:  # unhashable
            return self._kept(self._made_or_refusing(hint))
        if found is None:
            found = self._pairs[hint] = self._kept(self._made_or_refusing(hint))
        return found

    def _made_or_refusing(self, hint: Any) -> _Pair:
        try:
            return self._made(hint)
        except RefusedError as refused:  # the hint itself: no value of it could be stored
            return _Pair(*_refusing(hint, refused.advice))

    def _kept(self, pair: _Pair) -> _Pair:
        self._own.update((pair.lower, pair.lift))
        return pair

    def _made(self, hint: Any) -> _Pair:
        if isinstance(hint, NewType):
            return _Pair(self.lower(hint.__supertype__), self.lift(hint.__supertype__))
        meaning = same_meaning(hint)
        if meaning is not hint:
            return _Pair(self.lower(meaning), self.lift(meaning))
        if hint is Any or hint is object:
            return self._any
        if isinstance(hint, Reference):
            return self._later(hint, hint.resolve)
        if is_alias(hint):
            return self._later(hint, lambda: alias_value(hint))
        if is_union(hint):
            return _Pair(*unions.union_hooks(hint, self, self))
        if typing.get_origin(hint) is Literal:
            return _Pair(*unions.literal_hooks(hint, self))
        return self._made_for_class(hint, origin_of(hint))

    def _made_for_class(self, hint: Any, origin: Any) -> _Pair:
        if not isinstance(origin, type):
            return _Pair(*_refusing(hint))
        own = getattr(origin, "__durable_hooks__", None)
        if own is not None:  # a class of ours, from a layer above
            return _Pair(*own(hint))
        if classes.is_class_with_fields(origin):
            return _Pair(*classes.class_hooks(hint, self))
        if issubclass(origin, enum.Enum):
            leaf = enum_leaf(origin)
            return _Pair(leaf.lower, leaf.lift)
        container = self._made_for_container(hint, origin)
        if container is not None:
            return container
        for base in (str, int, float):
            if issubclass(origin, base):
                leaf = subclass_leaf(origin, base)
                return _Pair(leaf.lower, leaf.lift)
        return _Pair(*_refusing(hint))

    def _made_for_container(self, hint: Any, origin: type) -> _Pair | None:
        if origin in LISTS:
            args = typing.get_args(hint)
            return _Pair(*containers.list_hooks(hint, self, self.plain(args[0] if args else Any)))
        if origin is tuple:
            return _Pair(*containers.tuple_hooks(hint, self))
        if origin in SETS:
            return _Pair(*containers.set_hooks(hint, self))
        if origin in DICTS:
            return _Pair(*containers.dict_hooks(hint, self, self))
        if origin is collections.deque:
            return _Pair(*containers.deque_hooks(hint, self))
        return None

    def _later(self, hint: Any, meaning: Callable[[], Any]) -> _Pair:
        """For a name that may contain itself: its hooks are made when the first value comes."""
        made: _Pair | None = None

        def pair() -> _Pair:
            nonlocal made
            if made is None:
                value = meaning()
                made = _Pair(self.lower(value), self.lift(value))
            return made

        def lower(value: Any) -> Any:
            return (made or pair()).lower(value)

        def lift(value: Any, _: Any) -> Any:
            return (made or pair()).lift(value, hint)

        return _Pair(lower, lift)

    # ---- values without a hint -------------------------------------------------------------

    def _lower_any(self, value: Any) -> Any:
        """What has one obvious stored form is stored in it, and comes back as plain JSON types."""
        kind = type(value)
        if kind is str or kind is int or kind is bool or value is None:
            return value
        if kind is float:
            return lower_float(value)
        if kind is list or kind is tuple or kind is collections.deque:
            return containers.lower_parts(value, self._lower_any)
        if kind is set or kind is frozenset:
            return sorted(containers.lower_parts(value, self._lower_any), key=to_json)
        if isinstance(value, dict):
            return self._lower_any_dict(value)
        lower = self.lower(kind)
        # `object` itself means Any as a hint, but a bare object() holds nothing to store.
        return (_refusing(kind)[0] if lower is self._any.lower else lower)(value)

    def _lower_any_dict(self, value: dict[Any, Any]) -> dict[str, Any]:
        done: dict[str, Any] = {}
        for key, item in value.items():
            if type(key) is not str:
                raise RefusedError(
                    key,
                    "a str as the key of a dict without a hint",
                    "Annotate the dict, e.g. dict[int, str], to store other keys.",
                )
            try:
                done[key] = self._lower_any(item)
            except RefusedError as refused:
                refused.at(f"[{shown(key)}]")
                raise
        return done

    # ---- hooks of the user's ---------------------------------------------------------------

    def _foreign_lower(self, hint: Any, hook: Lower) -> Lower:
        words = describe(hint)
        cls = hint if isinstance(hint, type) else object

        def lower(value: Any) -> Any:
            if not isinstance(value, cls):
                raise RefusedError(value, words)
            try:
                lowered = hook(value)
            except RefusedError:
                raise
            except Exception as error:
                raise _blamed(value, words, error) from error
            return self._lower_any(lowered)

        return lower


def _foreign_lift(hint: Any, hook: Lift) -> Lift:
    words = describe(hint)

    def lift(value: Any, _: Any) -> Any:
        try:
            return hook(value, hint)
        except RefusedError:
            raise
        except Exception as error:
            raise _blamed(value, words, error) from error

    return lift


def _blamed(value: Any, words: str, error: Exception) -> RefusedError:
    return RefusedError(value, words, f"Its hook says {type(error).__name__}: {error}.")


def _refusing(hint: Any, advice: str = "") -> tuple[Lower, Lift]:
    """Hooks of a hint that has no stored form. advice: what to do, if there is more to say."""
    words = describe(hint)
    expected = words if advice else "a type with a stored form"
    advice = advice or (
        f"{words} has no stored form: pass plain data (numbers, text, lists, dicts, attrs classes, "
        "dataclasses ...), or give the converter hooks for it: "
        "Converter(configure=lambda c: c.register_unstructure_hook(...))."
    )

    refusing = Refusing(expected, advice)
    return refusing, refusing
