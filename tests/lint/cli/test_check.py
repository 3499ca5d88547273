"""What `durable-lint check` prints, and with which code it ends."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from durable_lint import api
from durable_lint.cli import main
from durable_lint.config import CODES

Said = tuple[int, str, str]


@pytest.fixture
def lint(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run the command. Returns: exit code, standard output, standard error."""

    def run(*words: str) -> Said:
        code = main(words)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def places(out: str) -> list[str]:
    """The first line of each finding, up to its code."""
    return [
        " ".join(line.split()[:2])
        for line in out.splitlines()
        if ": DUR" in line and line[0] != " "
    ]


BOTH = ["shop/flows.py:10:15: DUR101", "shop/helpers.py:5:16: DUR112"]

Lint = Callable[..., Said]


# ---------------------------------------------------------------- findings and exit codes


def test_findings_end_with_1_and_are_shown_with_their_lines_and_chains(
    project: Path, lint: Lint
) -> None:
    code, out, err = lint("check")
    assert code == 1
    assert places(out) == BOTH
    assert "  10 |     started = datetime.now(UTC)\n     |               ^" in out
    assert "    reached from checkout (shop/flows.py:11)\n          in stamp\n" in out
    assert out.splitlines()[-1].startswith("2 findings in 2 files; [*] 2 fixable with --fix (")
    assert err == ""


def test_no_findings_end_with_0(project: Path, lint: Lint) -> None:
    (project / "shop" / "flows.py").write_text(
        "import durable_async as da\n\n\n@da.orchestrator\nasync def checkout() -> None: ...\n"
    )
    code, out, _ = lint("check")
    assert code == 0
    assert out == "No findings (3 files checked; orchestrators of the project reach 1 file)\n"


def test_findings_end_with_0_for_who_wants_that(project: Path, lint: Lint) -> None:
    code, out, _ = lint("check", "--exit-zero")
    assert (code, places(out)) == (0, BOTH)


def test_quiet_leaves_out_all_but_the_findings(project: Path, lint: Lint) -> None:
    _, out, err = lint("check", "-q")
    assert out.splitlines()[-1] == ""
    assert places(out) == BOTH
    assert err == ""


def test_code_without_orchestrators_is_not_said_to_be_clean(project: Path, lint: Lint) -> None:
    (project / "shop" / "flows.py").unlink()
    code, out, _ = lint("check")
    assert code == 0
    assert out == "No findings, and no orchestrator either (2 files checked).\n"


@pytest.mark.parametrize("run", ["first", "again"])
def test_orchestrators_of_a_dialect_that_is_not_set_are_told_of(
    project: Path, lint: Lint, run: str
) -> None:
    (project / "shop" / "flows.py").write_text("from temporalio import activity, workflow\n")
    (project / "shop" / "starter.py").write_text("from temporalio.client import Client\n")
    (project / "shop" / "old.py").write_text("import azure.durable_functions as df\n")
    if run == "again":
        lint("check")
    _, out, _ = lint("check")
    first, *others = out.splitlines()
    assert first == "No findings, and no orchestrator either (5 files checked)."
    assert others == [
        f"1 file may hold orchestrators of {dialect}; they are checked with"
        f' `dialects = ["{dialect}"]` under [tool.durable-lint] in pyproject.toml.'
        for dialect in ("temporalio", "durabletask")
    ]


def test_a_dialect_is_not_told_of_where_there_are_orchestrators(project: Path, lint: Lint) -> None:
    (project / "shop" / "temporal.py").write_text("from temporalio import workflow\n")
    _, out, _ = lint("check")
    assert "temporalio" not in out


def test_a_directory_without_python_is_not_said_to_be_clean(project: Path, lint: Lint) -> None:
    (project / "docs").mkdir()
    code, out, _ = lint("check", "docs")
    assert code == 0
    assert out == "Nothing was checked: no Python file is there.\n"


@pytest.mark.parametrize("words", [["nowhere"], ["shop", "nowhere/a.py"], ["chekc", "shop"]])
def test_a_path_that_is_not_there_is_refused_and_nothing_is_checked(
    words: list[str], project: Path, lint: Lint
) -> None:
    code, out, err = lint(*words)
    assert (code, out) == (2, "")
    assert "there is no such file or directory" in err
    assert err.count("no such") == 1
    assert ("did you mean the command `check`?" in err) is (words[0] == "chekc")


def test_a_file_is_checked_against_the_project_around_it(project: Path, lint: Lint) -> None:
    code, out, _ = lint("check", "shop/helpers.py")
    assert code == 1
    assert places(out) == BOTH[1:]
    assert "reached from checkout (shop/flows.py:11)" in out


def test_paths_are_shown_from_the_working_directory(
    project: Path, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "shop")
    _, out, _ = lint("check", "..")
    assert places(out) == [place.removeprefix("shop/") for place in BOTH]


def test_a_syntax_error_is_a_finding_and_the_rest_is_checked(project: Path, lint: Lint) -> None:
    (project / "shop" / "broken.py").write_text("def broken(:\n    pass\n")
    code, out, _ = lint("check")
    assert code == 1
    assert [place.split()[1] for place in places(out)] == ["DUR000", "DUR101", "DUR112"]


def test_each_path_goes_by_the_settings_nearest_to_it(project: Path, lint: Lint) -> None:
    inner = project / "tools"
    inner.mkdir()
    (inner / "pyproject.toml").write_text('[tool.durable-lint]\nignore = ["DUR101"]\n')
    (inner / "flows.py").write_text((project / "shop" / "flows.py").read_text())
    _, out, _ = lint("check", "shop/flows.py", "tools/flows.py")
    assert places(out) == BOTH[:1]


def test_a_directory_that_cannot_be_read_is_no_success(
    project: Path, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    unread = api.Report(findings=(), files=1, errors=("data: Permission denied",))
    monkeypatch.setattr(api, "check", lambda *_, **__: unread)
    code, _, err = lint("check", "-q")
    assert code == 2
    assert err == "durable-lint: data: Permission denied\n"


# ---------------------------------------------------------------- selection and settings


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (["--select", "DUR112"], ["DUR112"]),
        (["--select", "DUR10,DUR11"], ["DUR101", "DUR112"]),
        (["--ignore", "DUR112"], ["DUR101"]),
        (["--select", "DUR13"], []),
        (["--select", "DUR13", "--extend-select", "DUR101"], ["DUR101"]),
    ],
    ids=" ".join,
)
def test_codes_are_selected_and_ignored(
    words: list[str], codes: list[str], project: Path, lint: Lint
) -> None:
    code, out, _ = lint("check", *words)
    assert [place.split()[1] for place in places(out)] == codes
    assert code == bool(codes)


@pytest.mark.parametrize("option", ["--select", "--ignore", "--extend-select"])
def test_a_code_that_does_not_exist_is_refused(option: str, project: Path, lint: Lint) -> None:
    code, out, err = lint("check", option, "DUR999")
    assert (code, out) == (2, "")
    assert option in err
    assert "DUR999" in err


def test_every_rule_is_explained_by_all(lint: Lint) -> None:
    code, out, _ = lint("explain", "all")
    assert code == 0
    for known in CODES:
        assert f"\n{known}: " in f"\n{out}"


def test_a_mistake_in_the_settings_is_refused(project: Path, lint: Lint) -> None:
    (project / "pyproject.toml").write_text("[tool.durable-lint]\nselekt = []\n")
    code, out, err = lint("check")
    assert (code, out) == (2, "")
    assert "did you mean 'select'" in err


def test_settings_can_be_read_from_elsewhere_and_are_shown(project: Path, lint: Lint) -> None:
    (project / "other.toml").write_text('[tool.durable-lint]\nselect = ["DUR112"]\n')
    code, out, _ = lint("check", "--config", "other.toml")
    assert (code, places(out)) == (1, BOTH[1:])
    code, out, _ = lint("check", "--config", "other.toml", "--show-config")
    assert code == 0
    assert 'select = ["DUR112"]' in out


def noted(project: Path, lint: Lint, settings: str, *words: str) -> list[str]:
    """What is said beside the findings, which are the same."""
    (project / "pyproject.toml").write_text(f"[tool.durable-lint]\n{settings}\n")
    _, out, err = lint("check", *words)
    if not words:
        assert places(out) == BOTH
    return [line.removeprefix("durable-lint: ") for line in err.splitlines()]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('exclude = ["shpo/**"]', "exclude: no file matches 'shpo/**'"),
        ('exclude = ["test_*.py"]', "exclude: no file matches 'test_*.py'"),
        (
            'per-file-ignores = {"shpo/*.py" = ["DUR101"]}',
            "per-file-ignores: no file matches 'shpo/*.py'",
        ),
        (
            'roots = ["shop.flows.chekout"]',
            "roots: 'shop.flows.chekout' is nowhere: shop/flows.py has no 'chekout'",
        ),
        (
            'activities = ["shpo.gateway.*"]',
            (
                "activities: 'shpo.gateway.*' is nowhere: "
                "no module 'shpo' is in the project, nor imported by it"
            ),
        ),
    ],
)
def test_a_name_in_the_settings_that_matches_nothing_is_told(
    settings: str, said: str, project: Path, lint: Lint
) -> None:
    assert noted(project, lint, settings) == [f"pyproject.toml: [tool.durable-lint] {said}"]
    assert noted(project, lint, settings, "-q") == []
    assert noted(project, lint, settings, "shop/flows.py") == []  # a hook has no time for it


@pytest.mark.parametrize(
    "settings",
    [
        'exclude = ["unused", "build"]',
        'per-file-ignores = {"**/unused/*.py" = ["DUR101"]}',
        'roots = ["shop.flows.Checkout.run", "random.choice"]',
        'activities = ["unused.*", "shop.helpers.not_reached"]',
    ],
)
def test_a_name_in_the_settings_that_matches_something_is_not(
    settings: str, project: Path, lint: Lint
) -> None:
    for folder in ("unused", "build"):
        (project / folder).mkdir()
        (project / folder / "a.py").write_text("")
    flows = project / "shop" / "flows.py"
    flows.write_text(flows.read_text() + "\n\nclass Checkout: ...\n")
    assert noted(project, lint, settings) == []


def test_a_file_that_is_given_by_name_and_excluded_is_told(project: Path, lint: Lint) -> None:
    told = noted(project, lint, 'exclude = ["shop/h*.py"]', "shop/helpers.py", "shop/flows.py")
    assert told == ["shop/helpers.py is not checked: 'shop/h*.py' in the settings excludes it"]


# ---------------------------------------------------------------- formats


def test_json_is_one_document_and_the_summary_is_elsewhere(project: Path, lint: Lint) -> None:
    code, out, err = lint("check", "--format", "json")
    assert code == 1
    document = json.loads(out)
    assert [(one["path"], one["line"], one["code"]) for one in document["findings"]] == [
        ("shop/flows.py", 10, "DUR101"),
        ("shop/helpers.py", 5, "DUR112"),
    ]
    assert document["files"] == 3
    assert err == ""


def test_sarif_results_keep_their_fingerprints_when_lines_move(project: Path, lint: Lint) -> None:
    def prints() -> list[Any]:
        _, out, _ = lint("check", "--format", "sarif")
        results = json.loads(out)["runs"][0]["results"]
        return [result["partialFingerprints"] for result in results]

    before = prints()
    assert len(before) == 2
    assert before[0] != before[1]
    flows = project / "shop" / "flows.py"
    flows.write_text("# a line more\n" + flows.read_text())
    assert prints() == before


def test_a_sarif_log_describes_every_rule(project: Path, lint: Lint) -> None:
    _, out, _ = lint("check", "--format", "sarif")
    rules = json.loads(out)["runs"][0]["tool"]["driver"]["rules"]
    assert {"DUR101", "DUR152", "DUR190"} <= {rule["id"] for rule in rules}


def test_github_annotations(project: Path, lint: Lint) -> None:
    _, out, _ = lint("check", "--format", "github")
    assert [line.partition(",line")[0] for line in out.splitlines()] == [
        "::error title=DUR101 wall_clock,file=shop/flows.py",
        "::error title=DUR112 uuid,file=shop/helpers.py",
    ]


def test_findings_can_go_to_a_file(project: Path, lint: Lint) -> None:
    code, out, err = lint("check", "--format", "json", "--output-file", "found.json")
    assert (code, out) == (1, "")
    assert err.startswith("2 findings in 2 files")
    assert len(json.loads((project / "found.json").read_text())["findings"]) == 2
    code, out, err = lint("check", "--output-file", "no/such/folder.txt")
    assert (code, out) == (2, "")
    assert "cannot be written" in err


def test_statistics_are_counts(project: Path, lint: Lint) -> None:
    _, out, _ = lint("check", "--statistics", "-q")
    assert out == (
        "1  DUR101  wall_clock  1 fixable with --fix\n1  DUR112  uuid  1 fixable with --fix\n"
    )
    _, out, _ = lint("check", "--statistics", "--format", "json")
    assert json.loads(out)["statistics"][0] == {
        "code": "DUR101",
        "category": "wall_clock",
        "findings": 1,
        "fixable": 1,
    }


def test_colours_when_asked_for(project: Path, lint: Lint) -> None:
    _, plain, _ = lint("check")
    _, painted, _ = lint("check", "--color", "always")
    assert "\x1b[" not in plain
    assert "\x1b[1;31mDUR101\x1b[0m" in painted


def test_calls_that_lead_nobody_knows_where_are_listed(project: Path, lint: Lint) -> None:
    (project / "shop" / "flows.py").write_text(
        "import durable_async as da\n\n\n"
        "@da.orchestrator\nasync def checkout(order: str, tool) -> None:\n    tool.run()\n"
    )
    _, out, _ = lint("check", "--select", "DUR101", "--show-unresolved")
    assert "shop/flows.py:6:5: where `tool.run" in out
    _, out, _ = lint("check", "--select", "DUR101")
    assert "tool.run" not in out


# ---------------------------------------------------------------- standard input


def typed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_standard_input_stands_for_a_file(
    project: Path, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    helpers = (project / "shop" / "helpers.py").read_text()
    typed(f"# one line more\n{helpers}", monkeypatch)
    code, out, _ = lint("check", "--stdin-filename", "shop/helpers.py", "-")
    assert code == 1
    assert places(out) == ["shop/helpers.py:6:16: DUR112"]
    assert "    return str(uuid.uuid4())" in out


def test_standard_input_may_stand_for_a_file_that_is_not_there_yet(
    project: Path, lint: Lint, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed((project / "shop" / "flows.py").read_text(), monkeypatch)
    _, out, _ = lint("check", "--stdin-filename", "shop/new.py", "--select", "DUR101")
    assert places(out) == ["shop/new.py:10:15: DUR101"]


# ---------------------------------------------------------------- baselines


def test_what_a_baseline_holds_is_not_shown_and_what_is_new_is(project: Path, lint: Lint) -> None:
    code, out, err = lint("check", "--write-baseline")
    assert (code, out) == (0, "")
    assert "2 findings held as known in durable-lint-baseline.json" in err
    assert 'baseline = "durable-lint-baseline.json"' in err
    (project / "pyproject.toml").write_text(
        '[tool.durable-lint]\nbaseline = "durable-lint-baseline.json"\n'
    )
    code, out, _ = lint("check")
    assert code == 0
    assert "2 findings held by the baseline, not shown" in out
    flows = project / "shop" / "flows.py"
    flows.write_text(flows.read_text() + "\n\n@da.orchestrator\nasync def f() -> int:\n"
                     "    return random.randint(1, 2)\n")  # fmt: skip
    code, out, _ = lint("check")
    assert code == 1
    assert places(out) == ["shop/flows.py:16:12: DUR111"]
    code, out, _ = lint("check", "--no-baseline")
    assert len(places(out)) == 3


def test_an_entry_that_matches_nothing_any_more_is_out_of_date(project: Path, lint: Lint) -> None:
    lint("check", "--baseline", "known.json", "--write-baseline")
    (project / "shop" / "helpers.py").write_text("def stamp() -> str:\n    return '1'\n")
    _, out, _ = lint("check", "--baseline", "known.json")
    assert "1 entry is out of date in the baseline" in out
    lint("check", "--baseline", "known.json", "--write-baseline")
    _, out, _ = lint("check", "--baseline", "known.json")
    assert "out of date" not in out


def test_a_baseline_written_for_one_file_keeps_what_it_holds_of_others(
    project: Path, lint: Lint
) -> None:
    lint("check", "--write-baseline", "--baseline", "known.json")
    lint("check", "--write-baseline", "--baseline", "known.json", "shop/flows.py")
    code, _, _ = lint("check", "--baseline", "known.json")
    assert code == 0


def test_a_baseline_written_for_one_code_keeps_what_it_holds_of_others(
    project: Path, lint: Lint
) -> None:
    lint("check", "--write-baseline", "--baseline", "known.json")
    lint("check", "--write-baseline", "--baseline", "known.json", "--select", "DUR112")
    code, out, _ = lint("check", "--baseline", "known.json")
    assert (code, places(out)) == (0, [])
    _, out, _ = lint("check", "--baseline", "known.json", "--select", "DUR112")
    assert "out of date" not in out  # what was not looked for may be there


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_baseline_that_is_none_is_refused(content: str | None, project: Path, lint: Lint) -> None:
    if content is not None:
        (project / "known.json").write_text(content)
    code, out, err = lint("check", "--baseline", "known.json")
    assert (code, out) == (2, "")
    assert "--write-baseline" in err


# ---------------------------------------------------------------- the cache, and the start


def test_a_result_is_the_same_with_a_cache_and_without(project: Path, lint: Lint) -> None:
    first = lint("check")
    assert (project / ".durable-lint-cache").is_dir()
    assert lint("check") == first
    assert lint("check", "--no-cache") == first


def test_a_cache_can_be_kept_elsewhere_or_not_at_all(project: Path, lint: Lint) -> None:
    lint("check", "--no-cache")
    lint("check", "--cache-dir", "elsewhere/cache")
    assert not (project / ".durable-lint-cache").exists()
    assert (project / "elsewhere" / "cache").is_dir()


HEAVY = ("attr", "libcst", "asyncio", "ast", "pathlib", "inspect", "logging", "tempfile", "difflib")


def imported_by(*words: str) -> set[str]:
    """Which of the heavy modules a run of the command imports; it must not fail."""
    code = f"""
import sys
before = set(sys.modules)
from durable_lint import api
from durable_lint.cli import main
from durable_lint.config import CODES
try:
    main({words!r})
except SystemExit:
    pass
print("imported", *(set({HEAVY!r} + ("durable_async",)) & (sys.modules.keys() - before)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_the_version_and_a_run_that_finds_nothing_changed_import_next_to_nothing(
    project: Path, lint: Lint
) -> None:
    assert imported_by("--version") == set()
    lint("check")
    assert imported_by("check") == set()
    assert imported_by("check", "shop/helpers.py") == set()
    assert "ast" in imported_by("check", "--no-cache")  # or this test could not fail


# ---------------------------------------------------------------- rules


def test_the_rules_are_listed(lint: Lint) -> None:
    code, out, _ = lint("rules")
    assert code == 0
    assert out.startswith("DUR101 * wall_clock ")
    assert "DUR190" in out
    assert "(off by default)" in out
    _, out, _ = lint("rules", "--format", "json")
    rules = {rule["code"]: rule for rule in json.loads(out)["rules"]}
    assert rules["DUR101"]["fixable"]
    assert not rules["DUR190"]["default"]


def test_a_rule_is_explained_with_what_to_write_instead(lint: Lint) -> None:
    code, out, _ = lint("--explain", "DUR101")
    assert code == 0
    assert out.startswith("DUR101: ")
    assert "Instead of\n" in out
    assert "durable_async.now()" in out
    assert "# durable: ignore[DUR101]" in out


def test_rules_are_explained_by_the_beginning_of_their_code_by_category_and_in_any_case(
    lint: Lint,
) -> None:
    _, out, _ = lint("explain", "dur11")
    assert out.count("Instead of\n") == 2
    _, out, _ = lint("explain", "wall_clock", "DUR000")
    assert "DUR101: " in out
    assert "DUR000: " in out


@pytest.mark.parametrize("code", ["DUR999", "", "nonsense"])
def test_a_code_that_no_rule_has_cannot_be_explained(code: str, lint: Lint) -> None:
    ended, out, err = lint("explain", code)
    assert (ended, out) == (2, "")
    assert "DUR101" in err
