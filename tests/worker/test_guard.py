"""What an episode may not do, and who may all the same."""

# Calls are to be refused in every way of writing them.
# ruff: noqa: PTH102, PTH107, PTH110, PTH123, PTH208, SIM115

from __future__ import annotations

import datetime
import gc
import linecache
import logging
import logging.handlers
import os
import pathlib
import random
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import traceback
import uuid
import warnings
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from durable_async import NotDurableError, Payload
from durable_async.convert.values import Converter
from durable_async.worker.guard import GuardMode, check_mode, guard_for
from durable_async.worker.oversight import NO_OVERSIGHT, Oversight
from durable_async.worker.vocabulary import AUDITED, CALLS

HOSTS = __file__


def _line_of(function: Callable[..., Any]) -> int:
    return function.__code__.co_firstlineno


FILES: dict[str, Callable[[], Any]] = {
    "open": lambda: open(HOSTS),
    "path": lambda: pathlib.Path(HOSTS).read_text(encoding="utf-8"),
    "os.open": lambda: os.open(HOSTS, os.O_RDONLY),
    "listdir": lambda: os.listdir("."),
    "scandir": lambda: list(os.scandir(".")),
    "remove": lambda: os.remove("no such file"),
    "mkdir": lambda: os.mkdir("no/such/folder"),
    "temporary": lambda: tempfile.TemporaryFile(),
    "socket": lambda: socket.socket(),
    "connection": lambda: socket.create_connection(("localhost", 9)),
    "lookup": lambda: socket.getaddrinfo("localhost", 80),
    "hostname": lambda: socket.gethostname(),
    "popen": lambda: subprocess.Popen(["true"]),
    "system": lambda: os.system("true"),
    "sqlite": lambda: sqlite3.connect(":memory:"),
    "input": lambda: input(),
}

CLOCKS: dict[str, Callable[[], Any]] = {
    "time": lambda: time.time(),
    "monotonic": lambda: time.monotonic(),
    "perf_counter": lambda: time.perf_counter(),
    "now": lambda: datetime.datetime.now(),
    "now in a zone": lambda: datetime.datetime.now(datetime.UTC),
    "today": lambda: datetime.date.today(),
    "random": lambda: random.random(),
    "randint": lambda: random.randint(1, 6),
    "choice": lambda: random.choice([1, 2]),
    "unseeded": lambda: random.Random(),
    "uuid1": lambda: uuid.uuid1(),
    "uuid4": lambda: uuid.uuid4(),
    "urandom": lambda: os.urandom(4),
    "token": lambda: secrets.token_hex(),
    "sleep": lambda: time.sleep(0),
    "thread": lambda: threading.Thread(target=int).start(),
    "exists": lambda: os.path.exists(HOSTS),
    "pid": lambda: os.getpid(),
}

HARMLESS: dict[str, Callable[[], Any]] = {
    "seeded": lambda: random.Random(5).random(),
    "fromtimestamp": lambda: datetime.datetime.fromtimestamp(5, datetime.UTC),
    "formatted": lambda: time.strftime("%Y", time.gmtime(0)),
    "uuid5": lambda: uuid.uuid5(uuid.NAMESPACE_DNS, "x"),
    "print": lambda: print("", end=""),
    "sorted": lambda: sorted([3, 1, 2]),
}


T = TypeVar("T")


class Guarded:
    """Code that is run as an episode is."""

    def __init__(self, mode: GuardMode) -> None:
        self._oversight = Oversight(guard_for(mode))

    def call(self, function: Callable[[], T]) -> T:
        return self._oversight.call("an episode of instance", "x", function)


@pytest.fixture(params=["audit", "strict"])
def guard(request: pytest.FixtureRequest) -> Guarded:
    return Guarded(request.param)


@pytest.fixture
def strict() -> Guarded:
    return Guarded("strict")


@pytest.mark.parametrize("name", FILES)
def test_whatever_leaves_the_process_is_refused_on_the_users_line(
    name: str, guard: Guarded
) -> None:
    with pytest.raises(NotDurableError) as caught:
        guard.call(FILES[name])
    assert f"{__file__}:{_line_of(FILES[name])}" in str(caught.value)
    assert "Way out: " in str(caught.value)


def test_nothing_is_refused_when_no_episode_runs(guard: Guarded) -> None:
    guard.call(lambda: None)
    assert pathlib.Path(HOSTS).read_bytes()
    assert os.listdir(".")
    sqlite3.connect(":memory:").close()
    socket.socket().close()
    assert time.time() > random.random()


@pytest.mark.parametrize("name", CLOCKS)
def test_strict_refuses_clocks_chance_and_the_state_of_the_process(
    name: str, strict: Guarded
) -> None:
    with pytest.raises(NotDurableError) as caught:
        strict.call(CLOCKS[name])
    assert f"{__file__}:{_line_of(CLOCKS[name])}" in str(caught.value)


@pytest.mark.parametrize("name", CLOCKS.keys() - {"sleep", "thread"})
def test_audit_leaves_clocks_and_chance_alone(name: str) -> None:
    Guarded("audit").call(CLOCKS[name])


@pytest.mark.skipif(sys.version_info < (3, 12), reason="threads are audited from 3.12")
def test_audit_refuses_threads() -> None:
    with pytest.raises(NotDurableError, match="a new thread"):
        Guarded("audit").call(CLOCKS["thread"])


@pytest.mark.skipif(sys.version_info < (3, 13), reason="time.sleep is audited from 3.13")
def test_audit_refuses_sleep() -> None:
    with pytest.raises(NotDurableError, match=r"time\.sleep.* await asyncio\.sleep"):
        Guarded("audit").call(CLOCKS["sleep"])


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_the_same_everywhere_is_allowed(name: str, guard: Guarded) -> None:
    guard.call(HARMLESS[name])


def test_off_refuses_nothing() -> None:
    assert guard_for("off") is None
    assert NO_OVERSIGHT.call("an episode of instance", "x", lambda: time.time() > 0)


def test_an_unknown_mode_is_named() -> None:
    with pytest.raises(ValueError, match="'loud'"):
        check_mode("loud")


def test_a_violation_can_be_caught_and_the_next_is_refused_as_well(guard: Guarded) -> None:
    def episode() -> list[str]:
        refused = []
        for name in ("open", "sqlite", "open"):
            try:
                FILES[name]()
            except NotDurableError as error:
                refused.append(str(error).partition("(")[0])
        return refused

    assert guard.call(episode) == ["open", "sqlite3.connect", "open"]


def test_strict_looks_on_after_a_violation_that_was_caught(strict: Guarded) -> None:
    def episode() -> list[str]:
        refused = []
        for name in ("time", "random", "pid", "time"):
            try:
                CLOCKS[name]()
            except NotDurableError as error:
                refused.append(str(error).partition(" ")[0])
        return refused

    assert strict.call(episode) == [
        "time.time",
        "random.Random.random",
        "os.getpid",
        "time.time",
    ]
    assert sys.getprofile() is None


def test_other_threads_do_what_they_like_while_an_episode_runs(guard: Guarded) -> None:
    begin, done = threading.Event(), threading.Event()
    seen: list[object] = []

    def elsewhere() -> None:
        begin.wait()
        with open(HOSTS, encoding="utf-8") as file:
            seen.append(file.readline())
        seen.append(time.time())
        done.set()

    thread = threading.Thread(target=elsewhere)
    thread.start()

    def episode() -> None:
        begin.set()
        assert done.wait(10)
        with pytest.raises(NotDurableError):
            open(HOSTS)

    guard.call(episode)
    thread.join()
    assert len(seen) == 2


def test_an_episode_within_another_does_not_end_its_guard(guard: Guarded) -> None:
    def outer() -> None:
        guard.call(lambda: None)
        with pytest.raises(NotDurableError):
            open(HOSTS)

    guard.call(outer)


# ---- who may -----------------------------------------------------------------------------------


def test_a_lazy_import_may_read_what_it_likes(
    guard: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"lazy_{uuid.uuid4().hex}"
    (tmp_path / f"{module}.py").write_text(
        "import os, time\nwith open(__file__) as file: SETTING = file.readline()\n"
        "AT = time.time()\n"
        "FILES = os.listdir(os.path.dirname(__file__))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert "import os" in guard.call(lambda: __import__(module)).SETTING


def test_tracebacks_and_source_lines_are_read(guard: Guarded) -> None:
    def episode() -> str:
        linecache.clearcache()
        try:
            raise ValueError("no")
        except ValueError:
            return traceback.format_exc()

    assert 'raise ValueError("no")' in guard.call(episode)


def test_warnings_are_shown(guard: Guarded, tmp_path: Path) -> None:
    def episode() -> None:
        linecache.clearcache()
        warnings.warn("look out", stacklevel=1)

    with pytest.warns(UserWarning, match="look out"):
        guard.call(episode)


def test_a_log_handler_may_open_its_file(guard: Guarded, tmp_path: Path) -> None:
    logger = logging.getLogger(f"{__name__}.files")
    file = tmp_path / "rotated.log"
    handler = logging.handlers.RotatingFileHandler(
        file, maxBytes=200, backupCount=2, delay=True, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(message)s"))
    logger.addHandler(handler)
    try:
        guard.call(lambda: [logger.error("line %d", n) for n in range(20)])
    finally:
        logger.removeHandler(handler)
        handler.close()
    assert "line 19" in file.read_text()
    assert (tmp_path / "rotated.log.1").exists()


def test_time_zones_are_read(guard: Guarded) -> None:
    zone = guard.call(lambda: zoneinfo.ZoneInfo.no_cache("Asia/Tokyo"))
    assert zone.utcoffset(datetime.datetime(2026, 1, 1)) == datetime.timedelta(hours=9)


class _Finalised:
    def __init__(self, done: list[str]) -> None:
        self.done = done
        self.itself = self

    def __del__(self) -> None:
        with open(HOSTS, encoding="utf-8") as file:
            self.done.append(file.readline())
        self.done.append(str(time.time()))


def test_a_finaliser_that_the_collector_runs_is_left_alone(guard: Guarded) -> None:
    done: list[str] = []

    def episode() -> None:
        _Finalised(done)
        gc.collect()

    guard.call(episode)
    assert len(done) == 2


def test_who_watches_the_collector_is_left_alone(guard: Guarded) -> None:
    seen: list[object] = []

    def watch(phase: str, info: dict[str, int]) -> None:
        with open(HOSTS, encoding="utf-8") as file:
            seen.append((file.readline(), time.perf_counter()))

    gc.callbacks.append(watch)
    try:
        guard.call(gc.collect)
    finally:
        gc.callbacks.remove(watch)
    assert len(seen) >= 2


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="there is no such signal here")
def test_a_handler_of_signals_is_left_alone(guard: Guarded) -> None:
    seen: list[object] = []

    def handle(number: int, frame: object) -> None:
        with open(HOSTS, encoding="utf-8") as file:
            seen.append((file.readline(), time.time()))

    def episode() -> None:
        signal.raise_signal(signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        guard.call(episode)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert len(seen) == 1


class _Disk:
    """A codec that keeps payloads in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def encode(self, payload: Payload) -> Payload:
        self.path.write_bytes(payload.data)
        return Payload(b"", "disk")

    def decode(self, payload: Payload) -> Payload:
        return Payload(self.path.read_bytes())


def test_the_codec_may_keep_payloads_elsewhere(guard: Guarded, tmp_path: Path) -> None:
    converter = Converter(codec=_Disk(tmp_path / "payload"))

    def episode() -> object:
        return converter.decode(converter.encode([1], what="x"), what="x")

    assert guard.call(episode) == [1]


# ---- profilers -------------------------------------------------------------------------------


def test_strict_refuses_to_replace_a_profiler() -> None:
    def profiler(*args: object) -> None: ...

    sys.setprofile(profiler)
    try:
        with pytest.raises(RuntimeError, match="profiler"):
            guard_for("strict")
    finally:
        sys.setprofile(None)


def test_strict_leaves_a_profiler_that_came_later_alone(
    strict: Guarded, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[str] = []

    def profiler(frame: object, event: str, arg: object) -> None:
        calls.append(event)

    sys.setprofile(profiler)
    try:
        assert strict.call(time.time) > 0
        with pytest.raises(NotDurableError):  # it is still audited
            strict.call(FILES["open"])
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(None)
    assert calls
    assert [r for r in caplog.messages if "another profiler" in r][1:] == []


# ---- processes of their own ------------------------------------------------------------------

EPISODE = """
import random, sys, time
from durable_async.worker.guard import guard_for
from durable_async.worker.oversight import Oversight
from durable_async import NotDurableError

def compute(n):
    total = 0
    for i in range(n):
        if i % 2:
            total += i
    return total

def episode():
    first = compute(10)
    {body}
    try:
        open({file!r})
    except NotDurableError as error:
        return first, "refused"
    return first, "let through"

print(Oversight(guard_for({mode!r})).call("an episode", "x", episode))
"""


def _run(
    folder: Path, mode: str, *arguments: str, body: str = "pass", given: str = "", **env: str
) -> str:
    script = folder / "script.py"
    script.write_text(textwrap.dedent(EPISODE.format(body=body, file=HOSTS, mode=mode)))
    done = subprocess.run(
        [sys.executable, *arguments, str(script)],
        input=given,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, **env},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("mode", ["audit", "strict"])
@pytest.mark.parametrize("core", ["ctrace", "pytrace", "sysmon"])
def test_coverage_measures_an_episode(mode: str, core: str, tmp_path: Path) -> None:
    if core == "sysmon" and sys.version_info < (3, 12):
        pytest.skip("sys.monitoring came with 3.12")
    out = _run(
        tmp_path,
        mode,
        *("-m", "coverage", "run", f"--data-file={tmp_path / 'data'}"),
        COVERAGE_CORE=core,
        COVERAGE_PROCESS_START="",
    )
    assert "(25, 'refused')" in out
    report = subprocess.run(
        [
            *(sys.executable, "-m", "coverage", "report", "--include=script.py"),
            *(f"--data-file={tmp_path / 'data'}", "--show-missing"),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    missing = report.stdout.splitlines()[2].split()[-1]
    assert missing == "21", report.stdout  # the line that a refusal passes over


@pytest.mark.parametrize("mode", ["audit", "strict"])
def test_a_breakpoint_in_an_episode_may_do_what_it_likes(mode: str, tmp_path: Path) -> None:
    (tmp_path / ".pdbrc").write_text("p 'read at the start'\n")
    out = _run(
        tmp_path,
        mode,
        body="breakpoint()",
        given="p first\np open(__file__).readline() and time.time() > 0\nwhere\nc\n",
        HOME=str(tmp_path),
    )
    assert "(25, 'refused')" in out
    assert "'read at the start'" in out
    assert "True" in out


def test_a_process_that_allows_no_hook_says_so(tmp_path: Path) -> None:
    script = tmp_path / "closed.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import sys
            def never(event, args):
                if event == "sys.addaudithook":
                    raise RuntimeError
            sys.addaudithook(never)
            from durable_async.worker.guard import guard_for
            from durable_async.worker.oversight import Oversight
            audit = Oversight(guard_for("audit"))
            print(audit.call("an episode", "x", lambda: open({HOSTS!r}).closed))
            """
        )
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert "audit hook" in done.stderr


# ---- the vocabulary --------------------------------------------------------------------------


def test_every_word_of_the_vocabulary_has_a_way_out() -> None:
    for way_out in (*(way for _, way in AUDITED.values()), *CALLS.values()):
        assert way_out
        assert not way_out.endswith(".")
