"""Segments: who gets a campaign. Expressions come from the marketing UI."""
from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

OPERATORS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Gt: operator.gt,
    ast.In: lambda a, b: a in b,
}


@dataclass
class Subscriber:
    address: str
    language: str = "en"
    opened: int = 0
    tags: frozenset[str] = field(default_factory=frozenset)


def matches(expression: str, who: Subscriber) -> bool:
    """``opened > 3`` or ``language == "de"``; nothing but one comparison."""
    tree = ast.parse(expression, mode="eval").body
    if not isinstance(tree, ast.Compare) or not isinstance(tree.left, ast.Name):
        raise ValueError(f"not a comparison: {expression!r}")
    value = ast.literal_eval(tree.comparators[0])
    return OPERATORS[type(tree.ops[0])](getattr(who, tree.left.id), value)


def legacy_matches(expression: str, who: Subscriber) -> bool:
    """Campaigns from before 2022 have whole Python expressions."""
    return bool(eval(expression, {"__builtins__": {}}, vars(who)))  # expect: DUR142


def select(expressions: list[str], people: list[Subscriber], *, legacy: bool = False) -> list[Subscriber]:
    test = legacy_matches if legacy else matches
    return [p for p in people if all(test(e, p) for e in expressions)]


def by_language(people: list[Subscriber]) -> Mapping[str, list[Subscriber]]:
    groups: dict[str, list[Subscriber]] = {}
    for person in people:
        groups.setdefault(person.language, []).append(person)
    return groups


def languages(people: list[Subscriber]) -> frozenset[str]:
    return frozenset(p.language for p in people)


def all_tags(people: list[Subscriber]) -> list[str]:
    tags: set[str] = set()
    for person in people:
        for tag in person.tags:
            tags.add(tag)
    return sorted(tags)


def top_tag(people: list[Subscriber]) -> str | None:
    shared = frozenset.intersection(*(p.tags for p in people)) if people else frozenset()
    return next(iter(shared), None)  # expect: DUR134
