"""The cache gives back exactly what was kept for exactly this, or nothing."""

import os
from pathlib import Path

import pytest

from durable_lint.cache import NAME, Cache, Run, ground
from durable_lint.config import Config
from durable_lint.discover.files import Stamp
from durable_lint.model import Finding, Span, Step, Unresolved

CONFIG = Config(root="/p", select=("DUR1",))
STAMPS = {"/p/a.py": Stamp(1, 2), "/p/b\udcff\n.py": Stamp(10**18, 0)}
RUN = Run(
    findings=(
        Finding(
            "/p/a.py",
            Span(1, 2, 3, 4),
            "DUR101",
            "wall_clock",
            "méssage",
            "f",
            "time.time",
            (Step("/p/b.py", 7, "g"), Step("/p/c.py", 8, "h")),
            True,
        ),
        Finding("/p/a.py", Span(1, 2, 3, 4), "DUR102", "x", "m", "f", "s"),
    ),
    candidates=("/p/a.py",),
    reached=("/p/a.py", "/p/b\udcff\n.py"),
    unresolved=(Unresolved("/p/a.py", Span(1, 1, 1, 2), "x()", "f"),),
)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache.beside(tmp_path.as_posix())


def kept(cache: Cache) -> list[Path]:
    return sorted(Path(f"{cache.directory}/runs").iterdir())


def test_a_run_comes_back_as_it_was(cache: Cache) -> None:
    assert cache.run(CONFIG, STAMPS) is None
    cache.keep_run(CONFIG, STAMPS, RUN)
    assert cache.run(CONFIG, STAMPS) == RUN
    assert cache.earlier(CONFIG) == (RUN, STAMPS, b"")


@pytest.mark.parametrize(
    "stamps",
    [
        {},
        STAMPS | {"/p/a.py": Stamp(2, 2)},
        STAMPS | {"/p/a.py": Stamp(1, 3)},
        STAMPS | {"/p/c.py": Stamp(1, 2)},
        {"/p/a.py": Stamp(1, 2)},
    ],
)
def test_any_change_of_the_files_is_another_run(cache: Cache, stamps: dict[str, Stamp]) -> None:
    cache.keep_run(CONFIG, STAMPS, RUN)
    assert cache.run(CONFIG, stamps) is None
    assert cache.earlier(CONFIG) == (RUN, STAMPS, b"")


def test_how_the_files_hang_together_is_kept_beside_a_run(cache: Cache) -> None:
    cache.keep_run(CONFIG, STAMPS, RUN, b"[1,2]")
    assert cache.run(CONFIG, STAMPS) == RUN
    assert cache.earlier(CONFIG) == (RUN, STAMPS, b"[1,2]")


def test_a_run_stands_on_what_it_hangs_on(cache: Cache, tmp_path: Path) -> None:
    stub, missing = tmp_path / "library.pyi", tmp_path / "mypy.ini"
    stub.write_text("x: int")
    run = RUN._replace(grounds=(ground(str(stub)), ground(str(missing))))
    cache.keep_run(CONFIG, STAMPS, run)
    assert cache.run(CONFIG, STAMPS) == run
    missing.write_text("[mypy]")
    assert cache.run(CONFIG, STAMPS) is None
    missing.unlink()
    assert cache.run(CONFIG, STAMPS) == run
    stub.write_text("x: int | str")
    assert cache.run(CONFIG, STAMPS) is None
    stub.unlink()
    assert cache.run(CONFIG, STAMPS) is None


def test_other_settings_have_a_run_of_their_own(cache: Cache) -> None:
    cache.keep_run(CONFIG, STAMPS, RUN)
    other = CONFIG._replace(strict_logging=True)
    assert cache.run(other, STAMPS) is None
    cache.keep_run(other, STAMPS, Run((), (), (), ()))
    assert cache.run(CONFIG, STAMPS) == RUN


def test_another_release_or_python_starts_anew(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.keep_run(CONFIG, STAMPS, RUN)
    cache.keep_facts(b"x", b"facts")
    monkeypatch.setattr("durable_lint.cache.__version__", "99")
    assert cache.run(CONFIG, STAMPS) is None
    assert cache.facts(b"x") is None


def test_who_changes_the_checker_itself_is_not_shown_old_results(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.keep_run(CONFIG, STAMPS, RUN)
    monkeypatch.setattr("durable_lint.cache._own_files", lambda: 1)
    assert cache.run(CONFIG, STAMPS) is None


def test_only_the_latest_settings_are_kept(cache: Cache) -> None:
    for number in range(20):
        cache.keep_run(CONFIG._replace(exclude=(str(number),)), STAMPS, RUN)
    assert len(kept(cache)) == 8


def test_a_run_that_is_damaged_anywhere_is_none(cache: Cache) -> None:
    cache.keep_run(CONFIG, STAMPS, RUN)
    (path,) = kept(cache)
    data = path.read_bytes()
    for at in range(0, len(data), 7):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert cache.run(CONFIG, STAMPS) is None
        path.write_bytes(data[:at])
        assert cache.run(CONFIG, STAMPS) is None
    path.write_bytes(b"[" * 100_000)
    assert cache.run(CONFIG, STAMPS) is None
    assert cache.earlier(CONFIG) is None


def test_glances_come_back_for_the_same_words(cache: Cache) -> None:
    words = [b"durable_async"]
    assert cache.glances(words) == {}
    cache.keep_glances(words, [("/p/a.py", Stamp(1, 2), [True, "x"])])
    assert cache.glances(words) == {"/p/a.py": (Stamp(1, 2), [True, "x"])}
    assert cache.glances([b"temporalio"]) == {}


def test_damaged_glances_are_none(cache: Cache) -> None:
    cache.keep_glances([], [("/p/a.py", Stamp(1, 2), [])])
    path = Path(f"{cache.directory}/glances.json")
    data = path.read_bytes()
    assert cache.glances([])
    for content in (b"", b"[]", b"{}\n{}", data[:-1], data.replace(b"/p/a.py", b"/p/b.py")):
        path.write_bytes(content)
        assert cache.glances([]) == {}


def test_facts_go_by_content(cache: Cache) -> None:
    assert cache.facts(b"x = 1") is None
    cache.keep_facts(b"x = 1", b"\0facts")
    cache.keep_facts(b"x = 2", b"")
    assert cache.facts(b"x = 1") == b"\0facts"
    assert cache.facts(b"x = 2") == b""
    assert cache.facts(b"x = 3") is None


def facts_file(cache: Cache) -> Path:
    (path,) = (path for path in Path(f"{cache.directory}/facts").rglob("*") if len(path.name) > 30)
    return path


def test_damaged_facts_are_none(cache: Cache) -> None:
    cache.keep_facts(b"x = 1", b"facts")
    path = facts_file(cache)
    for data in (b"", b"abc", path.read_bytes()[:-1], path.read_bytes() + b"!"):
        path.write_bytes(data)
        assert cache.facts(b"x = 1") is None


def test_facts_that_nobody_asked_for_in_two_weeks_go(cache: Cache) -> None:
    for data in (b"old", b"asked for", b"new"):
        cache.keep_facts(data, data)
    month_ago = (facts := Path(f"{cache.directory}/facts")).stat().st_mtime - 30 * 86_400
    for path in facts.rglob("*"):
        if path.is_file():
            os.utime(path, (month_ago, month_ago))
    assert cache.facts(b"asked for") == b"asked for"
    cache.keep_facts(b"new", b"new")
    cache.drop_old_facts()
    assert cache.facts(b"old") is None
    assert cache.facts(b"asked for") == b"asked for"
    assert cache.facts(b"new") == b"new"


def test_dropping_looks_once_a_day(cache: Cache) -> None:
    cache.drop_old_facts()
    cache.keep_facts(b"x", b"x")
    os.utime(facts_file(cache), (0, 0))
    cache.drop_old_facts()
    assert facts_file(cache).exists()


def test_the_directory_is_neither_committed_nor_backed_up(cache: Cache, tmp_path: Path) -> None:
    cache.keep_facts(b"", b"")
    directory = tmp_path / NAME
    assert (directory / ".gitignore").read_text() == "*\n"
    assert (directory / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d17278")


def test_nothing_half_written_is_left(cache: Cache) -> None:
    cache.keep_run(CONFIG, STAMPS, RUN)
    cache.keep_run(CONFIG, STAMPS, RUN)
    assert len(kept(cache)) == 1


def test_a_place_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for cache in (Cache(None), Cache(f"{tmp_path.as_posix()}/file/{NAME}")):
        cache.keep_run(CONFIG, STAMPS, RUN)
        cache.keep_glances([], [])
        cache.keep_facts(b"", b"")
        cache.drop_old_facts()
        assert cache.run(CONFIG, STAMPS) is None
        assert cache.glances([]) == {}
        assert cache.facts(b"") is None
