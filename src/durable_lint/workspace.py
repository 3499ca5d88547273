"""A project in an editor: files change one at a time, and most of what was found out stays.

Invariant: what is said of a file is what a check of all files as they are now would say. A file
that is half typed is analysed as it last was when it could be parsed; that it cannot be parsed now
is a finding of its own. Baselines are not looked at: an editor shows what is there. Nor are types:
who types does not wait for another checker.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from durable_lint.cache import Cache
from durable_lint.collector import without_collector
from durable_lint.config import Config
from durable_lint.discover.files import Files, is_small, walk
from durable_lint.model import Finding
from durable_lint.project import Project, with_offers
from durable_lint.reach.live import Live
from durable_lint.rules import judge
from durable_lint.selection import in_order, selected
from durable_lint.source import Source, SourceError
from durable_lint.suppress import suppress

if TYPE_CHECKING:
    from durable_lint.discover.prefilter import Glance

__all__ = ["Workspace"]


class Workspace:
    """All files of one project, some of them as an editor has them. For use by one thread."""

    def __init__(self, root: str | os.PathLike[str], config: Config) -> None:
        self.config = config._replace(baseline=None)
        self.root = os.fspath(root)
        self._unsaved: dict[str, bytes] = {}
        self._open()

    def _open(self) -> None:
        files = walk([self.root], self.config, self._unsaved)
        self._project = _Edited(files, self.config, self._unsaved, Cache(None))
        self._findings: dict[str, list[Finding]] = {}

    def rescan(self) -> None:
        """Look at the disk again: files came, went or changed outside of the editor."""
        self._open()

    def update(self, path: str, data: bytes | None) -> None:
        """The content of a file is now this; None: as it is on disk. A new file may come up."""
        before = self._unsaved.get(path)
        if data is None:
            self._unsaved.pop(path, None)
        elif before == data:
            return
        else:
            self._unsaved[path] = data
        known = path in self._project.stamps
        if known and (data is not None or os.path.exists(path)):
            if self._project.change(path):
                self._findings = {}
        elif known or data is not None or os.path.exists(path):
            self._open()

    def findings(self, path: str) -> list[Finding]:
        """What is to be shown in a file, in the order of its lines."""
        found = self._findings.get(path)
        if found is None:
            with without_collector():
                found = self._project.findings(path)
            self._findings[path] = found
        return found

    def paths(self) -> list[str]:
        """The files that have findings."""
        return [path for path in self._project.stamps if self.findings(path)]

    def source(self, path: str) -> Source:
        """The file as it is now. Raises: SourceError when it is not there."""
        return self._project.source(path)

    def analysed(self, path: str) -> Source:
        """The file as it last was when it could be parsed; findings are about that text.

        Raises: SourceError when it is not there.
        """
        return self._project.parsable(path)


class _Edited(Project):
    """A project of which files change."""

    def __init__(
        self, files: Files, config: Config, contents: Mapping[str, bytes], cache: Cache
    ) -> None:
        super().__init__(files, config, contents, cache)
        self._good: dict[str, Source] = {}
        self._live: Live | None = None
        self._imported: set[str] | None = None

    def parsable(self, path: str) -> Source:
        """A file as it is now, or as it last was when it could be parsed."""
        good = self._good.get(path)
        if good is None:
            return self.source(path)
        try:
            source = self.source(path)
            _ = source.tree
        except SourceError:
            return good
        return source

    def change(self, path: str) -> bool:
        """The content of a file may be another one; False when it is not."""
        old = self._sources.pop(path, None)
        if old is not None:
            if self._holds(path, old):
                self._sources[path] = old
                return False
            if old.error is None and old.parsed:
                self._good[path] = old
        if self._glances is not None:
            before, after = self._glances[path], self.glance(path)
            if self._means_more(path, before, after):
                self._candidates = None
                self._imported = None
            self._glances[path] = after
        if self._live is not None:
            self._live.invalidate(path)
        return True

    def _holds(self, path: str, source: Source) -> bool:
        try:
            return self.load(path, len(source.data)) == source.data
        except OSError:
            return False

    def findings(self, path: str) -> list[Finding]:
        """What is to be shown in a file."""
        candidates = self.candidates()
        errors: dict[str, SourceError] = {}
        looked_at = path in self.contents or is_small(self.stamps) or path in candidates
        found: list[Finding] = []
        if candidates:
            live = self._settled(candidates)
            found += live.findings(path)
            looked_at = looked_at or path in live.reached
            if path in live.errors:
                errors[path] = live.errors[path]
        if path in self.stamps or path in self.contents:
            found += self.unread([path] if looked_at else [], errors)
        return self._shown_in(path, found)

    def _settled(self, candidates: Sequence[str]) -> Live:
        if self._live is None:
            self._live = Live(
                self.modules, self.parsable, self.vocabulary(), self.options(), judge()
            )
        self._live.settle(candidates)
        return self._live

    def _shown_in(self, path: str, found: list[Finding]) -> list[Finding]:
        """Without what comments and settings keep silent."""
        complain = self.config.selects("DUR190") and self.glances()[path].suppresses
        if not found and not complain:
            return []
        try:
            source = self.source(path)
            found = with_offers(source, suppress(source, found, complain=complain))
        except SourceError:
            pass
        return in_order(selected(found, self.config))

    # ------------------------------------------------------------ what is worth parsing

    def _means_more(self, path: str, before: "Glance", after: "Glance") -> bool:
        """Whether a change of a file may make another set of files worth parsing."""
        if before == after:
            return False
        if before.marked != after.marked:
            return True
        if not (before.plain ^ after.plain).isdisjoint(self._all_imported()):
            return True
        return set(self._of_project(path, before)) != set(self._of_project(path, after))

    def _all_imported(self) -> set[str]:
        """Every name that is imported from anywhere."""
        if self._imported is None:
            self._imported = {
                word
                for seen in self.glances().values()
                for module, names in seen.imports
                if module
                for word in names.replace(",", " ").split()
            }
        return self._imported

    def _of_project(self, path: str, seen: "Glance") -> Iterator[tuple[str, str]]:
        """The import statements that may lead to files of the project."""
        for module, names in seen.imports:
            tops = [module] if module else [name.strip() for name in names.split(",")]
            for top in tops:
                first = top.partition(".")[0].partition(" ")[0]
                if (
                    not first
                    or self.modules.find(path, first) is not None
                    or self.modules.is_namespace(path, first)
                    or self.modules.find(path, top.partition(" ")[0]) is not None
                ):
                    yield module, names
                    break
