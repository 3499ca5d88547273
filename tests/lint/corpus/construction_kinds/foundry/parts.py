"""What runs when an object is made."""

from __future__ import annotations

import os
import random
import time
import uuid
from dataclasses import InitVar, dataclass, field

import attrs


def serial() -> str:
    return uuid.uuid4().hex  # expect: DUR112


def unused_serial() -> str:
    return uuid.uuid4().hex


@dataclass
class Part:
    name: str
    serial: str = field(default_factory=serial)
    seed: InitVar[int] = 0
    made: float = field(init=False)

    def __post_init__(self, seed: int) -> None:
        self.made = time.time() + seed  # expect: DUR101


@dataclass
class Gear(Part):
    teeth: int = 12


@attrs.define
class Mould:
    name: str
    number: int = attrs.field()

    @number.default
    def _number(self) -> int:
        return random.randrange(100)  # expect: DUR111

    def __attrs_post_init__(self) -> None:
        print("mould", self.name)  # expect: DUR143


class Singleton:
    def __new__(cls, *args: object) -> "Singleton":
        instance = super().__new__(cls)
        instance.home = os.environ["FOUNDRY"]  # expect: DUR124
        return instance

    home: str


class Named:
    def __init__(self, name: str, **options: object) -> None:
        self.name = name
        self.pid = os.getpid()  # expect: DUR125


class Timed:
    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self.at = time.monotonic()  # expect: DUR101


class Casting(Timed, Named):
    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class Builder:
    kind = Gear

    @classmethod
    def create(cls) -> "Builder":
        return cls()

    def __init__(self) -> None:
        self.token = random.random()  # expect: DUR111

    def gear(self, name: str) -> Gear:
        return self.kind(name)


class Meta(type):
    def __call__(cls, *args, **kwargs):
        time.sleep(0.1)  # expect: DUR102
        return super().__call__(*args, **kwargs)


class Ladle(metaclass=Meta):
    size = 3


@dataclass
class Scrap:
    """Only the scale's program makes these."""

    serial: str = field(default_factory=unused_serial)

    def __post_init__(self) -> None:
        print(self.serial, time.time())


class Base:
    registry: list[str] = []

    def __init_subclass__(cls) -> None:
        cls.registry.append(f"{cls.__name__}{time.time()}")


class Ingot(Base):
    def __set_name__(self, owner: type, name: str) -> None:
        self.name = f"{name}{uuid.uuid4()}"
