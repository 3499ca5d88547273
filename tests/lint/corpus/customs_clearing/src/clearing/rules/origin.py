"""Which origin a good may claim, by the parts that it was made of."""

from collections.abc import Iterable

PREFERRED = frozenset({"NO", "CH", "JP", "KR"})


def _candidates(parts: Iterable[dict]) -> set[str]:
    return {part["origin"] for part in parts} & PREFERRED


def preferential_origin(parts: list[dict]) -> str | None:
    candidates = _candidates(parts)
    if not candidates:
        return None
    if len(candidates) == 1:
        return min(candidates)
    for origin in candidates:  # expect: DUR134
        weight = sum(part["kg"] for part in parts if part["origin"] == origin)
        if weight * 2 > sum(part["kg"] for part in parts):
            return origin
    return None


def origins_text(parts: list[dict]) -> str:
    return ", ".join(sorted(_candidates(parts)))


def heaviest(parts: list[dict]) -> int:
    total = 0
    for origin in _candidates(parts):
        total = max(total, sum(part["kg"] for part in parts if part["origin"] == origin))
    return total
