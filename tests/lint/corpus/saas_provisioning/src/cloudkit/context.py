"""Request context and context managers."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from types import TracebackType


class Stopwatch:
    """Measures what happens inside the block."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._begin = 0.0

    def __enter__(self) -> "Stopwatch":
        self._begin = time.monotonic()  # expect: DUR101
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.seconds = time.monotonic() - self._begin  # expect: DUR101


class Quiet:
    """Has the same shape, but is only used by the command line."""

    def __enter__(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def __exit__(self, *details: object) -> None:
        sys.exit(0)


@contextlib.asynccontextmanager
async def tenant_scope(tenant: str) -> AsyncIterator[str]:
    previous = os.environ.get("TENANT", "")  # expect: DUR124
    try:
        yield f"{previous}/{tenant}"
    finally:
        os.putenv("TENANT", previous)  # expect: DUR124


@contextlib.contextmanager
def workdir(path: str) -> Iterator[str]:
    before = os.getcwd()  # expect: DUR125
    yield os.path.join(before, path)


def give_up(reason: str) -> None:
    sys.exit(reason)  # expect: DUR125


def leave_trace(stack: contextlib.ExitStack) -> None:
    stack.callback(_say_goodbye)


def _say_goodbye() -> None:
    sys.stderr.write("done\n")  # expect: DUR143
