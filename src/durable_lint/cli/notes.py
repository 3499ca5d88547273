"""What was asked for, or set, and comes to nothing. Invariant: a note changes no result.

A name that is spelled wrong in the settings looks like one that is not needed. Looked for only when
a directory is checked: a hook that is given files has no time for it. Patterns are looked for only
until each has been seen once.
"""

import os
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from durable_lint.cli.projects import Project, absolute
from durable_lint.config import Config
from durable_lint.globs import Globs
from durable_lint.report.outcome import relative

if TYPE_CHECKING:
    from durable_lint.discover.modules import Modules

__all__ = ["notes"]


def notes(there: Sequence[Project]) -> Iterator[str]:
    """One line each, for the person."""
    here = absolute(os.curdir)
    for project in there:
        yield from _excluded(project, here)
        config = project.config
        if config.file is not None and any(map(os.path.isdir, project.paths)):
            where = f"{relative(config.file, here)}: [tool.durable-lint]"
            yield from (f"{where} {told}" for told in _unseen_patterns(config))
            yield from (f"{where} {told}" for told in _unknown_names(config))


def _excluded(project: Project, here: str) -> Iterator[str]:
    """Paths that were given by name, and are left out all the same."""
    config = project.config
    for path in project.paths:
        for pattern in config.exclude:
            if Globs((pattern,)).matches(config.relative(path)):
                shown = relative(path, here)
                yield f"{shown} is not checked: {pattern!r} in the settings excludes it"
                break


# ---------------------------------------------------------------- patterns


def _unseen_patterns(config: Config) -> Iterator[str]:
    wanted = [("exclude", pattern) for pattern in config.exclude]
    wanted += [("per-file-ignores", pattern) for pattern, _ in config.per_file_ignores]
    missing = [(key, pattern, Globs((pattern,))) for key, pattern in wanted]
    for path, is_folder in _below(config.root) if missing else ():
        shown = config.relative(path)
        missing = [
            entry
            for entry in missing
            # A folder is what an exclusion may mean; codes are ignored in files.
            if (is_folder and entry[0] != "exclude") or not entry[2].matches(shown)
        ]
        if not missing:
            return
    for key, pattern, _ in missing:
        yield f"{key}: no file matches {pattern!r}"


def _below(root: str) -> Iterator[tuple[str, bool]]:
    """Folders and Python files, the nearest first; links are not followed."""
    from collections import deque

    from durable_lint.discover.files import EXCLUDED

    waiting = deque([root])
    while waiting:
        folder = waiting.popleft()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            path = f"{folder.rstrip('/')}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield path, True
                if entry.name not in EXCLUDED:
                    waiting.append(path)
            elif entry.name.endswith(".py"):
                yield path, False


# ---------------------------------------------------------------- dotted names


def _unknown_names(config: Config) -> Iterator[str]:
    names = [("roots", name) for name in config.roots]
    names += [("activities", name) for name in config.activities]
    if not names:
        return
    from durable_lint.discover.files import walk
    from durable_lint.discover.modules import Modules

    files = list(walk([], config).stamps)
    modules = Modules(files, root=config.root)
    for key, name in names:
        told = _what_is_missing(name, modules, files, config)
        if told is not None:
            yield f"{key}: {told}"


def _what_is_missing(
    name: str, modules: "Modules", files: Sequence[str], config: Config
) -> str | None:
    """What is wrong with a dotted name; None when nothing is, or it may be a library's."""
    parts = name.removesuffix(".*").split(".")
    importer = f"{config.root.rstrip('/')}/pyproject.py"
    for count in range(len(parts), 0, -1):
        path = modules.find(importer, ".".join(parts[:count]))
        if path is None:
            continue
        if count == len(parts) or _mentions(path, parts[count]):
            return None
        return f"{name!r} is nowhere: {config.relative(path)} has no {parts[count]!r}"
    folder = f"/{parts[0]}/"  # of modules without an `__init__.py`, which may be anywhere
    if any(folder in file or _mentions(file, parts[0]) for file in files):
        return None
    return f"{name!r} is nowhere: no module {parts[0]!r} is in the project, nor imported by it"


def _mentions(path: str, word: str) -> bool:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return True  # that is told elsewhere
    return re.search(rb"\b%s\b|import \*" % re.escape(word.encode()), data) is not None
