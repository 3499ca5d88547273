from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import secrets
from collections import deque
from collections.abc import Mapping
from typing import Any

from privacy._durable import engine, step

SALT = secrets.token_bytes(16)
FIXED_SALT = bytes.fromhex("5a31d6a7c0f1")

_sequence = 0
_recent: deque[str] = deque(maxlen=100)


def next_sequence() -> int:
    global _sequence
    _sequence += 1  # expect: DUR141
    return _sequence  # expect: DUR141


def token() -> str:
    return secrets.token_urlsafe(12)  # expect: DUR111


def pseudonym(subject: str) -> str:
    return hmac.new(FIXED_SALT, subject.encode(), hashlib.sha256).hexdigest()


def salted(subject: str) -> str:
    return hashlib.sha256(SALT + subject.encode()).hexdigest()  # expect: DUR111


def canonical(record: Mapping[str, Any]) -> str:
    return json.dumps(record, sort_keys=True, separators=(",", ":"), default=sorted)


@step
def append(line: str) -> None:
    _recent.append(line)
    with open("/var/log/privacy/audit.log", "a") as out:
        out.write(line + "\n")


class Trail(contextlib.AbstractAsyncContextManager["Trail"]):
    """Collects the events of one case and appends them at the end, whatever happens."""

    def __init__(self, case: str) -> None:
        self.case = case
        self.events: list[str] = []

    def add(self, what: str, **details: Any) -> None:
        self.events.append(canonical({"case": self.case, "what": what, **details}))

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is not None:
            self.add("failed", error=type(error).__name__)
        for event in self.events:
            await append(event)


async def best_effort(line: str) -> bool:
    try:
        await append(line)
    except (OSError, asyncio.CancelledError):  # expect: DUR135
        return False
    return True


async def careful(line: str) -> bool:
    try:
        await append(line)
    except asyncio.CancelledError:
        engine.get_logger("privacy").warning("cancelled while appending")
        raise
    except Exception:
        return False
    else:
        return True


def parse_all(lines: list[str]) -> list[dict[str, Any]]:
    result = []
    for line in lines:
        try:
            result.append(json.loads(line))
        except:  # noqa: E722
            continue
    return result
