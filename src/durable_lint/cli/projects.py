"""What was asked about, by project. Invariant: each path is checked by the settings nearest to it.

A hook is given files of several projects at once; each project has its own settings, and is looked
at once. A path that does not exist is refused: a typing mistake must not pass for a clean result.
"""

import os
from collections.abc import Sequence
from typing import NamedTuple

from durable_lint.cli.arguments import Check
from durable_lint.cli.refusal import Refused
from durable_lint.config import Config, load

__all__ = ["Project", "absolute", "must_exist", "projects"]


class Project(NamedTuple):
    """config: with what the command line says in place of the file's. paths: absolute."""

    config: Config
    paths: tuple[str, ...]


def absolute(path: str) -> str:
    """The path with forward slashes, links not followed: as the user knows the file."""
    return os.path.abspath(path).replace(os.sep, "/")


def projects(paths: Sequence[str], asked: Check) -> list[Project]:
    """The projects that these paths belong to, in the order of their first path.

    Raises: Refused for a path that does not exist. ConfigError.
    """
    by_settings: dict[tuple[str, str | None], tuple[Config, list[str]]] = {}
    configs: dict[str, Config] = {}
    for path in paths:
        place = absolute(path)
        folder = place if os.path.isdir(place) else place.rpartition("/")[0] or "/"
        if folder not in configs:
            configs[folder] = load(folder, asked.config)
        config = configs[folder]
        _, given = by_settings.setdefault((config.root, config.file), (config, []))
        given.append(place)
    return [
        Project(_overridden(config, asked), tuple(dict.fromkeys(given)))
        for config, given in by_settings.values()
    ]


def must_exist(paths: Sequence[str]) -> None:
    """Raises: Refused for the first path that is not there."""
    for path in paths:
        if not os.path.exists(path):
            raise Refused(f"{path or repr(path)}: there is no such file or directory{_or(path)}")


def _or(path: str) -> str:
    """The command that may have been meant: whatever is none is a path."""
    from difflib import get_close_matches

    close = get_close_matches(path, ("check", "scan", "rules", "explain", "lsp"), n=1)
    return f"; did you mean the command `{close[0]}`?" if close else ""


def _overridden(config: Config, asked: Check) -> Config:
    changed = config.overridden(
        select=asked.select or None,
        extend_select=asked.extend_select or None,
        ignore=asked.ignore or None,
    )
    if asked.types is not None:
        changed = changed._replace(types=asked.types)
    if asked.no_baseline:
        changed = changed._replace(baseline=None)
    if asked.baseline is not None:
        changed = changed._replace(baseline=absolute(asked.baseline))
    return changed
