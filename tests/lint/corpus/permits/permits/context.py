"""Who is acting, for the audit trail."""
from __future__ import annotations

import contextlib
import contextvars
import getpass
import logging
import os
import signal
import sys
from collections.abc import Iterator

import structlog

clerk: contextvars.ContextVar[str] = contextvars.ContextVar("clerk", default="system")
log = logging.getLogger("permits")
audit = structlog.get_logger("audit")


@contextlib.contextmanager
def acting_as(name: str) -> Iterator[str]:
    token = clerk.set(name)
    try:
        yield clerk.get()
    finally:
        clerk.reset(token)


@contextlib.contextmanager
def acting_as_operator() -> Iterator[str]:
    with acting_as(getpass.getuser()) as name:  # expect: DUR125
        yield name


def note(text: str, **fields: object) -> None:
    log.info("%s %s", text, fields)
    audit.info(text, clerk=clerk.get(), **fields)  # expect: DUR143


def origin() -> str:
    return f"{os.getpid()}@{sys.platform}{os.sep}"  # expect: DUR125


def on_stop() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def abort(reason: str) -> None:
    log.error(reason)
    sys.exit(3)  # expect: DUR125
