"""Decorators, with and without arguments, as functions and as classes."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from typing import Any

NAME = os.environ.get("LOOM", "loom")


def counted(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        os.getenv("COUNT")  # expect: DUR124
        return function(*args, **kwargs)

    return wrapper


def retried(times: int):
    started = time.time()

    def decorate(function):
        def wrapper(*args, **kwargs):
            for _ in range(times):
                try:
                    return function(*args, **kwargs)
                except ValueError:
                    time.sleep(started)  # expect: DUR102
            return None

        return wrapper

    return decorate


class Logged:
    """A decorator that is an object."""

    def __init__(self, function: Callable[..., str]) -> None:
        self.function = function
        self.made = time.time()

    def __call__(self, *args: str) -> str:
        print("calling", self.function.__name__)  # expect: DUR143
        return self.function(*args)


class lazily:
    """A descriptor."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        time.monotonic()  # expect: DUR101
        return self.function(owner)


def unused(function):
    def wrapper(*args):
        return function(time.time(), *args)

    return wrapper
