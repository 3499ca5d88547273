"""What mypy makes of an expression, as a value of the analysis.

Invariant: what mypy does not know, or knows only of something that is looked at elsewhere (the
durable runtime, the running event loop), is unknown here too. The first question about a file gets
no answer; it is noted, and `look` has mypy answer all that were noted.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from typing import Any, Final, Self

from durable_lint.discover.modules import Modules
from durable_lint.oracle.lineage import Classes
from durable_lint.oracle.translation import Translation
from durable_lint.reach.knowledge import Knowledge
from durable_lint.reach.values import UNKNOWN, Value
from durable_lint.vocabulary import Vocabulary

__all__ = ["Oracle"]

_Place = tuple[int, int, int, int]
_FAILED: Final = "mypy could not tell types ({}); what hangs on them is not reported"


# It sees what this process sees, but not through PYTHONPATH: mypy asks other Pythons, which would
# inherit that.
_START: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from durable_lint.oracle.worker import main; main()"
)


def _search_path() -> list[str]:
    """Where this process imports from, without the directory that it happens to run in.

    A `types.py` of the project must not be taken for the one of Python.
    """
    here = os.getcwd()
    return [path for path in sys.path if path and os.path.abspath(path) != here]


class Oracle:
    """root: of the project. text: the source of a file. cache: a directory for mypy's cache; None
    keeps it only until the end of the `with` block.

    trouble: what mypy could not do, one line each. grounds: what the answers hang on besides the
    files of the project, as paths.
    """

    def __init__(
        self,
        root: str,
        modules: Modules,
        text: Callable[[str], str],
        vocabulary: Vocabulary,
        cache: str | None,
    ) -> None:
        self.trouble: list[str] = []
        self.grounds: set[str] = set()
        self._root = root
        self._modules = modules
        self._text = text
        self._plain = vocabulary
        self._cache = cache or tempfile.mkdtemp(prefix="durable-lint-")
        self._passing = cache is None
        self._asked: set[str] = set()
        self._looked_at: set[str] = set()
        self._answers: dict[str, dict[_Place, list[Any]]] = {}
        self._classes = Classes(root, modules, vocabulary)
        self._translation: Translation | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._passing:
            shutil.rmtree(self._cache, ignore_errors=True)

    @property
    def vocabulary(self) -> Vocabulary:
        """The vocabulary, together with what is known of the bases of libraries' classes."""
        return self._plain.with_bases(self._classes.bases)

    def __call__(self, analysis: Knowledge, path: str, node: ast.expr) -> Value:
        """The value of an expression; unknown when mypy does not know it, or was not asked yet."""
        answers = self._answers.get(path)
        if answers is None:
            self._asked.add(path)
            return UNKNOWN
        found = answers.get(
            (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
        )
        if found is None:
            return UNKNOWN
        if self._translation is None or self._translation.analysis is not analysis:
            self._translation = Translation(analysis, self._classes)
        return self._translation.value(found)

    def look(self) -> bool:
        """Have mypy look at the files that were asked about since. False when there were none."""
        paths = sorted(self._asked - self._looked_at)
        if not paths or self.trouble:
            return False
        self._looked_at.update(paths)
        answer = self._answer(paths)
        if answer is None:
            return False
        self.trouble += [_FAILED.format(line) for line in answer["trouble"]]
        self.grounds.update(answer["grounds"])
        self._classes.add(answer["classes"])
        types: list[Any] = answer["types"]
        for path in paths:
            known: dict[_Place, list[Any]] = {}
            for line, column, end_line, end_column, number in answer["files"].get(path, ()):
                # Of expressions at one place the outermost comes first, and is the one of ast.
                known.setdefault((line, column, end_line, end_column), types[number])
            self._answers[path] = known
        return True

    def _answer(self, paths: Sequence[str]) -> dict[str, Any] | None:
        """What the process with mypy in it says; None when it ended without a word."""
        request = {
            "root": self._root,
            "cache": self._cache,
            "sources": [self._source(path) for path in paths],
        }
        done = subprocess.run(  # noqa: S603 - this Python, and a program that stands above
            [sys.executable, "-P", "-c", _START, json.dumps(_search_path())],
            input=json.dumps(request),
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            cwd=self._root,
            check=False,
        )
        if done.returncode == 0:
            answer: dict[str, Any] = json.loads(done.stdout)
            return answer
        last = done.stderr.strip().rpartition("\n")[2] or f"it ended with {done.returncode}"
        self.trouble.append(_FAILED.format(last))
        return None

    def _source(self, path: str) -> tuple[str, str, str, str]:
        """A file as mypy is given it: path, module, directory above the package, text."""
        module = self._modules.name(path)
        depth = module.count(".") + path.endswith("/__init__.py")
        base = path
        for _ in range(depth + 1):
            base = base.rpartition("/")[0]
        return path, module, base or "/", self._text(path)
