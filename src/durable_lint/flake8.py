"""The plugin of flake8: the findings of durable-lint among those of flake8.

Invariant: a file has the same findings here as by the command. flake8 asks about one file at a
time, in several processes, and what an orchestrator reaches is told from all files of a project;
so the first file of a project has the whole project checked, and the others are looked up.
"""

import ast
import os
from collections.abc import Iterator, Sequence
from typing import Final

from durable_lint import __version__
from durable_lint.api import check
from durable_lint.config import load
from durable_lint.model import Finding
from durable_lint.source import Source, SourceError

__all__ = ["Plugin"]

_STANDARD_INPUT: Final = ("-", "stdin")

# By root of the project. A process of flake8 lives for one run: files do not change meanwhile, and
# a check of a whole project for each of its files would be felt.
_checked: dict[str, dict[str, list[Finding]]] = {}


class Plugin:
    """What flake8 makes for each file, and runs.

    tree: unused, flake8 asks for it to know what kind of plugin this is. filename: as flake8 was
    given it. lines: the file's, from standard input if it is piped.
    """

    name = "durable-lint"
    version = __version__

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:
        del tree
        self._filename = filename
        self._text = "".join(lines)

    def run(self) -> Iterator[tuple[int, int, str, type["Plugin"]]]:
        """Lines from 1, columns from 0, and `CODE message`. Raises: ConfigError."""
        if self._filename in _STANDARD_INPUT:
            return  # without a name it belongs to no project: --stdin-display-name gives it one
        path = os.path.abspath(self._filename).replace(os.sep, "/")
        for finding in self._findings(path):
            if finding.code != "DUR000":  # flake8 has its own E999
                text = f"{finding.code} {finding.message}"
                yield finding.span.line, finding.span.column - 1, text, Plugin

    def _findings(self, path: str) -> Sequence[Finding]:
        config = load(path)
        if not self._is_on_disk(path):
            data = self._text.encode("utf-8")
            return check([path], config, overrides={path: data}).findings
        if config.root not in _checked:
            found: dict[str, list[Finding]] = {}
            for finding in check([config.root], config).findings:
                found.setdefault(finding.path, []).append(finding)
            _checked[config.root] = found
        return _checked[config.root].get(path, [])

    def _is_on_disk(self, path: str) -> bool:
        """Whether the lines are those of the file, and not something piped in its name."""
        try:
            return Source.read(path).text.splitlines() == self._text.splitlines()
        except SourceError:
            return False
