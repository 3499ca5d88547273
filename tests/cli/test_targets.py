"""Targets: which code "flows.py:checkout" names, and what is said when it names none."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import pytest

from durable_async.cli.refusals import TargetError
from durable_async.cli.targets import is_target, load_given, load_orchestrator

from .conftest import Shop


def test_a_file_and_its_module_are_the_same_code(durable: Shop) -> None:
    from_file = load_orchestrator("shop.py:checkout")
    assert from_file is load_orchestrator("shop:checkout")
    assert from_file is load_orchestrator(f"{durable.folder / 'shop.py'}:checkout")
    assert from_file.fn.__module__ == "shop"


def test_a_file_imports_its_siblings_as_python_file_would(durable: Shop) -> None:
    durable.write("flows/helpers.py", "NAME = 'from the sibling'\n")
    durable.write(
        "flows/sales.py",
        "import durable_async as da\nimport helpers\n"
        "@da.orchestrator(name=helpers.NAME)\nasync def sell() -> None: ...\n",
    )
    assert load_orchestrator("flows/sales.py:sell").name == "from the sibling"
    assert sys.path[0] == str(durable.folder / "flows")


def test_a_file_in_a_package_is_a_module_of_the_package(durable: Shop) -> None:
    durable.write("company/__init__.py", "")
    durable.write("company/names.py", "NAME = 'sell'\n")
    durable.write(
        "company/flows/__init__.py",
        "import durable_async as da\nfrom ..names import NAME\n"
        "@da.orchestrator(name=NAME)\nasync def sell() -> None: ...\n",
    )
    from_file = load_orchestrator("company/flows/__init__.py:sell")
    assert from_file.fn.__module__ == "company.flows"
    assert load_orchestrator("company.flows:sell") is from_file


def test_an_attribute_may_lie_deeper(durable: Shop) -> None:
    durable.write("nested.py", "import shop\nclass Flows:\n    checkout = shop.checkout\n")
    assert load_orchestrator("nested:Flows.checkout") is load_orchestrator("shop:checkout")


def test_a_worker_is_given_modules_and_objects(durable: Shop) -> None:
    module = load_given("shop.py")
    assert isinstance(module, ModuleType)
    assert load_given("shop.py:LIMIT") == 1000
    assert load_given("shop.py:") is module


@pytest.mark.parametrize("text", ["shop.py:checkout", "a.b:c", "shop.py", "./shop", "x:y:z"])
@pytest.mark.usefixtures("durable")
def test_a_colon_or_a_file_makes_a_target(text: str) -> None:
    assert is_target(text)


@pytest.mark.parametrize("text", ["checkout", "shop", "sales.checkout"])
@pytest.mark.usefixtures("durable")
def test_anything_else_is_a_name(text: str) -> None:
    assert not is_target(text)


CHOICE = r"It has: shop\.py:checkout, shop\.py:approval, shop\.py:patience$"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("shop.py:checkot", r"^shop\.py has no 'checkot'\. Did you mean checkout\?$"),
        ("shop.py:refund", r"^shop\.py has no 'refund'\. " + CHOICE),
        ("shop.py", r"^'shop\.py' names no orchestrator\. " + CHOICE),
        ("shop.py:", r"^'shop\.py:' names no orchestrator\. " + CHOICE),
        ("shop.py:charge", r"^shop\.py:charge is an activity, not an orchestrator\. " + CHOICE),
        ("shop.py:plain", "is a plain function; @da.orchestrator above it would make it one, not"),
        ("shop.py:LIMIT", r"^shop\.py:LIMIT is a value of type int, not an orchestrator"),
        ("shop.py:DeclinedError", "is a class, not an orchestrator"),
        ("shop.py:not a name", "names nothing. Write flows.py:NAME or package.module:NAME"),
        (":checkout", "^':checkout' names nothing"),
        ("shp.py:checkout", r"^there is no file shp\.py\. Did you mean shop\.py\?$"),
        ("no/where.py:checkout", r"^there is no file no/where\.py$"),
        ("shp:checkout", r"^there is no module shp\. Did you mean shop\?$"),
        ("shop.checkout:x", r"^there is no module shop\.checkout\. Did you mean shop:checkout\?$"),
        ("far.away:x", r"^there is no module far\.away\. It was looked for from /"),
        ("./:checkout", r"^\./ is a folder\. Name a file in it, or a package as package\.module$"),
        ("notes.txt:x", r"^notes\.txt is no Python file: its name does not end in \.py$"),
        ("two.dots.py:x", r"^two\.dots\.py cannot be imported: its name has a dot in it"),
        ("json.py:x", r"^json\.py would be module 'json', and that is .+json.+\. Rename the file$"),
        ("a b:c", "^'a b' is neither a Python file nor a module"),
        ("..:c", "^'..' is neither a Python file nor a module|is a folder"),
        ("empty:x", r"^empty has no 'x'\. empty has none: put @da\.orchestrator above an async"),
    ],
)
def test_what_names_no_orchestrator_is_refused_with_what_there_is(
    text: str, message: str, durable: Shop
) -> None:
    durable.write("notes.txt", "")
    durable.write("two.dots.py", "")
    durable.write("json.py", "")
    durable.write("empty.py", "")
    with pytest.raises(TargetError, match=message):
        load_orchestrator(text)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "import shop\n\nshop.missing\n",
            r"^bad\.py could not be imported: AttributeError: .*missing.* \(/.+/bad\.py:3\)$",
        ),
        (
            "def f(:\n",
            r"^bad\.py could not be imported: .+ \(/.+/bad\.py:1\)$",
        ),
        (
            "import no_such_library\n",
            r"^bad\.py could not be imported: ModuleNotFoundError: .+ \(/.+/bad\.py:1\)$",
        ),
        (
            "import sys\nsys.exit(3)\n",
            r'^bad\.py ended the program .+ \(/.+/bad\.py:2\)\. Put what .+ __name__ == "__main__"',
        ),
        ("x = '\0'\n", r"^bad\.py could not be imported: "),
    ],
    ids=["raises", "syntax", "missing library", "exits", "null byte"],
)
def test_what_a_module_does_wrong_is_told_with_its_line(
    source: str, message: str, durable: Shop
) -> None:
    durable.write("bad.py", source)
    with pytest.raises(TargetError, match=message):
        load_orchestrator("bad.py:x")


def test_a_module_that_runs_a_program_when_it_is_imported_is_told_of(
    durable: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = ModuleType("clock")
    monkeypatch.setitem(sys.modules, "clock", clock)
    monkeypatch.setattr(threading, "Timer", partial(TimerByHand, clock))
    durable.write(
        "runs.py",
        "import asyncio\nimport clock\n\n"
        "async def main() -> None:\n    clock.five_seconds_have_passed()\n\n"
        "asyncio.run(main())\n",
    )
    load_given("runs.py")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "durable: runs.py is still being imported after 5 s, and stands at "
        f"{durable.folder / 'runs.py'}:5. "
        'Put what it does as a script under: if __name__ == "__main__":\n'
    )
    assert clock.is_cancelled


class TimerByHand:
    """A timer that goes off when the test says so."""

    daemon = False

    def __init__(self, clock: ModuleType, seconds: float, function: Callable[[], None]) -> None:
        assert seconds == 5
        self.clock: Any = clock
        self.clock.five_seconds_have_passed = function
        self.clock.is_cancelled = False

    def start(self) -> None:
        assert self.daemon  # the command does not wait for it

    def cancel(self) -> None:
        self.clock.is_cancelled = True


def test_an_interruption_while_importing_is_no_mistake_of_the_module(durable: Shop) -> None:
    durable.write("slow.py", "raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        load_orchestrator("slow.py:x")
