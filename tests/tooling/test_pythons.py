"""Make finds the Pythons that run, and no others. Every interpreter here is a claiming script."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def load(name: str) -> ModuleType:
    """A tool as a module: tools are scripts, in no package."""
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Machine:
    """A folder of programs on PATH, and a pyenv beside it."""

    def __init__(self, root: Path) -> None:
        self.path = root / "bin"
        self.pyenv = root / "pyenv"
        self.path.mkdir()

    def program(self, file: Path, script: str) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return file

    def python(self, file: Path, release: str, lacks: str = "") -> Path:
        """An interpreter that answers the probe."""
        short = ".".join(release.split(".")[:2])
        return self.program(file, f"printf '%s\\n' '{short} {release}' '{lacks}' \"$0\"")

    def ask(self, *question: str) -> subprocess.CompletedProcess[str]:
        """Run the tool on this machine."""
        return subprocess.run(
            [sys.executable, str(TOOLS / "pythons.py"), *question],
            env={"PATH": str(self.path), "PYENV_ROOT": str(self.pyenv)},
            capture_output=True,
            check=False,
            text=True,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_oldest_tested_version_is_preferred(machine: Machine) -> None:
    machine.python(machine.path / "python3.13", "3.13.0")
    oldest = machine.python(machine.path / "python3.11", "3.11.9")
    machine.python(machine.path / "python3", "3.12.4")
    assert machine.ask("best").stdout == f"{oldest}\n"


def test_a_shim_that_exists_and_fails_is_passed_over(machine: Machine) -> None:
    machine.program(machine.path / "python3.12", "echo 'command not found' >&2; exit 127")
    machine.program(machine.path / "python3.11", "echo 'this is no answer'")
    real = machine.python(machine.pyenv / "versions/3.12.1/bin/python", "3.12.1")
    assert machine.ask("find", "3.12").stdout == f"{real}\n"
    assert machine.ask("best").stdout == f"{real}\n"


def test_of_several_releases_in_pyenv_the_newest_is_taken(machine: Machine) -> None:
    for release in ["3.12.9", "3.12.10", "3.12.1"]:
        machine.python(machine.pyenv / f"versions/{release}/bin/python", release)
    assert machine.ask("find", "3.12").stdout.endswith("/versions/3.12.10/bin/python\n")


def test_a_python_on_path_wins_over_pyenvs(machine: Machine) -> None:
    machine.python(machine.pyenv / "versions/3.12.10/bin/python", "3.12.10")
    chosen = machine.python(machine.path / "python3.12", "3.12.1")
    assert machine.ask("find", "3.12").stdout == f"{chosen}\n"


def test_a_python_without_venv_is_not_used_and_the_report_says_why(machine: Machine) -> None:
    partial = machine.python(machine.path / "python3.11", "3.11.2", lacks="ensurepip")
    answer = machine.ask("best")
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert f"Python 3.11.2: {partial} not used, it lacks ensurepip" in answer.stderr
    assert "python3-venv" in answer.stderr
    assert "not used" in machine.ask("report").stdout


def test_the_others_are_the_tested_versions_but_for_the_one_in_use(machine: Machine) -> None:
    for release in ["3.10.2", "3.11.2", "3.13.1", "3.14.0"]:
        machine.python(machine.path / f"python{release[:4]}", release)
    assert machine.ask("others", "3.11").stdout == "3.13\n"


def test_a_version_that_is_too_new_to_be_tested_is_better_than_none(machine: Machine) -> None:
    newest = machine.python(machine.path / "python3", "3.14.0")
    assert machine.ask("best").stdout == f"{newest}\n"


def test_where_only_an_older_python_is_there_the_answer_says_what_to_install(
    machine: Machine,
) -> None:
    machine.python(machine.path / "python3", "3.10.12")
    answer = machine.ask("best")
    assert answer.returncode == 1
    assert "No Python 3.11 or newer was found" in answer.stderr
    assert "make PYTHON=/path/to/python" in answer.stderr


def test_the_report_names_what_is_found_and_what_is_missing(machine: Machine) -> None:
    found = machine.python(machine.path / "python3.12", "3.12.4")
    assert machine.ask().stdout.splitlines() == [
        "Python 3.11: not on this machine",
        f"Python 3.12.4: {found}",
        "Python 3.13: not on this machine",
    ]


@pytest.mark.parametrize("question", [["find"], ["find", "3.12", "3.13"], ["best", "3.12"], ["?"]])
def test_a_question_it_does_not_know_is_answered_with_those_it_knows(
    machine: Machine, question: list[str]
) -> None:
    answer = machine.ask(*question)
    assert answer.returncode == 2
    assert "python tools/pythons.py best" in answer.stderr


def test_what_is_no_version_is_named(machine: Machine) -> None:
    answer = machine.ask("find", "three")
    assert answer.returncode == 1
    assert answer.stderr == "'three' is not a version such as 3.12\n"


def test_the_running_interpreter_describes_itself() -> None:
    found = load("pythons").probe(sys.executable)
    assert found is not None
    assert found.version == sys.version_info[:2]
    assert found.lacks == ()
    assert Path(found.path).samefile(sys.executable)


def test_without_any_python_the_shell_says_what_to_install(machine: Machine) -> None:
    machine.program(machine.path / "python3", "exit 127")
    (machine.path / "sh").symlink_to("/bin/sh")
    answer = subprocess.run(
        ["/bin/sh", str(TOOLS / "pythons.sh"), "best"],
        env={"PATH": str(machine.path), "HOME": str(machine.pyenv)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert answer.returncode == 1
    assert "Install Python 3.11 or newer" in answer.stderr


# ---------------------------------------------------------------- the examples


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, Path]:
    module = load("examples")
    folder = tmp_path / "examples"
    (folder / "shop").mkdir(parents=True)
    monkeypatch.setattr(module, "EXAMPLES", folder)
    return module, folder


def test_examples_are_the_scripts_and_each_folders_demo(
    examples: tuple[ModuleType, Path],
) -> None:
    module, folder = examples
    for file in ["hello.py", "_helper.py", "shop/demo.py", "shop/flows.py"]:
        (folder / file).touch()
    found = [str(file.relative_to(folder)) for file in module.examples(folder)]
    assert found == ["hello.py", "shop/demo.py"]


def test_an_example_runs_in_an_empty_folder_and_without_input(
    examples: tuple[ModuleType, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    module, folder = examples
    (folder / "hello.py").write_text(
        "import os, sys\nassert os.listdir() == [] == sys.stdin.readlines()"
    )
    assert module.main([]) == 0
    assert "1 examples, 0 failed" in capsys.readouterr().out


def test_an_example_that_fails_is_shown_with_what_it_printed(
    examples: tuple[ModuleType, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    module, folder = examples
    (folder / "good.py").touch()
    (folder / "bad.py").write_text("print('as far as this')\nraise SystemExit(3)")
    assert module.main([]) == 1
    printed = capsys.readouterr().out
    assert "exit code 3\nas far as this" in printed
    assert "2 examples, 1 failed" in printed


def test_an_example_that_never_ends_is_stopped(
    examples: tuple[ModuleType, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    module, folder = examples
    monkeypatch.setattr(module, "SECONDS", 1)
    (folder / "endless.py").write_text("import threading\nthreading.Event().wait()")
    assert module.main([]) == 1
    assert "still running after 1 s" in capsys.readouterr().out


def test_no_example_at_all_is_a_failure(
    examples: tuple[ModuleType, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    module, _ = examples
    assert module.main([]) == 1
    assert "no example" in capsys.readouterr().err
