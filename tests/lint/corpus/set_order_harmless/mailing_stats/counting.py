"""Sets used as sets."""

from __future__ import annotations

from collections import Counter

ODD = {1, 3, 5}
DOMAINS = ("example", "test")


def size(words: set[str]) -> int:
    return len(words)


def ordered(words: set[str]) -> list[str]:
    return sorted(words, reverse=True)


def ordered_keys(words: set[str]) -> list[str]:
    return sorted(word.casefold() for word in words)


def ordered_later(words: list[str]) -> list[str]:
    items = set(words)
    items = sorted(items)
    return [item.strip() for item in items]


def sorted_in_place(words: set[str]) -> list[str]:
    result = list(words)
    result.sort()
    return result


def has_any(words: set[str], prefix: str) -> bool:
    return any(word.startswith(prefix) for word in words)


def longest(words: set[str]) -> str:
    return max(words)


def total(numbers: set[int]) -> int:
    result = 0
    for number in numbers:
        result += number
    return result


def odd_list() -> list[int]:
    return list(ODD)


def numbers_in_order(numbers: set[int]) -> list[int]:
    return [number + 1 for number in numbers]


def lowered(words: set[str]) -> set[str]:
    return {word.lower() for word in words}


def merged(left: set[str], right: set[str]) -> frozenset[str]:
    result: set[str] = set()
    for word in left:
        result.add(word)
    return frozenset(result | right)


def counted(words: set[str]) -> int:
    long = 0
    for word in words:
        if len(word) > 5:
            long += 1
    return long


def deduplicated(words: list[str]) -> list[str]:
    seen: set[str] = set()
    result = []
    for word in words:
        if word not in seen:
            seen.add(word)
            result.append(word)
    return result


def unique(words: list[str]) -> list[str]:
    return list(dict.fromkeys(words))


def domains() -> list[str]:
    return list(DOMAINS)


def subset(words: set[str], other: set[str]) -> bool:
    return words <= other or words.isdisjoint(other)


def frequencies(text: str) -> list[tuple[str, int]]:
    return sorted(Counter(text).items())
