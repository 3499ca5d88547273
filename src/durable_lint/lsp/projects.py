"""The projects that files in the editor belong to, each analysed once; for use by one thread.

Invariant: what is said of a file is about the texts last put here and, for other files, about the
disk as last looked at. Settings that have become wrong leave those before in force.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from durable_lint.config import Config, ConfigError, load
from durable_lint.discover.files import EXCLUDED
from durable_lint.model import Finding
from durable_lint.source import Source, SourceError
from durable_lint.workspace import Workspace

__all__ = ["Looked", "Projects"]

_Seen = tuple[tuple[str, int, int], ...]


class Looked(NamedTuple):
    """A file as it is shown. source: as it is now; None when it is not checked.

    analysed: what the findings are about: a text that could be parsed, maybe an earlier one.
    """

    findings: tuple[Finding, ...] = ()
    source: Source | None = None
    analysed: Source | None = None

    @property
    def lines(self) -> list[str]:
        """The lines as they are now; none when they cannot be told."""
        try:
            return [] if self.source is None else self.source.lines
        except SourceError:
            return []


class Projects:
    """All projects. told: is given each thing that the user should know, once."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self._told = told
        self._texts: dict[str, bytes] = {}
        self._configs: dict[str, tuple[_Seen, Config | None]] = {}
        self._said: dict[str, str] = {}
        self._workspaces: dict[str, Workspace] = {}

    # ------------------------------------------------------------ what changes

    def put(self, path: str, data: bytes | None) -> None:
        """The text of a file in the editor; None when it is no longer open."""
        if data is None:
            self._texts.pop(path, None)
        else:
            self._texts[path] = data
        workspace = self._workspace(path)
        if workspace is not None:
            workspace.update(path, data)

    def changed_on_disk(self, paths: Mapping[str, bool]) -> None:
        """Files that the editor saw change. The value says whether they came or went."""
        for workspace in self._workspaces.values():
            mine = [path for path in paths if _is_below(path, workspace.root)]
            if any(paths[path] for path in mine):
                workspace.rescan()
            else:
                for path in mine:
                    if path not in self._texts:
                        workspace.update(path, None)

    def forget(self, directory: str) -> None:
        """A directory is not worked in any more; what is open in it stays."""
        for root in list(self._workspaces):
            used = any(_is_below(path, root) for path in self._texts)
            if (root == directory or _is_below(root, directory)) and not used:
                del self._workspaces[root]

    # ------------------------------------------------------------ what is asked

    def look(self, path: str) -> Looked:
        """What is to be shown in a file."""
        workspace = self._workspace(path)
        if workspace is None:
            return Looked()
        findings = tuple(workspace.findings(path))
        try:
            return Looked(findings, workspace.source(path), workspace.analysed(path))
        except SourceError:
            return Looked(findings)

    def line(self, path: str, number: int) -> str:
        """A line of any file of a project, for what leads to a finding."""
        for root, workspace in self._workspaces.items():
            if _is_below(path, root):
                try:
                    return workspace.source(path).line(number)
                except SourceError:
                    return ""
        return ""

    def is_new(self, path: str) -> bool:
        """Whether the project of a file has yet to be analysed, which takes its time."""
        config = self._config(path)
        return config is not None and config.root not in self._workspaces

    # ------------------------------------------------------------ projects and their settings

    def _workspace(self, path: str) -> Workspace | None:
        config = self._config(path)
        if config is None or _is_foreign(path, config.root):
            return None
        workspace = self._workspaces.get(config.root)
        if workspace is not None and workspace.config == config._replace(baseline=None):
            return workspace
        workspace = Workspace(config.root, config)
        self._workspaces[config.root] = workspace
        for open_path, data in self._texts.items():
            if _is_below(open_path, config.root) and not _is_foreign(open_path, config.root):
                workspace.update(open_path, data)
        return workspace

    def _config(self, path: str) -> Config | None:
        """The settings for a file; read again when one of the files that may hold them changed."""
        directory = path.rpartition("/")[0] or "/"
        seen = tuple(_settings_above(directory))
        known = self._configs.get(directory)
        if known is not None and known[0] == seen:
            return known[1]
        try:
            config: Config | None = load(directory)
        except ConfigError as error:
            config = None if known is None else known[1]
            self._tell(directory, str(error))
        else:
            self._said.pop(directory, None)
        self._configs[directory] = seen, config
        return config

    def _tell(self, directory: str, message: str) -> None:
        # Many directories have one file of settings above them: once is enough.
        if message not in self._said.values():
            self._told(message)
        self._said[directory] = message


def _settings_above(directory: str) -> Iterator[tuple[str, int, int]]:
    while True:
        path = f"{directory.rstrip('/')}/pyproject.toml"
        try:
            status = os.stat(path)
        except OSError:
            pass
        else:
            yield path, status.st_mtime_ns, status.st_size
        above = directory.rpartition("/")[0] or "/"
        if above == directory or above.endswith(":"):
            return
        directory = above


def _is_below(path: str, directory: str) -> bool:
    return path.startswith(directory.rstrip("/") + "/")


def _is_foreign(path: str, root: str) -> bool:
    """Whether a file that can be looked at in the editor is none of the project's own."""
    if not path.endswith(".py"):
        return True
    inside = path.removeprefix(root.rstrip("/") + "/").split("/")[:-1]
    return any(part in EXCLUDED for part in inside)
