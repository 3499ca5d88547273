"""A check with types ends as any other: in findings, or in a message that says what to do."""

import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.lint.oracle.library import FILES, HEAD

from durable_lint.api import Report, check
from durable_lint.cache import Cache
from durable_lint.cli import main
from durable_lint.config import load
from durable_lint.oracle.installed import MypyMissingError
from durable_lint.workspace import Workspace

# Each check starts mypy: a second or two, and many more on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CLEARING = """
@orchestrator
async def clear() -> None:
    acme.connect().execute("delete from orders")
"""


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One cache for all: mypy reads the standard library once."""
    return str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Makes a project of the files that are given by name."""

    def make(**files: str) -> Path:
        for name, text in FILES.items():
            put(tmp_path / name, text)
        for name, text in files.items():
            put(tmp_path / f"{name.replace('__', '/')}.py", HEAD + textwrap.dedent(text))
        return tmp_path

    return make


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def look(root: Path, kept: str | None, **overrides: bytes) -> Report:
    contents = {f"{root}/{name}.py": data for name, data in overrides.items()}
    config = load(root)._replace(types=True)
    return check([root], config, overrides=contents, cache=Cache(kept) if kept else None)


def codes(report: Report) -> list[tuple[str, str]]:
    return [(finding.path.rpartition("/")[2], finding.code) for finding in report.findings]


# ---------------------------------------------------------------- what is asked for


def test_the_command_asks_mypy_when_told_to(
    project: Callable[..., Path], kept: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(flow=CLEARING)
    assert main(["check", str(root), "--cache-dir", kept]) == 0
    capsys.readouterr()
    assert main(["check", str(root), "--cache-dir", kept, "--types"]) == 1
    assert "DUR121" in capsys.readouterr().out


def test_the_settings_ask_for_types_and_the_command_line_may_refuse(
    project: Callable[..., Path], kept: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(flow=CLEARING)
    settings = FILES["pyproject.toml"].replace("extend-select = []", "types = true")
    put(root / "pyproject.toml", settings)
    assert main(["check", str(root), "--cache-dir", kept]) == 1
    assert main(["check", str(root), "--cache-dir", kept, "--no-types"]) == 0
    capsys.readouterr()
    assert main(["check", str(root), "--show-config"]) == 0
    assert "types = true" in capsys.readouterr().out


def test_without_mypy_types_are_refused_with_what_to_install(
    project: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = project(flow=CLEARING)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["check", str(root), "--no-cache", "--types"]) == 2
    said = capsys.readouterr().err
    assert "mypy is not installed" in said
    assert "pip install 'durable-async[types]'" in said
    assert main(["check", str(root), "--no-cache"]) == 0
    with pytest.raises(MypyMissingError):
        look(root, None)


def test_an_editor_does_not_wait_for_mypy(
    project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = project(flow=CLEARING)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    workspace = Workspace(str(root), load(root)._replace(types=True))
    assert workspace.findings(f"{root}/flow.py") == []


# ---------------------------------------------------------------- how far it goes


def test_an_answer_may_lead_to_files_that_are_asked_about_next(
    project: Callable[..., Path], kept: str
) -> None:
    root = project(
        flow="""
            from first import First

            @orchestrator
            async def clear() -> None:
                acme.Box(First()).get().run()
        """,
        first="""
            from second import Second

            class First:
                def run(self) -> None:
                    acme.Box(Second()).get().run()
        """,
        second="""
            class Second:
                def run(self) -> None:
                    acme.connect().execute("delete from orders")
        """,
    )
    (finding,) = look(root, kept).findings
    assert finding.path == f"{root}/second.py"
    assert [step.function for step in finding.via] == ["clear", "First.run"]


def test_nothing_but_the_files_and_the_settings_decides(
    project: Callable[..., Path],
    kept: str,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = project(flow=CLEARING, json="", random="")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert codes(look(root, kept)) == [("flow.py", "DUR121")]


def test_two_scripts_may_have_the_same_name(project: Callable[..., Path], kept: str) -> None:
    other = CLEARING.replace("clear", "wipe")
    root = project(one__main=CLEARING, two__main=other, src__shop__main=other.replace("wipe", "w"))
    assert codes(look(root, kept)) == [("main.py", "DUR121")] * 3


def test_what_stands_in_an_editor_is_asked_about(project: Callable[..., Path], kept: str) -> None:
    root = project(flow="")
    assert codes(look(root, kept, flow=(HEAD + CLEARING).encode())) == [("flow.py", "DUR121")]


def test_plugins_of_the_project_are_asked_too(project: Callable[..., Path], kept: str) -> None:
    root = project(
        flow="""
            @activity
            async def charge(who: str) -> None: ...

            @orchestrator
            async def bill() -> None:
                for who in acme.anything():
                    await charge(who)
        """
    )
    put(
        root / "typing_plugin.py",
        textwrap.dedent("""
            from mypy.plugin import Plugin

            def names(context):
                text = context.api.named_generic_type("builtins.str", [])
                return context.api.named_generic_type("builtins.set", [text])

            class Names(Plugin):
                def get_function_hook(self, name):
                    return names if name == "acme.anything" else None

            def plugin(version):
                return Names
        """),
    )
    assert codes(look(root, kept)) == []
    settings = FILES["pyproject.toml"] + "plugins = ['./typing_plugin.py']\n"
    put(root / "pyproject.toml", settings)
    assert codes(look(root, kept)) == [("flow.py", "DUR134")]


# ---------------------------------------------------------------- what goes wrong


def test_a_file_that_cannot_be_parsed_does_not_keep_mypy_from_the_others(
    project: Callable[..., Path], kept: str
) -> None:
    root = project(flow="import broken\nimport torn\n" + CLEARING, broken="def (", torn="x = [")
    report = look(root, kept)
    assert codes(report) == [("broken.py", "DUR000"), ("flow.py", "DUR121"), ("torn.py", "DUR000")]
    assert report.errors == ()


def test_when_mypy_fails_that_is_said_and_nothing_of_it_is_kept(
    project: Callable[..., Path], kept: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project(flow=CLEARING)
    good = FILES["pyproject.toml"]
    put(root / "pyproject.toml", good + "plugins = ['./missing_plugin.py']\n")
    for _ in range(2):
        assert main(["check", str(root), "--cache-dir", kept, "--types"]) == 2
        captured = capsys.readouterr()
        said = captured.out + captured.err
        assert "mypy could not tell types" in said
        assert "missing_plugin" in said
    put(root / "pyproject.toml", good)
    assert main(["check", str(root), "--cache-dir", kept, "--types"]) == 1


def test_a_process_that_dies_is_told(
    project: Callable[..., Path], kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], -9, "", "")

    root = project(flow=CLEARING)
    monkeypatch.setattr(subprocess, "run", killed)
    report = look(root, kept)
    assert report.findings == ()
    assert report.errors == (
        "mypy could not tell types (it ended with -9); what hangs on them is not reported",
    )


def test_errors_of_types_are_not_ours_to_show(project: Callable[..., Path], kept: str) -> None:
    root = project(flow="number: int = 'text'\nimport nothing_like_it\n" + CLEARING)
    report = look(root, kept)
    assert codes(report) == [("flow.py", "DUR121")]
    assert report.errors == ()


# ---------------------------------------------------------------- what is kept


def test_a_check_of_what_did_not_change_does_not_start_mypy(
    project: Callable[..., Path], kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = project(flow=CLEARING)
    before = look(root, kept)
    monkeypatch.setattr(subprocess, "run", must_not_be_called)
    assert look(root, kept) == before
    assert codes(before) == [("flow.py", "DUR121")]


def must_not_be_called(*_: object, **__: object) -> None:
    raise AssertionError


def test_types_and_no_types_are_kept_apart(project: Callable[..., Path], kept: str) -> None:
    root = project(flow=CLEARING)
    plain = load(root)
    for _ in range(2):
        assert len(look(root, kept).findings) == 1
        assert check([root], plain, cache=Cache(kept)).findings == ()


def test_a_stub_that_changes_is_asked_about_again(project: Callable[..., Path], kept: str) -> None:
    root = project(flow=CLEARING)
    assert codes(look(root, kept)) == [("flow.py", "DUR121")]
    stub = root / "stubs/acme/__init__.pyi"
    text = stub.read_text()
    put(stub, text.replace("def connect() -> sqlite3.Connection", "def connect() -> Any"))
    assert codes(look(root, kept)) == []


def test_settings_of_mypy_that_change_are_looked_at(
    project: Callable[..., Path], kept: str
) -> None:
    root = project(flow=CLEARING)
    assert codes(look(root, kept)) == [("flow.py", "DUR121")]
    put(root / "mypy.ini", "[mypy]\nmypy_path = nowhere\n")
    assert codes(look(root, kept)) == []


def test_a_helper_that_changes_changes_the_types_elsewhere(
    project: Callable[..., Path], kept: str
) -> None:
    root = project(
        flow="""
            from helper import held

            @orchestrator
            async def clear() -> None:
                acme.first([held]).get().execute("delete from orders")
        """,
        helper="held = acme.Box(acme.connect())",
    )
    assert codes(look(root, kept)) == [("flow.py", "DUR121")]
    put(root / "helper.py", HEAD + "held = acme.Box(acme.buffer())\n")
    assert codes(look(root, kept)) == []


def test_without_a_cache_nothing_is_left_behind(project: Callable[..., Path]) -> None:
    root = project(flow=CLEARING)
    before = {path.relative_to(root) for path in root.rglob("*")}
    assert codes(look(root, None)) == [("flow.py", "DUR121")]
    assert {path.relative_to(root) for path in root.rglob("*")} == before


def test_what_was_kept_for_another_checkout_does_not_mislead(tmp_path: Path, kept: str) -> None:
    flow = """
        from jobs import Job

        @orchestrator
        async def clear() -> None:
            acme.first([Job()]).run()
    """
    job = "class Job:\n    def run(self) -> None:\n        acme.connect().commit()\n"
    for checkout in ("one", "other"):
        root = tmp_path / checkout
        for name, text in FILES.items():
            put(root / name, text)
        put(root / "flow.py", HEAD + textwrap.dedent(flow))
        put(root / "jobs.py", HEAD + job)
        (finding,) = look(root, kept).findings
        assert finding.path == f"{root}/jobs.py"
