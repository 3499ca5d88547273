"""Behaviour that stages share."""

from __future__ import annotations

import os
import time
from itertools import count
from typing import Any, ClassVar

import durable_async as da

__all__ = ["Auditable", "Numbered", "Stamped"]


class Stamped:
    """Knows when it was made."""

    stamped_at: float

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stamped_at = time.time()  # expect: DUR101

    def restamp(self) -> None:
        self.stamped_at = da.now().timestamp()


class Numbered:
    """Gives every letter a number."""

    issued: ClassVar[int] = 0
    numbers: ClassVar[dict[str, int]] = {}

    def next_number(self, prefix: str) -> str:
        Numbered.issued += 1  # expect: DUR141
        return f"{prefix}-{Numbered.issued:06d}"  # expect: DUR141

    def stable_number(self, prefix: str, position: int) -> str:
        return f"{prefix}-{position:06d}"


class Auditable:
    _counter = count()

    def audit(self, what: str) -> dict[str, Any]:
        return {"what": what, "stage": type(self).__name__, "at": da.now().isoformat()}

    def audit_with_host(self, what: str) -> dict[str, Any]:
        return self.audit(what) | {"host": os.uname().nodename, "n": next(self._counter)}
