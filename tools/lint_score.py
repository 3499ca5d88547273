"""Score durable-lint on its labelled corpus: what it finds, and what it invents, for each category.

A case is a folder of `tests/lint/corpus`; the lines where something is to be found end with
`# expect: DUR101`, several codes separated by commas; where it is known that durable-lint does
not find it, with `# missed: DUR101`, which counts as missed. Everything else is claimed to be
clean. The comments are taken out before a case is checked, so that nothing can go by them.

    python tools/lint_score.py [--corpus FOLDER] [--json] [CASE ...]
"""

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from durable_lint import api, config
from durable_lint.rules import RULES

CORPUS = Path(__file__).parents[1] / "tests" / "lint" / "corpus"
RECALL, PRECISION = 0.98, 0.99

_LABEL = re.compile(r"[ \t]*# (expect|missed): (DUR\d{3}(?:, DUR\d{3})*)[ \t]*$", re.MULTILINE)


class Place(NamedTuple):
    """Where something is found. path: relative to the case."""

    case: str
    path: str
    line: int
    code: str

    def __str__(self) -> str:
        return f"{self.case}/{self.path}:{self.line}: {self.code}"


class Score(NamedTuple):
    """found: labelled and reported. missed: labelled only. invented: reported only."""

    files: int
    found: frozenset[Place]
    missed: frozenset[Place]
    invented: frozenset[Place]

    @property
    def recall(self) -> float:
        """The share of what is labelled that is reported."""
        return _share(len(self.found), len(self.found) + len(self.missed))

    @property
    def precision(self) -> float:
        """The share of what is reported that is labelled."""
        return _share(len(self.found), len(self.found) + len(self.invented))


def cases(corpus: Path) -> list[Path]:
    """The cases of a corpus, in the order of their names."""
    return sorted(path for path in corpus.iterdir() if path.is_dir())


def score(folders: Sequence[Path]) -> Score:
    """Check each case as a project of its own."""
    found: set[Place] = set()
    missed: set[Place] = set()
    invented: set[Place] = set()
    files = 0
    for folder in folders:
        labelled, reported, count = score_case(folder)
        found |= labelled & reported
        missed |= labelled - reported
        invented |= reported - labelled
        files += count
    return Score(files, frozenset(found), frozenset(missed), frozenset(invented))


def score_case(folder: Path) -> tuple[set[Place], set[Place], int]:
    """What is labelled in a case, what is reported, and how many files it has."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch).resolve() / folder.name
        labelled, count = unlabelled(folder, root)
        report = api.check([str(root)], config.load(root))
        reported = {
            Place(
                folder.name,
                Path(finding.path).relative_to(root).as_posix(),
                finding.span.line,
                finding.code,
            )
            for finding in report.findings
        }
    return labelled, reported, count


def unlabelled(folder: Path, root: Path) -> tuple[set[Place], int]:
    """Copy a case without its labels; gives the labels, and how many files it has."""
    labelled: set[Place] = set()
    root.mkdir()
    (root / "pyproject.toml").write_text("[tool.durable-lint]\n", encoding="utf-8")
    count = 0
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.suffix == ".py":
            count += 1
            text = path.read_text(encoding="utf-8")
            labelled |= set(_labels(folder.name, relative.as_posix(), text))
            target = root / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_LABEL.sub("", text), encoding="utf-8")
        elif path.name == "pyproject.toml":
            (root / relative).write_bytes(path.read_bytes())
    return labelled, count


def _labels(case: str, path: str, text: str) -> Iterator[Place]:
    for number, line in enumerate(text.split("\n"), 1):
        match = _LABEL.search(line)
        if match:
            for code in match[2].split(", "):
                yield Place(case, path, number, code)


def known_misses(folder: Path) -> set[Place]:
    """What a case says is not found."""
    return {
        Place(folder.name, path.relative_to(folder).as_posix(), number, code)
        for path in folder.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
        if (match := _LABEL.search(line)) and match[1] == "missed"
        for code in match[2].split(", ")
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _by_code(places: frozenset[Place]) -> Counter[str]:
    return Counter(place.code for place in places)


def _rows(result: Score) -> Iterator[tuple[str, str, int, int, int]]:
    found, missed, invented = map(_by_code, (result.found, result.missed, result.invented))
    for rule in RULES:
        code = rule.code
        if found[code] + missed[code] + invented[code]:
            yield code, rule.category, found[code], missed[code], invented[code]


def _print_table(result: Score) -> None:
    head = f"{'code':8}{'category':24}{'found':>7}{'missed':>8}{'invented':>10}"
    print(f"{head}{'recall':>9}{'precision':>11}")
    for code, category, found, missed, invented in _rows(result):
        recall, precision = _share(found, found + missed), _share(found, found + invented)
        print(
            f"{code:8}{category:24}{found:7}{missed:8}{invented:10}{recall:9.3f}{precision:11.3f}"
        )
    counts = (len(result.found), len(result.missed), len(result.invented))
    print(
        f"{'all':8}{f'{result.files} files':24}{counts[0]:7}{counts[1]:8}{counts[2]:10}"
        f"{result.recall:9.3f}{result.precision:11.3f}"
    )
    for word, places in (("missed", result.missed), ("invented", result.invented)):
        for place in sorted(places):
            print(f"{word}: {place}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the score. Gives 1 when it is below what is asked for."""
    parser = argparse.ArgumentParser(description="Score durable-lint on its labelled corpus.")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="the folder of cases")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("case", nargs="*", help="names of cases; all without")
    options = parser.parse_args(arguments)
    folders = [
        path for path in cases(options.corpus) if path.name in options.case or not options.case
    ]
    result = score(folders)
    if options.json:
        rows = [
            dict(zip(("code", "category", "found", "missed", "invented"), row, strict=True))
            for row in _rows(result)
        ]
        whole = {
            "files": result.files,
            "recall": result.recall,
            "precision": result.precision,
            "codes": rows,
            "missed": [str(place) for place in sorted(result.missed)],
            "invented": [str(place) for place in sorted(result.invented)],
        }
        print(json.dumps(whole, indent=2))
    else:
        _print_table(result)
    return 0 if result.recall >= RECALL and result.precision >= PRECISION else 1


if __name__ == "__main__":
    sys.exit(main())
