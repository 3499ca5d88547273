"""A check says the same of a file whoever asks, and no file makes it fail."""

import os
from pathlib import Path

import pytest

from durable_lint import api
from durable_lint.baseline import Baseline, BaselineError
from durable_lint.cache import Cache
from durable_lint.config import Config, load
from durable_lint.discover.files import NoSuchPathError
from durable_lint.workspace import Workspace

FLOW = """\
import time

import durable_async as da
from app.helpers import pick


@da.activity
async def charge(order: str) -> float: ...


@da.orchestrator
async def checkout(order: str) -> float:
    paid = await charge(order)
    return paid + time.time() + pick()
"""
OTHER = FLOW.replace("checkout", "again").replace("charge", "debit")
HELPERS = """\
import random


def pick() -> float:
    return random.random()


def unreached() -> float:
    return random.random()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, "pyproject.toml", "[tool.durable-lint]\n")
    write(tmp_path, "app/__init__.py", "")
    write(tmp_path, "app/flow.py", FLOW)
    write(tmp_path, "app/helpers.py", HELPERS)
    return tmp_path


def write(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


Found = tuple[str, int, str]
BOTH: list[Found] = [("flow.py", 14, "DUR101"), ("helpers.py", 5, "DUR111")]


def found(report: api.Report) -> list[Found]:
    return [(Path(each.path).name, each.span.line, each.code) for each in report.findings]


def check(root: Path, *paths: str, **settings: object) -> api.Report:
    config = load(root)._replace(**settings)  # type: ignore[arg-type]
    return api.check([root / path for path in paths], config)


def test_findings_come_by_path_and_place_with_what_was_looked_at(root: Path) -> None:
    report = check(root)
    assert found(report) == BOTH
    assert report.files == 3
    assert {Path(path).name for path in report.reached} >= {"flow.py", "helpers.py"}
    assert report.errors == ()


def test_one_file_is_checked_against_the_whole_project(root: Path) -> None:
    report = check(root, "app/helpers.py")
    assert found(report) == [("helpers.py", 5, "DUR111")]
    assert report.files == 1
    (finding,) = report.findings
    assert [Path(step.path).name for step in finding.via] == ["flow.py"]
    assert found(check(root, "app/flow.py", "app")) == BOTH


def test_a_path_that_is_not_there_is_an_error(root: Path) -> None:
    with pytest.raises(NoSuchPathError):
        check(root, "missing.py")


def test_settings_say_what_is_shown(root: Path) -> None:
    assert found(check(root, select=("DUR101",))) == BOTH[:1]
    assert found(check(root, ignore=("DUR1",))) == []
    assert found(check(root, per_file_ignores=(("app/flow.py", ("ALL",)),))) == BOTH[1:]
    assert found(check(root, exclude=("helpers.py",))) == BOTH[:1]
    assert found(check(root, deterministic=("random.random",))) == BOTH[:1]


def test_comments_keep_findings_silent_and_are_looked_at_when_asked(root: Path) -> None:
    write(root, "app/helpers.py", HELPERS.replace("()\n\n\n", "()  # durable: ignore[DUR111] a\n"))
    write(root, "other.py", "x = 1  # durable: ignore[DUR101] nothing\n")
    assert found(check(root)) == BOTH[:1]
    assert found(check(root, extend_select=("DUR190",))) == [*BOTH[:1], ("other.py", 1, "DUR190")]
    # A comment for a code that is switched off is needed as soon as it is on again.
    only = check(root, "app", select=("DUR190",), extend_select=("DUR190",))
    assert found(only) == []


@pytest.mark.parametrize(
    "data",
    [
        b"def f(:\n",
        b"x = '\xff'\n",
        b"# coding: klingon\n",
        b"x = \0\n",
        b"(" * 1000,
        b"-" * 100_000,
        b"durable_async = (\n",
    ],
)
def test_a_file_that_cannot_be_read_is_a_finding_and_the_rest_is_checked(
    root: Path, data: bytes
) -> None:
    (root / "broken.py").write_bytes(data)
    assert found(check(root)) == [*BOTH, ("broken.py", 1, "DUR000")]


def test_a_reached_file_that_cannot_be_parsed_is_a_finding_once(root: Path) -> None:
    write(root, "app/helpers.py", "def pick(:\n")
    assert found(check(root)) == [BOTH[0], ("helpers.py", 1, "DUR000")]


def test_a_file_that_nobody_may_read_is_a_finding(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def refusing(path: str, *rest: int) -> int:
        if str(path).endswith("helpers.py"):
            raise PermissionError(13, "Permission denied", path)
        return opened(path, *rest)

    monkeypatch.setattr("os.open", refusing)
    assert BOTH[0] in found(check(root))


def test_of_a_large_project_a_broken_file_is_told_when_it_is_asked_for_by_name(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("durable_lint.discover.files.SMALL", 0)
    write(root, "broken.py", "def f(:\n")
    cache = Cache.beside(root.as_posix())
    config = load(root)
    for _ in range(2):
        assert found(api.check([root], config, cache=cache)) == BOTH
        by_name = api.check([root / "broken.py"], config, cache=cache)
        assert found(by_name) == [("broken.py", 1, "DUR000")]
        silent = config._replace(ignore=("DUR000",))
        assert found(api.check([root / "broken.py"], silent, cache=cache)) == []


def test_contents_stand_for_files_on_disk_or_not_there(root: Path) -> None:
    flow = (root / "app" / "flow.py").as_posix()
    new = (root / "app" / "new.py").as_posix()
    changed = FLOW.replace("time.time()", "1").encode()
    assert found(api.check([root], load(root), overrides={flow: changed})) == [
        ("helpers.py", 5, "DUR111")
    ]
    assert found(api.check([new], load(root), overrides={new: OTHER.encode()})) == [
        ("new.py", 14, "DUR101")
    ]
    excluded = load(root)._replace(exclude=("new.py",))
    assert found(api.check([new], excluded, overrides={new: OTHER.encode()})) == []


def test_a_baseline_hides_what_is_known_and_counts_what_is_gone(root: Path) -> None:
    path = (root / "known.json").as_posix()
    with pytest.raises(BaselineError):
        check(root, baseline=path)
    lines = {name.as_posix(): name.read_text().split("\n") for name in (root / "app").iterdir()}
    findings = check(root).findings
    Baseline.of(findings, root.as_posix(), lambda file, n: lines[file][n - 1]).write(path)
    report = check(root, baseline=path)
    assert (found(report), report.known, report.stale) == ([], 2, 0)
    write(root, "app/flow.py", "import os\n" + FLOW.replace("+ time.time()", "+ 1"))
    report = check(root, baseline=path)
    assert (found(report), report.known, report.stale) == ([], 1, 1)
    report = check(root, "app/helpers.py", baseline=path)
    assert (report.known, report.stale) == (1, 0)


# ---------------------------------------------------------------- with a cache


@pytest.fixture
def cache(root: Path) -> Cache:
    return Cache.beside(root.as_posix())


def forbid_analysis(patch: pytest.MonkeyPatch) -> None:
    from durable_lint.reach.analysis import Analysis

    def never(self: Analysis, candidates: object) -> None:
        raise AssertionError("analysed again")

    patch.setattr(Analysis, "run", never)


def touch(path: Path, text: str) -> None:
    """Write a file so that its time differs, however quick the test is."""
    before = path.stat().st_mtime_ns
    path.write_text(text)
    os.utime(path, ns=(before + 10**9, before + 10**9))


def test_nothing_changed_is_nothing_analysed(
    root: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load(root)
    first = api.check([root], config, cache=cache)
    forbid_analysis(monkeypatch)
    assert api.check([root], config, cache=cache) == first
    one = api.check([root / "app" / "helpers.py"], config, cache=cache)
    assert found(one) == BOTH[1:]


def test_a_file_that_had_no_part_in_it_may_change(
    root: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("durable_lint.discover.files.SMALL", 0)
    other = write(root, "other.py", "x = 1\n")
    config = load(root)
    first = api.check([root], config, cache=cache)
    touch(other, "x = 2\n")
    with monkeypatch.context() as patch:
        forbid_analysis(patch)
        assert api.check([root], config, cache=cache) == first
        assert api.check([root], config, cache=cache) == first
    touch(other, OTHER)
    assert found(api.check([root], config, cache=cache)) == [*BOTH, ("other.py", 14, "DUR101")]


def test_whatever_changes_the_cache_says_what_a_run_without_it_says(
    root: Path, cache: Cache
) -> None:
    config = load(root)
    helpers, flow = root / "app" / "helpers.py", root / "app" / "flow.py"
    extra = root / "extra.py"
    steps = (
        lambda: None,
        lambda: touch(helpers, HELPERS.replace("random.random()", "1.0")),
        lambda: touch(flow, FLOW.replace("time.time()", "0")),
        lambda: touch(flow, FLOW + "\n\nx = (\n"),
        lambda: touch(flow, FLOW),
        lambda: write(root, "extra.py", FLOW.replace("checkout", "again")),
        lambda: touch(helpers, HELPERS),
        extra.unlink,
        helpers.unlink,
    )
    for step in steps:
        step()
        assert api.check([root], config, cache=cache) == api.check([root], config)


# ---------------------------------------------------------------- in an editor


def shown(workspace: Workspace, path: Path) -> list[tuple[int, str]]:
    return [(each.span.line, each.code) for each in workspace.findings(path.as_posix())]


def test_a_workspace_follows_what_is_typed_before_it_is_saved(root: Path) -> None:
    flow, helpers = root / "app" / "flow.py", root / "app" / "helpers.py"
    workspace = Workspace(root, load(root))
    assert shown(workspace, flow) == [(14, "DUR101")]
    workspace.update(flow.as_posix(), FLOW.replace("time.time()", "1").encode())
    assert shown(workspace, flow) == []
    assert shown(workspace, helpers) == [(5, "DUR111")]
    workspace.update(flow.as_posix(), FLOW.replace("pick()", "1").encode())
    assert shown(workspace, flow) == [(14, "DUR101")]
    assert shown(workspace, helpers) == []
    workspace.update(flow.as_posix(), None)
    assert shown(workspace, helpers) == [(5, "DUR111")]


def test_half_typed_code_keeps_what_was_found_and_says_that_it_is_half_typed(root: Path) -> None:
    flow, helpers = root / "app" / "flow.py", root / "app" / "helpers.py"
    workspace = Workspace(root, load(root))
    assert shown(workspace, helpers) == [(5, "DUR111")]
    workspace.update(flow.as_posix(), (FLOW + "x = (\n").encode())
    assert (15, "DUR000") in shown(workspace, flow)
    assert (14, "DUR101") in shown(workspace, flow)
    assert shown(workspace, helpers) == [(5, "DUR111")]
    workspace.update(flow.as_posix(), FLOW.encode())
    assert shown(workspace, flow) == [(14, "DUR101")]


def test_files_come_and_go_in_a_workspace(root: Path) -> None:
    new = root / "app" / "new.py"
    workspace = Workspace(root, load(root))
    assert shown(workspace, new) == []
    workspace.update(new.as_posix(), OTHER.encode())
    assert shown(workspace, new) == [(14, "DUR101")]
    workspace.update(new.as_posix(), None)
    assert shown(workspace, new) == []
    new.write_text(OTHER)
    workspace.rescan()
    assert new.as_posix() in workspace.paths()
    assert workspace.source(new.as_posix()).text == OTHER


def test_a_project_without_orchestrators_is_clean(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "import time\ntime.time()\n")
    report = api.check([tmp_path], Config(root=tmp_path.as_posix()))
    assert (report.findings, report.files, report.reached) == ((), 1, ())
