"""Descriptors used by the device models."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class Checked(Generic[T]):
    """An attribute that is validated when it is set."""

    def __init__(self, check: Callable[[T], bool], message: str) -> None:
        self._check = check
        self._message = message

    def __set_name__(self, owner: type, name: str) -> None:
        self._slot = "_" + name

    @overload
    def __get__(self, instance: None, owner: type) -> Checked[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Any:
        if instance is None:
            return self
        return instance.__dict__[self._slot]

    def __set__(self, instance: object, value: T) -> None:
        if not self._check(value):
            raise ValueError(f"{self._message}: {value!r}")
        instance.__dict__[self._slot] = value


class Age:
    """Seconds since the owner was last seen."""

    def __get__(self, instance: Any, owner: type) -> float:
        return time.time() - instance.last_seen  # expect: DUR101


def matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None
