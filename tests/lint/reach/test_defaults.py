"""A default counts where a call takes it: an object keeps what it was made with."""

import textwrap
from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]

HELPERS = """\
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Clock = Callable[[], float]


def steady() -> float:
    return 1.0


class Watch:
    def __init__(self, clock: Clock = time.perf_counter) -> None:
        self._clock = clock
        self.laps: list[float] = []

    def __enter__(self) -> Watch:
        self._begin = self._clock()
        return self

    def __exit__(self, *exc: object) -> None:
        self.laps.append(2.0 - self._begin)


class Steady(Watch):
    def __init__(self, name: str) -> None:
        super().__init__(clock=steady)
        self.name = name


class Named(Watch):
    def __init__(self, name: str, clock: Clock = steady) -> None:
        super().__init__(clock)
        self.name = name


class Lap:
    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    def run(self) -> None:
        with self.watch:
            pass


@dataclass
class Meter:
    name: str
    clock: Clock = time.monotonic
    tick: Clock = field(default=time.time, kw_only=True)

    def read(self) -> float:
        return self.clock()

    def look(self) -> float:
        return self.tick()


def stamp(of: int, clock: Clock = time.time) -> float:
    return clock()


def each(numbers, make):
    return [make(number) for number in numbers]
"""
FLOW = """\
import functools
import durable_async as da
from helpers import Lap, Meter, Named, Steady, Watch, each, stamp, steady


def kept() -> float:
    return da.now().timestamp()


@da.orchestrator
async def flow(n: int) -> int:
"""


def _found(analyse: Analyse, body: str, end: str = "") -> list[str]:
    """The calls that are reported."""
    flow = f"{FLOW}{textwrap.indent(body, '    ')}\n    return 1\n{end}"
    texts = {"flow.py": flow, "helpers.py": HELPERS}
    told = []
    for finding in analyse(texts).findings:
        span = finding.span
        line = texts[finding.path.rpartition("/")[2]].split("\n")[span.line - 1]
        told.append(line[span.column - 1 : span.end_column - 1])
    return told


@pytest.mark.parametrize(
    "use",
    [
        "with watch:\n    pass",
        "async def inner():\n    with watch:\n        return 1\nawait inner()",
        "def inner():\n    def innermost():\n        watch.__enter__()\n    innermost()\ninner()",
        "(lambda: watch.__enter__())()",
        "(lambda held=watch: held.__enter__())()",
        "[watch.__enter__() for _ in range(n)]",
        "Lap(watch).run()",
        "for held in (watch, Watch(kept)):\n    held.__enter__()",
        "functools.partial(watch.__enter__)()",
        "{'held': watch}['held'].__enter__()",
        "class Inner:\n    def run(self):\n        with watch: return 1\nInner().run()",
        "class Inner:\n    def run(self, held=watch):\n        with held: return 1\nInner().run()",
    ],
)
@pytest.mark.parametrize(
    "made",
    [
        "Watch(clock=lambda: da.now().timestamp())",
        "Watch(kept)",
        "Watch(kept if n else steady)",
        "functools.partial(Watch, clock=kept)()",
        "Steady('lap')",
        "Named('lap')",
        "Named('lap', kept)",
    ],
)
def test_what_an_object_was_made_with_goes_wherever_it_goes(
    analyse: Analyse, made: str, use: str
) -> None:
    assert _found(analyse, f"watch = {made}\n{use}") == []


@pytest.mark.parametrize(
    "made",
    [
        "Watch()",
        "functools.partial(Watch)()",
        "Watch(**{})",
        "(Watch(kept), Watch())[n]",
        "Watch() if n else Steady('lap')",
    ],
)
def test_a_default_that_some_call_takes_counts(analyse: Analyse, made: str) -> None:
    assert _found(analyse, f"watch = {made}\nwith watch:\n    pass") == ["self._clock()"]


@pytest.mark.parametrize("end", ["", "\n\ndef client() -> None:\n    Watch().__enter__()\n"])
def test_code_that_nothing_reaches_takes_no_default(analyse: Analyse, end: str) -> None:
    assert _found(analyse, "Watch(kept).__enter__()", end) == []


def test_a_default_that_is_taken_later_counts(analyse: Analyse) -> None:
    end = "\n\n@da.orchestrator\nasync def other(n: int) -> int:\n    Watch().__enter__()\n"
    assert _found(analyse, "Watch(kept).__enter__()", f"{end}    return 1\n") == ["self._clock()"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Meter('a', kept).read()", []),
        ("Meter('a', clock=kept).read()", []),
        ("Meter('a').read()", ["self.clock()"]),
        (
            "Meter('a', kept).read()\nMeter('b', tick=kept).look()",
            ["self.clock()", "self.tick()"],
        ),
        ("Meter('a', kept, tick=kept).read()\nMeter('b', kept, tick=kept).look()", []),
        ("Meter('a', kept, tick=kept).look()", []),
        ("Meter('a', kept).look()", ["self.tick()"]),
        ("Meter(**{'name': 'a'}).read()", ["self.clock()"]),
        ("functools.partial(Meter, clock=kept)('a').read()", []),
    ],
)
def test_a_field_holds_its_default_if_an_object_is_made_without(
    analyse: Analyse, body: str, found: list[str]
) -> None:
    assert _found(analyse, body) == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("stamp(n, kept)", []),
        ("stamp(n, clock=kept)", []),
        ("stamp(n, kept if n else steady)", []),
        ("stamp(n)", ["clock()"]),
        ("stamp(n, kept)\nstamp(n)", ["clock()"]),
        ("stamp(n, kept)\neach([n], stamp)", ["clock()"]),
        ("stamp(n, kept)\nlist(map(stamp, [n]))", ["clock()"]),
        ("stamp(n, kept)\nda.unknown(stamp)", ["clock()"]),
        ("da.unknown(functools.partial(stamp, clock=kept))", []),
        ("each([n], functools.partial(stamp, clock=kept))", []),
        ("each([n], lambda number: stamp(number, kept))", []),
    ],
)
def test_a_function_takes_its_default_if_a_call_leaves_it_out(
    analyse: Analyse, body: str, found: list[str]
) -> None:
    assert _found(analyse, body) == found


def test_a_default_of_a_function_within_is_a_value_of_the_one_round_it(analyse: Analyse) -> None:
    body = "stamp = kept\n\ndef inner(clock=stamp):\n    return clock()\n\ninner()"
    assert _found(analyse, body) == []
    body = "import time\nread = time.time\n\ndef inner(clock=read):\n    return clock()\n\ninner()"
    assert _found(analyse, body) == ["clock()"]


def test_a_default_may_hang_on_its_own_function(analyse: Analyse) -> None:
    first = "def inner(then=lambda: inner()):\n    return then\n\n"
    second = "def inner(then=inner):\n    return 1\n\n"
    assert _found(analyse, f"{first}{second}inner()") == []


FACTORIES = """\
import time
import uuid
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar

import attrs
import durable_async as da


@dataclass
class Order:
    count: ClassVar[int] = 0
    key: str = field(init=False, default_factory=lambda: str(uuid.uuid4()))
    name: str = ""
    made: float = field(default_factory=time.time)
    _: KW_ONLY
    seen: float = field(default_factory=time.monotonic)


@attrs.define
class Item:
    name: str
    _made: float = attrs.field(factory=time.time, converter=time.localtime)


@attrs.define
class Part(Item):
    seen: float = attrs.field(default=attrs.Factory(time.monotonic), kw_only=True)


@da.orchestrator
async def flow(n: int) -> int:
"""
OF_ORDERS = ["uuid.uuid4()", "time.time", "time.monotonic"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Order()", OF_ORDERS),
        ("Order('a')", OF_ORDERS),
        ("Order('a', 1.0)", ["uuid.uuid4()", "time.monotonic"]),
        ("Order(made=1.0, seen=2.0)", ["uuid.uuid4()"]),
        ("Order('a', 1.0, seen=2.0)\nOrder('b', seen=3.0)", ["uuid.uuid4()", "time.time"]),
        ("Order(**{'name': 'a'})", OF_ORDERS),
        ("Item('a')", ["time.time", "time.localtime"]),
        ("Item('a', 1.0)", ["time.localtime"]),
        ("Item('a', made=1.0)", ["time.localtime"]),
        ("Part('a', 1.0)", ["time.localtime", "time.monotonic"]),
        ("Part('a', made=1.0, seen=2.0)", ["time.localtime"]),
        ("Part('a', seen=2.0)", ["time.time", "time.localtime"]),
    ],
)
def test_a_factory_is_called_for_who_leaves_its_field_out(
    analyse: Analyse, body: str, found: list[str]
) -> None:
    text = f"{FACTORIES}{textwrap.indent(body, '    ')}\n    return 1\n"
    lines = text.split("\n")
    spans = [finding.span for finding in analyse(text).findings]
    assert [lines[s.line - 1][s.column - 1 : s.end_column - 1] for s in spans] == found
