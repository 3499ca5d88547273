"""Descriptors and mixins for the domain classes."""

import getpass
import hashlib
import random
import uuid
from datetime import datetime, timezone
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class Stamp:
    """Reads as the moment of the reading."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.declared = datetime.now(timezone.utc)

    @overload
    def __get__(self, instance: None, owner: type) -> "Stamp": ...
    @overload
    def __get__(self, instance: object, owner: type) -> datetime: ...
    def __get__(self, instance, owner):
        if instance is None:
            return self
        return datetime.now(timezone.utc)  # expect: DUR101


class Logged(Generic[T]):
    """A field that says who changed it."""

    def __init__(self, default: T) -> None:
        self.default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self.slot = f"_{name}"

    def __get__(self, instance: object, owner: type) -> T:
        return getattr(instance, self.slot, self.default)

    def __set__(self, instance: object, value: T) -> None:
        print(getpass.getuser(), self.slot, value)  # expect: DUR143, DUR125
        setattr(instance, self.slot, value)


class Identified:
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.uid = uuid.uuid1()  # expect: DUR112

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identified) and self.uid == other.uid

    def __hash__(self) -> int:
        return self.uid.int


class Prioritised:
    urgency = 0

    def __lt__(self, other: "Prioritised") -> bool:
        if self.urgency == other.urgency:
            return random.random() < 0.5  # expect: DUR111
        return self.urgency > other.urgency


class Fingerprint:
    """Pure: the same text always gives the same short code."""

    def __class_getitem__(cls, text: str) -> str:
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:8]
