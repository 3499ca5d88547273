"""Logging, tracing and metrics of every acme service."""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import sentry_sdk
import structlog
from loguru import logger as console
from opentelemetry import trace

import durable_async as da

tracer = trace.get_tracer("acme")
request_id: ContextVar[str] = ContextVar("request_id", default="-")
counters: Counter[str] = Counter()
_lock = threading.Lock()


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    return structlog.get_logger(name)


@contextmanager
def timed(what: str) -> Iterator[None]:
    started = time.perf_counter()  # expect: DUR101
    try:
        yield
    finally:
        da.get_logger("acme.timing").info("%s: %.2f s", what, time.perf_counter() - started)  # expect: DUR101


def count(name: str, by: int = 1) -> None:
    counters[name] += by  # expect: DUR141


def banner(text: str) -> None:
    console.info("--- {} [{}]", text, request_id.get())  # expect: DUR143


def report(error: Exception) -> None:
    sentry_sdk.capture_exception(error)  # expect: DUR143


def correlate(value: str) -> None:
    request_id.set(value)


@contextmanager
def traced(name: str) -> Iterator[None]:
    """Spans for activities."""
    with tracer.start_as_current_span(name) as span, _lock:
        span.set_attribute("pid", os.getpid())
        span.set_attribute("started", time.time())
        yield
