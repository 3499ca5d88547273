"""What durable-lint finds in code as users write it, and what it leaves alone.

Each case is a small project whose lines are labelled; `make lint-score` prints the whole score.
"""

import ast
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from durable_lint import api, config
from durable_lint.model import Finding


def _tool(name: str) -> ModuleType:
    path = Path(__file__).parents[2] / "tools" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"tools_{name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


score = _tool("lint_score")
CASES = score.cases(score.CORPUS)


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_every_labelled_line_of_a_case_is_reported_and_no_other(folder: Path) -> None:
    result = score.score([folder])
    missed = result.missed ^ score.known_misses(folder)
    assert not missed, "\n".join(map(str, sorted(missed)))
    assert not result.invented, "\n".join(map(str, sorted(result.invented)))


@pytest.mark.once
@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_finding_stands_on_code_of_its_file_in_the_function_that_it_names(
    folder: Path, tmp_path: Path
) -> None:
    root = tmp_path.resolve() / folder.name
    score.unlabelled(folder, root)
    findings = api.check([str(root)], config.load(root)).findings
    paths = {finding.path for finding in findings} | {
        step.path for finding in findings for step in finding.via
    }
    trees = {path: ast.parse(Path(path).read_bytes()) for path in paths}
    texts = {path: Path(path).read_text(encoding="utf-8").split("\n") for path in paths}
    misplaced = [
        finding
        for finding in findings
        if not _stands_on_code(finding, trees[finding.path], texts[finding.path])
        or not _is_in(finding.function, finding.span.line, trees[finding.path])
        or not all(_is_in(step.function, step.line, trees[step.path]) for step in finding.via)
    ]
    assert not misplaced, "\n".join(f"{f.path}:{f.span}: {f.code} {f.subject}" for f in misplaced)


def _stands_on_code(finding: Finding, tree: ast.Module, lines: list[str]) -> bool:
    """Whether a piece of code begins where a finding does, and the finding ends in the file."""
    span = finding.span
    if not span[:2] < span[2:] or span.end_line > len(lines):
        return False
    last = lines[span.end_line - 1][: span.end_column - 1]
    starts = {
        (node.lineno, len(lines[node.lineno - 1].encode()[: node.col_offset].decode()) + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.expr | ast.stmt | ast.arg | ast.excepthandler)
    }
    return span[:2] in starts and len(last) == span.end_column - 1


def _is_in(function: str, line: int, tree: ast.Module) -> bool:
    """Whether a function, by its qualified name, has a line; a class stands for its fields."""
    if function == "<module>":
        return True
    is_lambda = function.endswith("<lambda>")
    return any(
        (name.endswith("<lambda>") if is_lambda else name == function) and first <= line <= last
        for name, first, last in _functions(tree, "")
    )


def _functions(node: ast.AST, holder: str) -> Iterator[tuple[str, int, int]]:
    for child in ast.iter_child_nodes(node):
        inner = holder
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            name = holder + getattr(child, "name", "<lambda>")
            decorators = getattr(child, "decorator_list", [])
            first = min(part.lineno for part in (child, *decorators))
            assert child.end_lineno is not None
            yield name, first, child.end_lineno
            inner = f"{name}." if isinstance(child, ast.ClassDef) else f"{name}.<locals>."
        yield from _functions(child, inner)


def test_the_corpus_is_large_and_a_third_of_its_files_is_clean() -> None:
    files = [path for folder in CASES for path in folder.rglob("*.py")]
    clean = [path for path in files if "# expect: " not in path.read_text(encoding="utf-8")]
    assert len(files) >= 150
    assert len(clean) * 3 >= len(files)


def test_every_rule_that_is_on_has_labels_in_the_corpus() -> None:
    text = "\n".join(
        path.read_text(encoding="utf-8") for folder in CASES for path in folder.rglob("*.py")
    )
    codes = {rule.code for rule in score.RULES if rule.default}
    assert {code for code in codes if f"# expect: {code}" not in text} <= {"DUR000"}


def test_labels_are_taken_out_before_a_case_is_checked(tmp_path: Path) -> None:
    folder = tmp_path / "clock"
    folder.mkdir()
    (folder / "flow.py").write_text(
        "import time\n\nimport durable_async as da\n\n\n"
        "@da.orchestrator\n"
        "async def wait(n: int) -> float:\n"
        "    return time.time()  # expect: DUR101\n",
        encoding="utf-8",
    )
    labelled, reported, files = score.score_case(folder)
    assert labelled == reported == {score.Place("clock", "flow.py", 8, "DUR101")}
    assert files == 1


def test_what_is_missed_and_what_is_invented_lower_the_score(tmp_path: Path) -> None:
    folder = tmp_path / "labels"
    folder.mkdir()
    (folder / "flow.py").write_text(
        "import time\n\nimport durable_async as da\n\n\n"
        "@da.orchestrator\n"
        "async def wait(n: int) -> float:  # expect: DUR152\n"
        "    return time.time()\n",
        encoding="utf-8",
    )
    result = score.score([folder])
    assert result.missed == {score.Place("labels", "flow.py", 7, "DUR152")}
    assert result.invented == {score.Place("labels", "flow.py", 8, "DUR101")}
    assert result.recall == result.precision == 0.0
