import asyncio
import functools
import logging
import os
import sys
import time
import traceback
from datetime import datetime

import structlog

log = logging.getLogger(__name__)
events = structlog.get_logger()
_results: dict[str, object] = {}


def audited(reason: str):
    """@audited("gdpr"): say who ran it, and when it ended."""
    loaded = datetime.now()

    def decorate(fn):
        @functools.wraps(fn)
        async def inner(*args, **kwargs):
            events.info("begin", flow=fn.__name__, reason=reason, loaded=loaded)  # expect: DUR143
            try:
                return await fn(*args, **kwargs)
            except Exception:
                traceback.print_exc()  # expect: DUR143
                raise
            finally:
                log.info("%s ended in %s", fn.__name__, sys.executable)  # expect: DUR125

        return inner

    return decorate


def guarded(fn):
    @functools.wraps(fn)
    async def inner(*args, **kwargs):
        if os.environ.get("FLOWKIT_FREEZE"):  # expect: DUR124
            raise RuntimeError("frozen")
        try:
            return await fn(*args, **kwargs)
        except (asyncio.CancelledError, TimeoutError) as error:  # expect: DUR135
            log.warning("stopped: %r", error)

    return inner


def memoised(fn):
    """Results by the arguments' repr."""

    @functools.wraps(fn)
    def inner(*args):
        key = repr(args)
        if key not in _results:  # expect: DUR141
            _results[key] = fn(*args)  # expect: DUR141
        return _results[key]  # expect: DUR141

    return inner


def profiled(fn):
    """Of the HTTP handlers; flows have `audited`."""

    @functools.wraps(fn)
    async def inner(*args, **kwargs):
        start = time.perf_counter()
        try:
            return await fn(*args, **kwargs)
        finally:
            print(fn.__name__, time.perf_counter() - start)

    return inner
