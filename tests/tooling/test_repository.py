"""What must be true of the files themselves: every promise about them that no other tool checks."""

import ast
import io
import os
import re
import shlex
import subprocess
import tokenize
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.once  # the files are the same on each Python

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
PACKAGES = sorted(folder for folder in SOURCE.iterdir() if any(folder.glob("*.py")))
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
FRAGMENTS = sorted(file for file in (ROOT / "changelog.d").iterdir() if file.name != "README.md")
KINDS = {kind["directory"] for kind in PYPROJECT["tool"]["towncrier"]["type"]}
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def project_files() -> list[Path]:
    """The files that git keeps or would keep: no environments, no caches, no databases."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    files = (ROOT / name for name in listing.stdout.split("\0") if name)
    return sorted(file for file in files if file.is_file())


FILES = project_files()
MODULES = [file for file in FILES if file.suffix == ".py"]
SOURCE_MODULES = [file for file in MODULES if SOURCE in file.parents]


def name(file: object) -> str:
    """A test's id: the path from the root."""
    return str(file.relative_to(ROOT)) if isinstance(file, Path) else str(file)


def read(file: Path) -> str:
    """Its text, or nothing for a file that is not text."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


# ---------------------------------------------------------------- the distribution


def test_the_distribution_carries_both_packages() -> None:
    wheel = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert sorted(wheel) == [str(package.relative_to(ROOT)) for package in PACKAGES]
    assert [package.name for package in PACKAGES] == ["durable_async", "durable_lint"]


@pytest.mark.parametrize("package", PACKAGES, ids=name)
def test_a_package_tells_type_checkers_that_it_is_typed(package: Path) -> None:
    assert (package / "py.typed").read_bytes() == b""


@pytest.mark.parametrize("package", PACKAGES, ids=name)
def test_a_version_written_in_a_package_is_the_version_of_the_distribution(package: Path) -> None:
    written = re.findall(r'^__version__.*= "(.+)"$', read(package / "__init__.py"), re.MULTILINE)
    assert written in ([], [PYPROJECT["project"]["version"]])


def test_the_installed_version_is_the_one_in_pyproject() -> None:
    assert metadata.version("durable-async") == PYPROJECT["project"]["version"]


@pytest.mark.parametrize("command", sorted(PYPROJECT["project"]["scripts"]))
def test_a_command_leads_to_a_function(command: str) -> None:
    (script,) = metadata.entry_points(group="console_scripts", name=command)
    assert callable(script.load())


def test_the_extra_all_contains_every_extra_for_users() -> None:
    extras = PYPROJECT["project"]["optional-dependencies"]
    of_users = [extra for extra in extras if extra not in {"all", "dev", "docs"}]
    assert extras["all"] == [f"durable-async[{','.join(of_users)}]"]


def test_the_runtime_depends_on_three_libraries() -> None:
    dependencies = " ".join(PYPROJECT["project"]["dependencies"])
    assert re.findall(r"[a-z]+", dependencies) == ["attrs", "cattrs", "msgspec"]


# ---------------------------------------------------------------- the code


@pytest.mark.parametrize("module", SOURCE_MODULES, ids=name)
def test_a_module_opens_with_what_must_be_true_of_it(module: Path) -> None:
    docstring = ast.get_docstring(ast.parse(read(module)))
    assert docstring is not None
    assert len(docstring.split()) >= 5


# Words of other systems for what the glossary names; see there.
OTHER_WORDS = re.compile(
    r"workflow|journal|task_?hub|sub_?orchestrat|virtual_?object|storage_?provider|serde",
    re.IGNORECASE,
)


# Code as users write it, which durable-lint is tried on; nobody runs it.
EXAMPLES_OF_USERS = ROOT / "tests" / "lint" / "corpus"


def names_defined(tree: ast.AST) -> set[str]:
    """Every name that the module gives to something."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.arg():
                found.add(node.arg)
            case ast.Name(ctx=ast.Store()):
                found.add(node.id)
            case ast.Attribute(ctx=ast.Store()):
                found.add(node.attr)
    return found


@pytest.mark.parametrize(
    "module",
    # The host of another system speaks its language.
    [file for file in SOURCE_MODULES if "temporal" not in file.parts],
    ids=name,
)
def test_a_thing_is_named_by_the_glossarys_word(module: Path) -> None:
    names = names_defined(ast.parse(read(module)))
    assert {found for found in names if OTHER_WORDS.search(found)} == set()


# Written in parts, so that this file holds none of them.
UNFINISHED = re.compile(
    "|".join([r"\bTO" + "DO", r"\bFIX" + "ME", r"\bXX" + "X\\b", r"\bHA" + "CK"])
)
HERE_ONLY = re.compile(
    r"(?<![\w.~}])/(?:" + "|".join(["ro" + "ot", "wo" + "rk", "Us" + "ers"]) + ")/"
)
UNEXPLAINED = re.compile(r"# (?:type: ignore(?!\[)|noqa(?!: \w)|pragma: no cover$)", re.MULTILINE)


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_file_is_finished_and_knows_no_machine(file: Path) -> None:
    text = read(file)
    assert UNFINISHED.findall(text) == []
    assert HERE_ONLY.findall(text) == []
    assert [comment for comment in comments(file, text) if UNEXPLAINED.search(comment)] == []


def comments(file: Path, text: str) -> list[str]:
    """The comments of a module: what a string says of comments is no comment."""
    if file.suffix != ".py" or EXAMPLES_OF_USERS in file.parents or not UNEXPLAINED.search(text):
        return []
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def defines_tests(module: Path) -> bool:
    """Whether a function at its top level is named like a test."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    body = ast.parse(read(module)).body
    return any(isinstance(node, functions) and node.name.startswith("test_") for node in body)


def test_no_file_holds_tests_that_pytest_does_not_see() -> None:
    others = [
        file
        for file in MODULES
        if ROOT / "tests" in file.parents
        and EXAMPLES_OF_USERS not in file.parents
        and not file.name.startswith("test_")
    ]
    assert [name(file) for file in others if defines_tests(file)] == []


# ---------------------------------------------------------------- what the pages say


def mentioned_paths(text: str) -> set[str]:
    """Paths in a page: what ends in a known suffix, and folders in backticks.

    In capitals stands what a reader has to put in: `changelog.d/+NAME.KIND.md`.
    """
    by_suffix = re.findall(r"[\w./-]*\w\.(?:py|sql|md|toml)\b", text)
    folders = re.findall(r"`([\w.-]+(?:/[\w.-]+)*/)`", text)
    return {path for path in [*by_suffix, *folders] if not re.search(r"[A-Z]{4}\.", path)}


def exists(path: str) -> bool:
    """Whether some file or folder of the project ends in this path."""
    if path.endswith("/"):
        return any(f"/{path}" in f"/{name(file)}" for file in FILES)
    return any(f"/{name(file)}".endswith(f"/{path}") for file in FILES)


PAGES_ABOUT_FILES = [
    page
    for page in [ROOT / "CONTRIBUTING.md", ROOT / "README.md", ROOT / "docs" / "architecture.md"]
    if page.exists()
]


@pytest.mark.parametrize("page", PAGES_ABOUT_FILES, ids=name)
def test_a_page_names_only_files_that_exist(page: Path) -> None:
    assert [path for path in sorted(mentioned_paths(read(page))) if not exists(path)] == []


def test_a_mentioned_file_that_does_not_exist_is_noticed() -> None:
    paths = mentioned_paths("see core/nowhere.py, `src/nothing/` and `src/durable_lint/model.py`")
    assert {path for path in paths if not exists(path)} == {"core/nowhere.py", "src/nothing/"}


CODE = re.compile(r"^(```+).*?^\1|`[^`\n]+`", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [file for file in FILES if file.suffix == ".md"], ids=name)
def test_a_link_to_a_file_leads_to_one(page: Path) -> None:
    targets = re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", CODE.sub("", read(page)))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=name)
def test_a_decision_has_its_number_its_date_and_its_four_parts(decision: Path) -> None:
    lines = read(decision).splitlines()
    number = decision.name[:4]
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", decision.name)
    assert lines[0].startswith(f"# {number}. ")
    assert re.fullmatch(r"Date: (\d{4}-\d\d-\d\d|YYYY-MM-DD)", lines[2])
    headings = [line for line in lines if line.startswith("## ")]
    assert headings == ["## Context", "## Choice", "## Rejected", "## Consequence"]


def test_no_two_decisions_have_one_number() -> None:
    numbers = [decision.name[:4] for decision in DECISIONS]
    assert len(numbers) == len(set(numbers))


# ---------------------------------------------------------------- the changelog


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=name)
def test_a_fragment_of_the_changelog_is_well_formed(fragment: Path) -> None:
    matched = re.fullmatch(r"\+[a-z0-9-]+\.([a-z]+)\.md", fragment.name)
    assert matched is not None
    assert matched[1] in KINDS
    text = read(fragment)
    assert re.match(r"[A-Z`]", text)
    assert text.endswith(".\n")
    assert not text.endswith("\n\n")


def test_the_changelogs_page_explains_every_kind() -> None:
    page = read(ROOT / "changelog.d" / "README.md")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == KINDS


# ---------------------------------------------------------------- the commands


def dry_run(target: str) -> str:
    """What make would do for the target, with the targets that it calls."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.run(
        ["make", "--dry-run", target],
        cwd=ROOT,
        env=environment | {"MFLAGS": ""},
        capture_output=True,
        check=True,
        text=True,
    ).stdout


def test_the_ci_script_runs_make_ci_and_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    commands = [
        line
        for line in read(script).splitlines()
        if line and not line.startswith(("#", "set ", "cd "))
    ]
    assert commands == ["exec make ci </dev/null"]
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_make_ci_checks_all_that_must_pass() -> None:
    plan = dry_run("ci")
    for step in [
        "tools/pythons.sh report",
        "ruff format --check",
        "ruff check",
        "mypy src tools",
        "lint-imports",
        "tools/examples.py",
        "coverage run --source='src/durable_async/core,src/durable_async/model' -m pytest",
        "--fail-under=100",
    ]:
        assert step in plan


def test_the_code_whose_every_branch_must_be_taken_is_there() -> None:
    (patterns,) = re.findall(r"^ESSENTIAL := (.+)$", read(ROOT / "Makefile"), re.MULTILINE)
    for pattern in patterns.split(","):
        assert len(list(ROOT.glob(pattern))) > 1


def test_every_command_that_contributing_and_readme_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    for page in [ROOT / "CONTRIBUTING.md", ROOT / "README.md"]:
        for command in re.findall(r"(?:^\$ |`)(make [^\n#`]+)", read(page), re.MULTILINE):
            words = shlex.split(command)[1:]
            assert {word for word in words if "=" not in word} <= targets, command


def test_every_command_is_explained_by_make_help() -> None:
    makefile = read(ROOT / "Makefile")
    promised = {"bench", "ci", "coverage", "demo", "docs", "examples", "format", "lint", "soak"}
    promised |= {"test", "types", "imports", "clean", "help"}
    explained = set(re.findall(r"^([a-z-]+):.*## \w", makefile, re.MULTILINE))
    assert promised <= explained
