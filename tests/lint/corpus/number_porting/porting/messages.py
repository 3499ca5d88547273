from __future__ import annotations

import dataclasses as dc
import re
import socket
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

if sys.version_info >= (3, 12):
    from typing import override
else:
    from typing_extensions import override

Operator = Literal["nordtel", "voxa", "mobi9"]
E164 = re.compile(r"^\+[1-9]\d{7,14}$")
REJECT_CODES: Mapping[int, str] = {10: "unknown number", 20: "open contract", 30: "wrong owner"}


class Rejected(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(REJECT_CODES.get(code, f"code {code}"))
        self.code = code


@dc.dataclass(frozen=True)
class PortRequest:
    number: str
    donor: Operator
    recipient: Operator
    wish: datetime | None = None
    block: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for number in (self.number, *self.block):
            if not E164.match(number):
                raise ValueError(number)

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset((self.number, *self.block))

    def __len__(self) -> int:
        return 1 + len(self.block)


@dc.dataclass
class PortResult:
    number: str
    state: str
    steps: list[str] = dc.field(default_factory=list)
    host: str = dc.field(default_factory=socket.gethostname)  # expect: DUR125

    @override
    def __str__(self) -> str:
        return f"{self.number}: {self.state} after {' > '.join(self.steps)}"


@dc.dataclass
class Listener:
    name: str
    callback: Callable[[dict[str, Any]], None]
    session: socket.socket | None = None
