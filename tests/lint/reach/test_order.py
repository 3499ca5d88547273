"""What is found out does not hang on which file is read first, on hashes, or on an earlier run."""

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]
CORPUS = Path(__file__).parents[1] / "corpus"
_LABEL = re.compile(r"[ \t]*# expect: .*$", re.MULTILINE)
_CASES = sorted(path for path in CORPUS.iterdir() if path.is_dir())


def _files(case: Path) -> dict[str, str]:
    return {
        path.relative_to(case).as_posix(): _LABEL.sub("", path.read_text(encoding="utf-8"))
        for path in sorted(case.rglob("*.py"))
    }


def _seen(result: Result) -> list[tuple[object, ...]]:
    """Everything about findings but the chain: of two that are as short, either may be told.

    Of two definitions of one name the second is at fault; which is the second goes by the files.
    """
    return [
        (f.path, f.span, f.code, f.message, f.function, f.subject, f.fixable, len(f.via))
        for f in result.findings
        if f.code != "DUR152"
    ]


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.name)
def test_the_order_of_files_does_not_matter(analyse: Analyse, case: Path) -> None:
    files = _files(case)
    first = _seen(analyse(files))
    order = list(files)
    random.Random(case.name).shuffle(order)
    assert _seen(analyse(files, order=order)) == first
    assert _seen(analyse(files, order=list(files)[::-1])) == first


@pytest.mark.parametrize("case", random.Random(4).sample(_CASES, 12), ids=lambda case: case.name)
def test_the_same_files_twice_give_the_same_word_for_word(analyse: Analyse, case: Path) -> None:
    files = _files(case)
    assert analyse(files).findings == analyse(files).findings


_PROGRAM = """
import json, sys
from pathlib import Path
from durable_lint import api, config
found = []
for case in sys.argv[1:]:
    settings = config.load(Path(case))
    for each in api.check([case], settings).findings:
        found.append([each.path, each.span, each.code, each.message, each.via, each.fixable])
print(json.dumps(found))
"""


def test_hash_seeds_do_not_matter(tmp_path: Path) -> None:
    cases = []
    for case in random.Random(7).sample(_CASES, 20):
        folder = tmp_path / case.name
        for name, text in _files(case).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (folder / "pyproject.toml").write_text("[tool.durable-lint]\n", encoding="utf-8")
        cases.append(str(folder))
    outcomes = []
    for seed in ("0", "1", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM, *cases],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        outcomes.append(json.loads(done.stdout))
    assert outcomes[0] and outcomes[0] == outcomes[1] == outcomes[2]
