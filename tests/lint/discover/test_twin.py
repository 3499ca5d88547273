"""Two processes that glance at files see what one sees."""

import os
import sys
import threading
from pathlib import Path

import pytest

from durable_lint.discover import twin
from durable_lint.discover.files import Stamp
from durable_lint.discover.prefilter import Glance, scan
from durable_lint.discover.twin import scan_together

WORDS = (b"durable_async",)
has_one_thread = twin._has_one_thread

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="there are twins on Linux only"),
    # The threads are those of the runner of tests.
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]


@pytest.fixture
def stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Stamp]:
    """Files of all kinds, of a project that is large enough."""
    monkeypatch.setattr(twin, "LARGE", 0)
    monkeypatch.setattr(twin, "_has_one_thread", lambda: True)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    texts = [
        "import durable_async as da\n\n@da.activity\nasync def f() -> None: ...\n\nclass C: ...\n",
        "from .other import (a as b,\n    c)  # durable: ignore\n",
        "",
        "from caf\u00e9 import \u00e9t\u00e9\n",
    ]
    found: dict[str, Stamp] = {}
    for number in range(20):
        file = tmp_path / f"m{number}.py"
        file.write_text(texts[number % len(texts)], encoding="utf-8")
        found[str(file)] = Stamp(0, file.stat().st_size)
    found[str(tmp_path / "gone.py")] = Stamp(0, 40)
    return found


def _nothing() -> None:
    """What else is to be done: nothing."""


def test_what_two_see_is_what_one_sees_and_in_the_same_order(stamps: dict[str, Stamp]) -> None:
    done: list[str] = []
    found = scan_together(stamps, WORDS, lambda: done.append("prepared"))
    assert list(found.items()) == list(scan(stamps, WORDS).items())
    assert done == ["prepared"]


def test_a_twin_that_dies_is_not_missed(
    stamps: dict[str, Stamp], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        os._exit(9)

    monkeypatch.setattr(twin, "_be_the_twin", die)
    assert scan_together(stamps, WORDS, _nothing) == scan(stamps, WORDS)


def test_a_twin_that_cannot_tell_what_it_saw_is_not_missed(
    stamps: dict[str, Stamp], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    us = os.getpid()

    def seen(stamps: dict[str, Stamp], words: tuple[bytes, ...]) -> dict[str, Glance]:
        if os.getpid() != us:
            raise MemoryError
        return scan(stamps, words)

    monkeypatch.setattr(twin, "scan", seen)
    assert scan_together(stamps, WORDS, _nothing) == scan(stamps, WORDS)
    assert capfd.readouterr() == ("", "")


def test_who_fails_meanwhile_leaves_no_twin_behind(
    stamps: dict[str, Stamp], monkeypatch: pytest.MonkeyPatch
) -> None:
    twins: list[int] = []
    fork = os.fork

    def forked() -> int:
        twins.append(fork())
        return twins[-1]

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fork", forked)
    with pytest.raises(KeyboardInterrupt):
        scan_together(stamps, WORDS, interrupted)
    (twin,) = twins
    with pytest.raises(ChildProcessError):
        os.waitpid(twin, os.WNOHANG)


@pytest.mark.parametrize("why", ["another thread", "one processor", "few files"])
def test_there_is_no_twin_where_it_would_not_be_safe_or_of_no_use(
    stamps: dict[str, Stamp], monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    def never() -> int:
        raise AssertionError(why)

    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    monkeypatch.setattr(os, "fork", never)
    match why:
        case "another thread":
            monkeypatch.setattr(twin, "_has_one_thread", has_one_thread)
            thread.start()
        case "one processor":
            monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
        case _:
            monkeypatch.setattr(twin, "LARGE", 1_000_000)
    try:
        assert scan_together(stamps, WORDS, _nothing) == scan(stamps, WORDS)
    finally:
        stop.set()
        if thread.ident is not None:
            thread.join()
