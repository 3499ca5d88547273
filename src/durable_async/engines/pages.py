"""Where a page of instances ends. Invariant: pages that follow one another show every instance once
that was there all the time, whatever is created or ends in between."""

from __future__ import annotations

import attrs

from durable_async.errors import StoreError

__all__ = ["Position"]


@attrs.frozen(order=True)
class Position:
    """A place in the list of instances, newest first. created: microseconds UTC. number: grows
    with each instance of the store."""

    created: int
    number: int

    def __str__(self) -> str:
        return f"{self.created}-{self.number}"

    @classmethod
    def parse(cls, text: str) -> Position:
        created, _, number = text.rpartition("-")
        try:
            return cls(int(created), int(number))
        except ValueError:
            raise StoreError(
                f"{text!r} is no place in a list of instances. Give `after` the `next` of the "
                f"page before, as it is, or leave it out to begin with the newest"
            ) from None
