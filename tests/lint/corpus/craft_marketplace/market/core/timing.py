import functools
import logging
import time
from datetime import timedelta

from django.utils import timezone

log = logging.getLogger(__name__)


def timed(metric, *, threshold=0.5):
    """Logs calls that take long."""

    def decorate(fn):
        @functools.wraps(fn)
        def wrapper(*args, **kwargs):
            begun = time.perf_counter()  # expect: DUR101
            try:
                return fn(*args, **kwargs)
            finally:
                took = time.perf_counter() - begun  # expect: DUR101
                if took > threshold:
                    log.warning("%s took %.3f s", metric, took)

        return wrapper

    return decorate


def with_deadline(hours):
    def decorate(fn):
        @functools.wraps(fn)
        async def wrapper(*args, **kwargs):
            deadline = timezone.now() + timedelta(hours=hours)  # expect: DUR101
            return await fn(*args, deadline=deadline, **kwargs)

        return wrapper

    return decorate


def business_hours(moment):
    return 9 <= timezone.localtime(moment).hour < 18
