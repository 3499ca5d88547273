"""Collections by key."""

from collections.abc import Callable, Hashable, Iterable
from itertools import groupby
from typing import Any, TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


def unique(items: Iterable[str]) -> list[str]:
    return list(set(items))  # expect: DUR134


def stable_unique(items: Iterable[T]) -> list[T]:
    return list(dict.fromkeys(items))


def group_by(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def runs(items: list[T], key: Callable[[T], Any]) -> list[list[T]]:
    return [list(run) for _, run in groupby(sorted(items, key=key), key=key)]


def frequencies(items: Iterable[str]) -> dict[str, int]:
    items = list(items)
    return {item: items.count(item) for item in set(items)}


def by_identity(items: Iterable[T]) -> list[T]:
    seen: dict[int, T] = {}
    for item in items:
        seen.setdefault(id(item), item)
    return list(seen.values())


def accumulate_into(item: T, bucket: list[T] = []) -> list[T]:
    bucket.append(item)  # expect: DUR141
    return bucket
