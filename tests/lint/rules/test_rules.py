"""Each rule carries what is known about it, and its page says just that."""

import ast
import importlib.util
import inspect
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from durable_lint.config import CODES, OFF_BY_DEFAULT
from durable_lint.rule import Example, Rule
from durable_lint.rules import RULES, by_code

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.code}: {example.title}")
    for rule in RULES
    for example in (*rule.valid, *rule.invalid)
]
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
each_example = pytest.mark.parametrize(("rule", "example"), EXAMPLES)


def generator() -> ModuleType:
    """The tool that writes the pages: a script, in no package."""
    path = ROOT / "tools" / "rule_pages.py"
    spec = importlib.util.spec_from_file_location("rule_pages", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_rules_stand_in_the_order_of_their_codes_which_the_settings_know() -> None:
    described = {rule.code: rule.category for rule in RULES}
    assert list(described) == sorted(described)
    assert {"DUR000": "syntax_error"} | described == dict(CODES)
    assert {rule.code for rule in RULES if not rule.default} == set(OFF_BY_DEFAULT)
    assert list(by_code().values()) == list(RULES)


def test_each_rule_has_a_file_of_its_own_and_each_file_a_rule() -> None:
    files = {inspect.getfile(type(rule)) for rule in RULES}
    assert len(files) == len(RULES)
    shared = {"__init__.py", "dialects.py", "vocabulary_rule.py"}
    folder = ROOT / "src" / "durable_lint" / "rules"
    assert {path.name for path in folder.glob("*.py")} - shared == {
        Path(file).name for file in files
    }


@each_rule
def test_a_rule_has_six_examples_of_each_kind(rule: Rule) -> None:
    assert len(rule.valid) >= 6
    assert len(rule.invalid) >= 6
    titles = [example.title for example in (*rule.valid, *rule.invalid)]
    assert len(set(titles)) == len(titles)
    assert all(title.endswith(".") for title in titles)


@each_rule
def test_a_rule_is_explained_in_whole_sentences_with_a_way_out(rule: Rule) -> None:
    assert rule.summary
    assert not rule.summary.endswith(".")
    assert "\n" not in rule.summary
    assert rule.explanation.strip().endswith(".")
    for code in (rule.before, rule.after):
        ast.parse(code)
        assert "@durable_async.orchestrator" in code
    assert rule.before != rule.after


@each_rule
def test_a_rule_that_mends_shows_how(rule: Rule) -> None:
    shown = any(example.fixed is not None for example in rule.invalid)
    assert shown is bool(rule.mends)


@each_example
def test_an_example_marks_findings_of_its_rule_if_it_is_invalid(
    rule: Rule, example: Example
) -> None:
    assert bool(example.findings) is (example in rule.invalid)
    marked = example.marked.splitlines()
    for line in example.findings:
        assert marked[line - 1].endswith(f"# {rule.code}")
    assert len(marked) == len(example.code.splitlines())


@each_example
def test_an_example_is_modules_that_python_takes(rule: Rule, example: Example) -> None:
    files = (*example.files, *example.fixed_files)
    for file in files:
        compile(file.text, file.path, "exec", dont_inherit=True)
    libraries = ("durable_async", "temporalio", "azure.durable_functions")
    assert any(library in file.text for file in files for library in libraries)
    paths = [file.path for file in example.files]
    assert len(set(paths)) == len(paths)
    assert example.fixed is None or [file.path for file in example.fixed_files] == paths


@each_example
def test_what_is_mended_has_other_lines_only_where_something_was_found(
    rule: Rule, example: Example
) -> None:
    if example.fixed is not None:
        assert example.findings
        assert example.fixed != example.code
        assert "# DUR" not in example.fixed


def test_marks_are_no_part_of_the_program_and_other_comments_are() -> None:
    example = Example(
        "Two modules.",
        """
        # file: a.py
        x = 1  # noqa: DUR101
        y = 2  # DUR101

        # file: b/c.py
        z = 3  # durable: ignore[DUR101] why  # DUR101
        """,
    )
    assert example.findings == (3, 6)
    first, second = example.files
    assert (first.path, first.findings) == ("a.py", (2,))
    assert first.text == "x = 1  # noqa: DUR101\ny = 2\n\n"
    assert second == ("b/c.py", "z = 3  # durable: ignore[DUR101] why\n", (1,))
    assert example.fixed is None
    assert example.fixed_files == ()


def test_the_pages_say_what_the_rules_say() -> None:
    tool = generator()
    assert tool.stale(ROOT / "docs" / "rules") == [], "run tools/rule_pages.py"


def test_the_generator_writes_what_is_missing_and_takes_away_what_is_no_rules(
    tmp_path: Path,
) -> None:
    tool = generator()
    (tmp_path / "dur999.md").write_text("gone")
    assert tool.stale(tmp_path) == sorted(["dur999.md", *tool.pages()])
    tool.write(tmp_path)
    assert tool.stale(tmp_path) == []
    (tmp_path / "dur101.md").write_text("changed by hand")
    assert tool.stale(tmp_path) == ["dur101.md"]


def test_rules_are_there_without_a_parser_and_without_the_runtime() -> None:
    code = (
        "import sys, durable_lint.rules;"
        "print([n for n in ('durable_async', 'libcst', 'asyncio') if n in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert ended.stdout == "[]\n"
