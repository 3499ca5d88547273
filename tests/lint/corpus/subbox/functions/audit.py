from __future__ import annotations

import contextlib
import logging
import platform
import threading
import time

from rich import print as show

log = logging.getLogger(__name__)
_local = threading.local()


@contextlib.contextmanager
def audited(what: str):
    show("[b]begin[/b]", what)  # expect: DUR143
    try:
        yield
    finally:
        log.info("done: %s", what)


def trail() -> str:
    worker = threading.Timer(5.0, report)  # expect: DUR131
    return f"{platform.system()}:{worker.interval}"  # expect: DUR125


def report() -> None:
    log.info("still at it since %s", time.ctime(0))


def host_report() -> str:
    print(platform.uname())
    return time.strftime("%c")
