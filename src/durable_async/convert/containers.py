"""Lists, tuples, sets and dicts: how their parts are checked, written and read back.

Invariant: equal values have equal stored forms. Sets are therefore written in the order of their
members' stored forms, since their own order changes from process to process.
"""

from __future__ import annotations

import collections
import collections.abc
import math
import typing
from collections.abc import Callable, Iterable
from typing import Any, Final

from durable_async.convert.hints import describe, origin_of, same_meaning
from durable_async.convert.jsonform import to_json
from durable_async.convert.refusals import Forms, Lift, Lower, RefusedError, shown
from durable_async.convert.shapes import Shapes, shape_of

__all__ = ["deque_hooks", "dict_hooks", "list_hooks", "lower_parts", "set_hooks", "tuple_hooks"]

Hooks = tuple[Lower, Lift]


def lower_parts(parts: Iterable[Any], lower: Lower) -> list[Any]:
    """Each part lowered; a refusal says at which index."""
    done: list[Any] = []
    try:
        for part in parts:
            done.append(lower(part))  # noqa: PERF401 - the length says where it failed
    except RefusedError as refused:
        refused.at(f"[{len(done)}]")
        raise
    return done


def _lift_parts(parts: list[Any], lift: Lift, hint: Any) -> list[Any]:
    done: list[Any] = []
    try:
        for part in parts:
            done.append(lift(part, hint))  # noqa: PERF401 - the length says where it failed
    except RefusedError as refused:
        refused.at(f"[{len(done)}]")
        raise
    return done


# ---- lists ---------------------------------------------------------------------------------


def list_hooks(hint: Any, forms: Forms, plain: frozenset[type]) -> Hooks:
    """plain: exact types of parts that are stored as they are."""
    args = typing.get_args(hint)
    part = args[0] if args else Any
    lower, lift = forms.lower(part), forms.lift(part)
    words = describe(hint)
    accepted = (
        (list,) if origin_of(hint) in (list, collections.abc.MutableSequence) else (list, tuple)
    )
    same = _passes(plain)

    def lower_list(value: Any) -> list[Any]:
        if type(value) not in accepted:
            raise RefusedError(value, words)
        if same is not None and type(value) is list and same(value):
            return value
        return lower_parts(value, lower)

    def lift_list(value: Any, _: Any) -> list[Any]:
        if type(value) is not list:
            raise RefusedError(value, words)
        if same is not None and same(value):
            return value
        return _lift_parts(value, lift, part)

    return lower_list, lift_list


def _passes(plain: frozenset[type]) -> Callable[[Iterable[Any]], bool] | None:
    """Whether all parts are stored as they are, at the speed of C."""
    if not plain:
        return None
    if float not in plain:
        return lambda parts: plain.issuperset(map(type, parts))

    def passes(parts: Iterable[Any]) -> bool:
        kinds = set(map(type, parts))
        if not plain.issuperset(kinds):
            return False
        if float not in kinds:
            return True
        return all(math.isfinite(part) for part in parts if type(part) is float)

    return passes


# ---- tuples --------------------------------------------------------------------------------


def tuple_hooks(hint: Any, forms: Forms) -> Hooks:
    args = typing.get_args(hint)
    words = describe(hint)
    if hint in (tuple, typing.Tuple):  # noqa: UP006 - both spellings are the bare tuple
        args = (Any, ...)
    if len(args) == 2 and args[1] is Ellipsis:
        return _variadic_hooks(args[0], forms, words)
    lowers = [forms.lower(arg) for arg in args]
    lifts = [(forms.lift(arg), arg) for arg in args]

    def lower_tuple(value: Any) -> list[Any]:
        if type(value) is not tuple or len(value) != len(lowers):
            raise RefusedError(value, words)
        done: list[Any] = []
        try:
            for lower, part in zip(lowers, value, strict=True):
                done.append(lower(part))
        except RefusedError as refused:
            refused.at(f"[{len(done)}]")
            raise
        return done

    def lift_tuple(value: Any, _: Any) -> tuple[Any, ...]:
        if type(value) is not list or len(value) != len(lifts):
            raise RefusedError(value, words)
        done: list[Any] = []
        try:
            for (lift, part_hint), part in zip(lifts, value, strict=True):
                done.append(lift(part, part_hint))
        except RefusedError as refused:
            refused.at(f"[{len(done)}]")
            raise
        return tuple(done)

    return lower_tuple, lift_tuple


def _variadic_hooks(part: Any, forms: Forms, words: str) -> Hooks:
    lower, lift = forms.lower(part), forms.lift(part)

    def lower_tuple(value: Any) -> list[Any]:
        if type(value) is not tuple:
            raise RefusedError(value, words)
        return lower_parts(value, lower)

    def lift_tuple(value: Any, _: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise RefusedError(value, words)
        return tuple(_lift_parts(value, lift, part))

    return lower_tuple, lift_tuple


# ---- sets and deques -----------------------------------------------------------------------


def set_hooks(hint: Any, forms: Forms) -> Hooks:
    args = typing.get_args(hint)
    part = args[0] if args else Any
    lower, lift = forms.lower(part), forms.lift(part)
    words = describe(hint)
    origin = origin_of(hint)
    made: type = set if origin in (set, collections.abc.MutableSet) else frozenset
    accepted = (set, frozenset) if origin is collections.abc.Set else (made,)

    def lower_set(value: Any) -> list[Any]:
        if type(value) not in accepted:
            raise RefusedError(value, words)
        try:
            return sorted([lower(member) for member in value], key=to_json)
        except RefusedError as refused:
            refused.at(" (a member)")
            raise

    def lift_set(value: Any, _: Any) -> Any:
        if type(value) is not list:
            raise RefusedError(value, words)
        members = _lift_parts(value, lift, part)
        try:
            return made(members)
        except TypeError as error:
            raise RefusedError(value, words, f"{error}.") from error

    return lower_set, lift_set


def deque_hooks(hint: Any, forms: Forms) -> Hooks:
    args = typing.get_args(hint)
    part = args[0] if args else Any
    lower, lift = forms.lower(part), forms.lift(part)
    words = describe(hint)

    def lower_deque(value: Any) -> list[Any]:
        if type(value) is not collections.deque:
            raise RefusedError(value, words)
        if value.maxlen is not None:
            raise RefusedError(value, words, "A deque with a maxlen would come back without it.")
        return lower_parts(value, lower)

    def lift_deque(value: Any, _: Any) -> collections.deque[Any]:
        if type(value) is not list:
            raise RefusedError(value, words)
        return collections.deque(_lift_parts(value, lift, part))

    return lower_deque, lift_deque


# ---- dicts ---------------------------------------------------------------------------------


def dict_hooks(hint: Any, forms: Forms, shapes: Shapes) -> Hooks:
    """As a JSON object where keys are stored as text or as whole numbers; else as pairs."""
    origin = origin_of(hint)
    made: Any = origin if origin in (collections.OrderedDict, collections.Counter) else dict
    key, item = _key_and_item(hint, made)
    meaning = same_meaning(key)
    words = describe(hint)
    if meaning is Any or meaning is object:
        return _object_hooks(made, _TEXT_KEYS, (forms.lower(item), forms.lift(item), item), words)
    kinds = shape_of(key, shapes).kinds
    keys = (forms.lower(key), forms.lift(key), key)
    items = (forms.lower(item), forms.lift(item), item)
    if kinds == {str}:
        return _object_hooks(made, keys, items, words)
    if kinds == {int}:
        return _object_hooks(made, _as_text(*keys), items, words)
    return _pairs_hooks(made, keys, items, words)


_Part = tuple[Lower, Lift, Any]


def _key_and_item(hint: Any, made: Any) -> tuple[Any, Any]:
    args = typing.get_args(hint)
    if made is collections.Counter:
        return (args[0] if args else Any), int
    return args if args else (Any, Any)


def _lower_text_key(key: Any) -> str:
    if type(key) is not str:
        raise RefusedError(
            key, "a str as key", "Annotate the dict (e.g. dict[int, str]) if its keys are no str."
        )
    return key


_TEXT_KEYS: Final[_Part] = (_lower_text_key, lambda key, _: key, str)


def _as_text(lower: Lower, lift: Lift, hint: Any) -> _Part:
    def lower_key(key: Any) -> str:
        return str(lower(key))

    def lift_key(text: Any, hint: Any) -> Any:
        try:
            number = int(text)
        except ValueError:
            raise RefusedError(text, describe(hint)) from None
        if str(number) != text:
            raise RefusedError(text, describe(hint))
        return lift(number, hint)

    return lower_key, lift_key, hint


def _object_hooks(made: Any, keys: _Part, items: _Part, words: str) -> Hooks:
    lower_key, lift_key, key_hint = keys
    lower_item, lift_item, item_hint = items

    def lower_dict(value: Any) -> dict[str, Any]:
        if type(value) is not made:
            raise RefusedError(value, words)
        done: dict[str, Any] = {}
        key: Any = None
        try:
            for key, item in value.items():
                done[lower_key(key)] = lower_item(item)
        except RefusedError as refused:
            refused.at(f"[{shown(key)}]")
            raise
        if len(done) != len(value):
            raise RefusedError(value, words, "Two of its keys have the same stored form.")
        return done

    def lift_dict(value: Any, _: Any) -> Any:
        if type(value) is not dict:
            raise RefusedError(value, words)
        done = made()
        key: Any = None
        try:
            for key, item in value.items():
                done[lift_key(key, key_hint)] = lift_item(item, item_hint)
        except RefusedError as refused:
            refused.at(f"[{shown(key)}]")
            raise
        return done

    return lower_dict, lift_dict


def _pairs_hooks(made: Any, keys: _Part, items: _Part, words: str) -> Hooks:
    lower_key, lift_key, key_hint = keys
    lower_item, lift_item, item_hint = items

    def lower_dict(value: Any) -> list[Any]:
        if type(value) is not made:
            raise RefusedError(value, words)
        done: list[Any] = []
        key: Any = None
        try:
            for key, item in value.items():
                done.append([lower_key(key), lower_item(item)])
        except RefusedError as refused:
            refused.at(f"[{shown(key)}]")
            raise
        return done

    def lift_dict(value: Any, _: Any) -> Any:
        if type(value) is not list:
            raise RefusedError(value, words)
        done = made()
        for index, pair in enumerate(value):
            try:
                if type(pair) is not list or len(pair) != 2:
                    raise RefusedError(pair, "a pair of key and value")
                done[lift_key(pair[0], key_hint)] = lift_item(pair[1], item_hint)
            except RefusedError as refused:
                refused.at(f"[{index}]")
                raise
        return done

    return lower_dict, lift_dict
