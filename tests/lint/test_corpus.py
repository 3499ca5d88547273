"""What durable-lint finds in code as users write it, and what it leaves alone.

Each case is a small project whose lines are labelled; `make lint-score` prints the whole score.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


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
