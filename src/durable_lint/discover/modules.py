"""Which file of the project an import means, told from the list of files alone.

Invariant: a name that no file of the project provides gives None, and a name of the standard
library is taken by a project's file only where Python itself would take it. Each question is a few
look-ups in a set, and is asked once: answers are kept per directory.

Nobody tells a checker what is on `sys.path`, so the likely roots are tried, nearest to the
importer first: its own directory when it is run as a script, the directory above its top-level
package, those above up to the project's root with their `src`, then any top-level package of the
project.
"""

import sys
from collections.abc import Callable, Iterable
from posixpath import commonpath

__all__ = ["Modules"]

# Imported before the first line of a program, or built in: no file of a project can take the name.
_UNSHADOWABLE = frozenset(sys.builtin_module_names) | {
    *("abc", "codecs", "encodings", "genericpath", "io", "ntpath", "os", "posixpath", "site"),
    *("stat", "zipimport", "__future__"),
}
_ROOT_NAMES = ("src", "lib", "python")


def _nothing(name: str) -> bool:
    """No top-level name is known to be somebody else's."""
    del name
    return False


class Modules:
    """The modules that a set of files makes.

    files: absolute paths with forward slashes. root: of the project; by default the directory that
    all files share. external: whether a top-level name is known as a library's; such a name is
    never guessed from a package somewhere else in the project.
    """

    __slots__ = (
        "_found",
        "_holders",
        "_packages",
        "_roots",
        "_tops",
        "directories",
        "external",
        "files",
        "root",
    )

    def __init__(
        self,
        files: Iterable[str],
        *,
        root: str | None = None,
        external: Callable[[str], bool] = _nothing,
    ) -> None:
        self.files = frozenset(files)
        holders = {path.rpartition("/")[0] for path in self.files}
        self._holders = holders
        self.root = root if root is not None else _shared(holders)
        self.external = external
        # Directories that hold a module somewhere below: what may be a namespace package.
        self.directories = _with_parents(holders)
        self._packages = {
            path[: -len("/__init__.py")] for path in self.files if path.endswith("/__init__.py")
        }
        self._tops = self._top_packages()
        self._roots: dict[str, tuple[str, ...]] = {}
        self._found: dict[tuple[str, str], str | None] = {}

    def find(self, importer: str, dotted: str) -> str | None:
        """The file that `import dotted` in `importer` loads; None for a name from elsewhere.

        A namespace package has no file: see `is_namespace`.
        """
        directory = importer.rpartition("/")[0]
        key = (directory, dotted)
        try:
            found = self._found[key]
        except KeyError:
            found = self._found[key] = self._search(directory, dotted)
        if found == importer and "." not in dotted:
            # `import redis` in a redis.py of one's own means the library, or nobody could run it.
            return None
        return found

    def resolve_relative(self, importer: str, level: int, dotted: str) -> str | None:
        """The file that `from ..dotted import x` means; `dotted` may be "": the package itself."""
        directory = self._above(importer, level)
        if directory is None:
            return None
        return self._within(directory, dotted) if dotted else self._package_file(directory)

    def submodule(self, package: str, name: str) -> str | None:
        """The file of a module in a package, given the package's `__init__.py`."""
        directory, _, file = package.rpartition("/")
        return self._within(directory, name) if file == "__init__.py" else None

    def is_namespace(self, importer: str, dotted: str) -> bool:
        """Whether an absolute name is a package without a file of its own."""
        directory = importer.rpartition("/")[0]
        if self.find(importer, dotted) is not None or self._is_foreign(directory, dotted):
            return False
        below = dotted.replace(".", "/")
        return any(f"{root}/{below}" in self.directories for root in self.roots(directory))

    def is_relative_namespace(self, importer: str, level: int, dotted: str) -> bool:
        """Whether a relative name is a package without a file of its own."""
        directory = self._above(importer, level)
        if directory is None:
            return False
        target = f"{directory}/{dotted.replace('.', '/')}" if dotted else directory
        return target in self.directories and self.resolve_relative(importer, level, dotted) is None

    def names(self) -> frozenset[str]:
        """The names of all files and directories: any import of the project begins with one."""
        files = {path.rpartition("/")[2].removesuffix(".py") for path in self.files}
        return frozenset(files | {path.rpartition("/")[2] for path in self.directories})

    def name(self, path: str) -> str:
        """The dotted name of a file; not unique, two scripts may both be `main`."""
        directory, _, file = path.rpartition("/")
        parts = [] if file == "__init__.py" else [file.removesuffix(".py")]
        stop = self._base(directory)
        if not self._is_script_directory(stop):
            stop = self._namespace_base(stop)
        while directory != stop:
            directory, _, last = directory.rpartition("/")
            parts.append(last)
        return ".".join(reversed(parts)) or file.removesuffix(".py")

    def roots(self, directory: str) -> tuple[str, ...]:
        """Where an absolute import in a file of this directory is looked for, in order."""
        known = self._roots.get(directory)
        if known is None:
            known = self._roots[directory] = tuple(dict.fromkeys(self._likely_roots(directory)))
        return known

    # ------------------------------------------------------------ looking

    def _search(self, directory: str, dotted: str) -> str | None:
        top = dotted.partition(".")[0]
        if self._is_foreign(directory, top):
            return None
        for root in self.roots(directory):
            found = self._within(root, dotted)
            if found is not None:
                return found
        if top in sys.stdlib_module_names or self.external(top):
            return None
        for root in self._elsewhere(directory, top):
            found = self._within(root, dotted)
            if found is not None:
                return found
        # Run as a script, a file of a package sees its neighbours under their bare names.
        return self._within(directory, dotted)

    def _is_foreign(self, directory: str, dotted: str) -> bool:
        """Whether the standard library has the name, and keeps it from a file in this directory."""
        top = dotted.partition(".")[0]
        if top not in sys.stdlib_module_names:
            return False
        if top in _UNSHADOWABLE:
            return True
        # Python looks beside a script first. In a package `import calendar` is the standard one,
        # whatever lies beside; elsewhere in the project nobody shadows it on purpose.
        return not (
            self._is_script_directory(directory) and self._within(directory, dotted) is not None
        )

    def _within(self, root: str, dotted: str) -> str | None:
        base = f"{root}/{dotted.replace('.', '/')}"
        package = f"{base}/__init__.py"
        if package in self.files:
            return package
        module = f"{base}.py"
        return module if module in self.files else None

    def _package_file(self, directory: str) -> str | None:
        path = f"{directory}/__init__.py"
        return path if path in self.files else None

    def _above(self, importer: str, level: int) -> str | None:
        directory = importer.rpartition("/")[0]
        for _ in range(level - 1):
            directory = directory.rpartition("/")[0]
        return directory if directory in self.directories else None

    # ------------------------------------------------------------ roots

    def _likely_roots(self, directory: str) -> Iterable[str]:
        if self._is_script_directory(directory):
            yield directory
        base = self._base(directory)
        for ancestor in self._upwards(base):
            yield ancestor
            for name in _ROOT_NAMES:
                if f"{ancestor}/{name}" in self.directories:
                    yield f"{ancestor}/{name}"

    def _base(self, directory: str) -> str:
        """The directory above the top-level package; the directory itself when it is no package."""
        while directory in self._packages:
            directory = directory.rpartition("/")[0]
        return directory

    def _upwards(self, directory: str) -> Iterable[str]:
        """The directory and those above, up to the project's root (or itself, when outside)."""
        yield directory
        while directory != self.root and directory.startswith(self.root + "/"):
            directory = directory.rpartition("/")[0]
            yield directory

    def _is_script_directory(self, directory: str) -> bool:
        """Whether files here are more likely run as scripts than imported as a namespace package.

        A directory without `__init__.py` below a root, or below a directory with modules, is taken
        for a package whose file was left out.
        """
        if directory in self._packages:
            return False
        parent, _, own = directory.rpartition("/")
        if directory == self.root or own in _ROOT_NAMES:
            return True
        if parent == self.root or parent in self._holders:
            return False
        above = parent.removeprefix(self.root).split("/")
        return not any(name in above for name in _ROOT_NAMES)

    def _namespace_base(self, directory: str) -> str:
        """The root below which a directory without `__init__.py` is a namespace package."""
        current = directory
        while current != self.root and current.startswith(self.root + "/"):
            parent, _, own = current.rpartition("/")
            if own in _ROOT_NAMES or not own.isidentifier():
                return current
            if self._is_script_directory(current):
                return current
            current = parent
        return current

    def _top_packages(self) -> dict[str, list[str]]:
        """Top-level package name -> the directories above such packages."""
        tops: dict[str, list[str]] = {}
        for package in sorted(self._packages):
            above, _, name = package.rpartition("/")
            if above not in self._packages:
                tops.setdefault(name, []).append(above)
        return tops

    def _elsewhere(self, directory: str, top: str) -> list[str]:
        """Where else in the project a top-level package of this name lies, nearest first."""
        places = self._tops.get(top, [])
        return sorted(places, key=lambda place: (-_common(place, directory), place))


def _common(one: str, other: str) -> int:
    """How many leading directories two paths share."""
    count = 0
    for a, b in zip(one.split("/"), other.split("/"), strict=False):
        if a != b:
            break
        count += 1
    return count


def _shared(directories: set[str]) -> str:
    return commonpath(directories) if directories else ""


def _with_parents(holders: set[str]) -> frozenset[str]:
    found = set[str]()
    for directory in holders:
        while directory and directory not in found:
            found.add(directory)
            directory = directory.rpartition("/")[0]
    return frozenset(found)
