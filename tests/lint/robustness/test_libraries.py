"""Code that others wrote is analysed to its end, whatever it does."""

import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

STANDARD = Path(sysconfig.get_path("stdlib"))
INSTALLED = Path(sysconfig.get_path("purelib"))
# Of the standard library, what is written in unusual ways.
QUICK = [
    *("abc.py", "ast.py", "bdb.py", "collections/__init__.py", "contextlib.py", "dataclasses.py"),
    *("enum.py", "functools.py", "inspect.py", "json/decoder.py", "typing.py"),
    *("logging/__init__.py", "optparse.py", "pickle.py", "subprocess.py", "tarfile.py"),
    *("threading.py", "types.py", "unittest/mock.py", "weakref.py", "asyncio/tasks.py"),
]


def _of_everywhere() -> Iterator[Path]:
    for top in (STANDARD, INSTALLED):
        for path in sorted(top.rglob("*.py")):
            if top is INSTALLED or "site-packages" not in path.parts:
                yield path


@pytest.mark.parametrize("name", QUICK)
def test_a_module_of_the_standard_library_is_analysed(
    reach_all: Callable[..., object], name: str
) -> None:
    path = STANDARD / name
    if not path.exists():
        pytest.skip(f"Python {sys.version_info.major}.{sys.version_info.minor} has no {name}")
    outcome = reach_all({name: path.read_bytes()})
    assert outcome.defects == []
    assert not outcome.result.errors
    assert outcome.work > 0


@pytest.mark.soak
def test_all_installed_code_is_analysed(reach_all: Callable[..., object]) -> None:
    wrong: dict[str, list[str]] = {}
    for path in _of_everywhere():
        data = path.read_bytes()
        outcome = reach_all({"m.py": data}, ("temporalio", "durabletask"))
        # Forty readings of each byte would be a file that does not come to an end.
        if outcome.defects or outcome.work > 40 * len(data) + 10_000:
            wrong[str(path)] = [*outcome.defects, f"{outcome.work} for {len(data)} bytes"]
    assert wrong == {}


@pytest.mark.soak
def test_installed_packages_are_analysed_as_wholes(reach_all: Callable[..., object]) -> None:
    wrong: dict[str, list[str]] = {}
    for package in sorted(path.parent for path in INSTALLED.glob("*/__init__.py")):
        files = {
            path.relative_to(INSTALLED).as_posix(): path.read_bytes()
            for path in sorted(package.rglob("*.py"))
        }
        outcome = reach_all(files)
        if outcome.defects:
            wrong[package.name] = outcome.defects
    assert wrong == {}
