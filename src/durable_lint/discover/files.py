"""Every file that belongs to the project, each once, with what tells whether it changed.

Invariant: the walk ends, whatever links say, and a name that is no ordinary file is never opened.
What is reached does not depend on what was asked for: one file given is still checked against the
whole project around it.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from durable_lint.config import Config
from durable_lint.globs import Globs

__all__ = ["Files", "NoSuchPathError", "Stamp", "is_small", "walk"]

# Up to this many bytes of source all of it is parsed, and every syntax error told: a tenth of a
# second. Of a large project a file that nothing reaches would cost more than it tells.
SMALL = 1_000_000

# Directories that hold no code of the project, by name. One that is given by its path is walked.
EXCLUDED = frozenset(
    {
        *(".git", ".hg", ".svn", ".bzr", ".jj"),
        *(".venv", "venv", ".direnv", ".tox", ".nox", ".pyenv", "site-packages", "__pypackages__"),
        *("node_modules", "__pycache__", ".eggs", "build", "_build", "buck-out", "dist"),
        *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".pytype", ".hypothesis"),
        *(".durable-lint-cache", ".ipynb_checkpoints", ".idea", ".vscode"),
    }
)


class Stamp(NamedTuple):
    """mtime in nanoseconds, size in bytes: while both stay, the file counts as unchanged."""

    mtime: int
    size: int


class NoSuchPathError(Exception):
    """A path that was asked for and is not there; its first argument says which."""


class Files(NamedTuple):
    """root: of the project. stamps: every file, in the order of the paths. given: what was asked
    for, absolute. troubles: directories that could not be read, with the reason.
    """

    root: str
    stamps: Mapping[str, Stamp]
    given: tuple[str, ...]
    troubles: tuple[tuple[str, str], ...] = ()

    def chosen(self, path: str) -> bool:
        """Whether findings of a file were asked for: it was given, or a directory above it."""
        return self.choice()(path)

    @property
    def by_name(self) -> list[str]:
        """Those that were asked for themselves, not by a directory above them."""
        return [path for path in self.given if path in self.stamps]

    def choice(self) -> Callable[[str], bool]:
        """The same, for who asks about many files."""
        exact = frozenset(self.given)
        above = tuple(path.rstrip("/") + "/" for path in self.given)
        return lambda path: path in exact or path.startswith(above)


def walk(
    paths: Iterable[str | os.PathLike[str]],
    config: Config,
    contents: Mapping[str, bytes] | None = None,
) -> Files:
    """The project's files and those of the paths; no path at all means the whole project.

    contents: of files as an editor has them, by absolute path; they may not be on disk yet.
    Raises: NoSuchPathError for a path that is not there.
    """
    unsaved = contents or {}
    given = tuple(dict.fromkeys(_absolute(os.fspath(path)) for path in paths)) or (config.root,)
    walker = _Walker(config)
    walker.directory(config.root)
    for path in given:
        if path not in unsaved:
            walker.given(path)
    for path, data in unsaved.items():
        walker.unsaved(path, data)
    stamps = dict(sorted(walker.stamps.items()))
    return Files(config.root, stamps, given, tuple(walker.troubles))


def is_small(stamps: Mapping[str, Stamp]) -> bool:
    """Whether there is so little source that all of it is parsed."""
    return sum(stamp.size for stamp in stamps.values()) <= SMALL


class _Walker:
    def __init__(self, config: Config) -> None:
        self.config = config
        self.exclude = Globs(config.exclude)
        self.stamps: dict[str, Stamp] = {}
        self.troubles: list[tuple[str, str]] = []
        self.walked: set[str] = set()
        self.tops: set[str] = set()
        self.links: list[str] = []
        self.real_root = os.path.realpath(config.root)

    def given(self, path: str) -> None:
        try:
            status = os.stat(path)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise NoSuchPathError(f"{path}: {reason}") from None
        if stat.S_ISDIR(status.st_mode):
            self.directory(path)
        elif path.endswith(".pyi") or not stat.S_ISREG(status.st_mode):
            # A hook passes whatever is Python, and a stub has no code in it.
            return
        elif not self._excluded(path):
            self.stamps[path] = Stamp(status.st_mtime_ns, status.st_size)

    def unsaved(self, path: str, data: bytes) -> None:
        """A file that counts by its content, not by what is on disk."""
        if not self._excluded(path):
            self.stamps[path] = Stamp(-1, len(data))

    def directory(self, top: str) -> None:
        """All of it, without recursion: a tree may be deeper than Python's stack."""
        self.tops.add(top)
        waiting = [top]
        while waiting:
            directory = waiting.pop()
            if directory not in self.walked:
                self.walked.add(directory)
                waiting.extend(self._entries(directory))
            if not waiting and self.links:
                # After the rest and in order: of two links to one place the same one is walked.
                self.links.sort(reverse=True)
                waiting = [link for link in (self.links.pop(),) if self._leads_outside(link)]

    def _entries(self, directory: str) -> Iterator[str]:
        """Takes note of the files and links in a directory; gives the directories in it."""
        try:
            entries = list(os.scandir(directory))
        except OSError as error:
            self.troubles.append((directory, error.strerror or str(error)))
            return
        if directory not in self.tops and any(entry.name == "pyvenv.cfg" for entry in entries):
            return  # somebody's environment, under a name of its own
        prefix = directory if directory.endswith("/") else directory + "/"
        for entry in entries:
            name = entry.name
            if name.endswith(".py"):
                self._file(prefix + name, entry)
            elif name not in EXCLUDED and self._is_directory(entry):
                path = prefix + name
                if self._excluded(path):
                    continue
                if entry.is_symlink():
                    self.links.append(path)
                else:
                    yield path

    def _is_directory(self, entry: os.DirEntry[str]) -> bool:
        try:
            return entry.is_dir()
        except OSError:  # a link that leads round in a circle
            return False

    def _file(self, path: str, entry: os.DirEntry[str]) -> None:
        try:
            status = entry.stat()
        except OSError:
            return  # gone since, or a link to nothing
        if stat.S_ISREG(status.st_mode) and not self._excluded(path):
            self.stamps[path] = Stamp(status.st_mtime_ns, status.st_size)

    def _leads_outside(self, link: str) -> bool:
        """Whether a link to a directory brings something in that is not walked already.

        What is inside the project is there under its own name, and a link upwards is a circle.
        """
        real = os.path.realpath(link)
        inside = real == self.real_root or real.startswith(self.real_root.rstrip("/") + "/")
        above = self.real_root.startswith(real.rstrip("/") + "/")
        if inside or above or real in self.walked:
            return False
        self.walked.add(real)
        return True

    def _excluded(self, path: str) -> bool:
        return bool(self.exclude) and self.exclude.matches(self.config.relative(path))


def _absolute(path: str) -> str:
    return os.path.abspath(path).replace(os.sep, "/")
