"""The vocabulary's notation of types, read as values: `list[pathlib.Path]`, `coroutine:str`.

Invariant: equal texts give equal values; what the notation leaves open is unknown.
"""

from __future__ import annotations

from functools import cache

from durable_lint.reach.values import NOTHING, UNKNOWN, Constant, Instance, Union, Value, join

__all__ = ["parse_type"]


def parse_type(text: str, items: tuple[Value, ...] = ()) -> Value:
    """The value that a type stands for; `coroutine:X` and `context:X` give an X.

    `$0` stands for the first of `items`, and so on.
    """
    return _with_items(_parsed(text), items) if "$" in text else _parsed(text)


def _with_items(value: Value, items: tuple[Value, ...]) -> Value:
    match value:
        case Instance(cls, (), _) if cls.startswith("$"):
            place = int(cls[1:])
            return items[place] if place < len(items) else UNKNOWN
        case Instance(cls, parts):
            return Instance(cls, tuple(_with_items(part, items) for part in parts))
        case Union(parts):
            joined: Value = NOTHING
            for part in parts:
                joined = join(joined, _with_items(part, items))
            return joined
        case _:
            return value


@cache
def _parsed(text: str) -> Value:
    text = text.strip()
    if not text or text in {"?", "typing.Any", "Any"}:
        return UNKNOWN
    if text.startswith("coroutine:"):
        return Instance("coroutine", (_parsed(text.removeprefix("coroutine:")),))
    if text.startswith("context:"):
        return Instance("context", (_parsed(text.removeprefix("context:")),))
    alternatives = _split(text, "|")
    if len(alternatives) > 1:
        value: Value = NOTHING
        for alternative in alternatives:
            value = join(value, _parsed(alternative))
        return value
    if text in {"None", "builtins.None"}:
        return Constant(None, "NoneType")
    head, bracket, rest = text.partition("[")
    if head[0] != "$" and "." not in head:
        head = f"builtins.{head}"
    if not bracket:
        return Instance(head)
    parts = [part for part in _split(rest[:-1], ",") if part.strip() != "..."]
    return Instance(head, tuple(_parsed(part) for part in parts))


def _split(text: str, mark: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        if character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        elif character == mark and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    return parts
