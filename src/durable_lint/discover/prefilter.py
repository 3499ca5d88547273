"""Which files are worth parsing, told from their bytes.

Invariant: a file is left out only when it neither names one of the libraries that make
orchestrators nor imports, by whatever detour, a name that such a file may have made. Too many is
slow, too few is wrong: so a mention in a comment counts, and a decorator that cannot be
understood makes its function count.

What this reads is Python's import statements and nothing else; what they mean is told by `Modules`.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from durable_lint.config import Config
from durable_lint.discover.files import Stamp
from durable_lint.discover.modules import Modules

__all__ = ["Glance", "candidates", "glance", "is_of_others", "markers", "names_of", "read"]

_LIBRARY = b"durable_async"
_DIALECT_MARKERS: Mapping[str, tuple[bytes, ...]] = {
    "temporalio": (b"temporalio",),
    "durabletask": (b"durabletask", b"durable_functions", b"azure.functions"),
}


class Glance(NamedTuple):
    """What the bytes of one file say; it stays right while the file and the markers do.

    marked: a library that makes orchestrators is mentioned. suppresses: a comment may suppress.
    imports: each import statement: `from` part (module with its dots, or "" for a plain import),
    and the names as written. plain: names made at the top level of a marked file that surely are
    neither orchestrators nor activities.
    """

    marked: bool
    suppresses: bool
    imports: tuple[tuple[str, str], ...]
    plain: frozenset[str] = frozenset()


def markers(config: Config, modules: Modules) -> tuple[bytes, ...]:
    """The words that a file which makes orchestrators must hold, by configuration."""
    found = [_LIBRARY]
    for dialect in config.dialects:
        found += _DIALECT_MARKERS[dialect]
    for dotted in config.roots + config.activities:
        if _provider(dotted, modules) is None:
            found.append(dotted.partition(".")[0].encode())
    return tuple(dict.fromkeys(found))


def read(path: str, size: int) -> bytes:
    """The bytes of a file of about this size. Raises: OSError."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        # One byte more than there should be: a file that is as it was needs one call and a bit.
        data = os.read(descriptor, size + 1)
        if len(data) == size:
            return data
        pieces = [data]
        while pieces[-1]:
            pieces.append(os.read(descriptor, 1 << 20))
        return b"".join(pieces)
    finally:
        os.close(descriptor)


def glance(data: bytes, words: Sequence[bytes]) -> Glance:
    """What the bytes of a file say. words: as from `markers`."""
    # What most of the words share, most files do not hold.
    durable = b"durable" in data
    marked = any(word in data for word in words if durable or b"durable" not in word)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return Glance(
        marked,
        durable and b"durable:" in data,
        tuple(imports_in(data)),
        _plain_names(data) if marked else frozenset(),
    )


def candidates(
    stamps: Mapping[str, Stamp],
    glances: Mapping[str, Glance],
    modules: Modules,
    config: Config,
    load: Callable[[str, int], bytes] = read,
) -> tuple[str, ...]:
    """The files that may hold or call orchestrators and activities, in the order of `stamps`.

    load: reads the few files that are told apart by more than their imports.
    """
    spread = _Spread(glances, modules, lambda path: load(path, stamps[path].size))
    for path in stamps:
        if glances[path].marked:
            spread.add(path, None)
    for dotted in config.roots + config.activities:
        provider = _provider(dotted, modules)
        if provider is not None:
            spread.add(*provider)
    spread.run()
    return tuple(path for path in stamps if path in spread.found)


# ---------------------------------------------------------------- import statements

_IMPORT = re.compile(rb"import[ \t(\\]")
_PARENTHESES = re.compile(rb"[ \t]*\(((?:[^)#]|#[^\n]*)*+)")
_COMMENT = re.compile(rb"#[^\n]*")
_TOP_LEVEL = re.compile(
    rb"^(?:(@.+)|(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|(\w+)[ \t]*[:=])", re.MULTILINE
)
_HARMLESS = re.compile(
    rb"@(?:dataclass|dataclasses\.|attrs?\.|define\b|frozen\b|mutable\b|enum\.|unique\b|pytest\."
    rb"|contextmanager|asynccontextmanager|contextlib\.|functools\.|lru_cache|cache\b|final\b"
    rb"|typing\.|runtime_checkable|overload\b|total_ordering|property\b)"
)
_WORD = re.compile(r"\w+")


def imports_in(data: bytes) -> Iterator[tuple[str, str]]:
    """The import statements of a file, as in a glance."""
    for match in _IMPORT.finditer(data):
        at = match.start()
        start = data.rfind(b"\n", 0, at) + 1
        head = data[start:at].strip()
        if not head:
            if data[start - 2 : start] == b"\\\n":  # from a \ import b
                head = data[data.rfind(b"\n", 0, start - 1) + 1 : start - 2].strip()
        elif not head.startswith(b"from") or b";" in head:
            # After a colon or a semicolon: `try: import x`; else a sentence with the word.
            _, colon, head = head.replace(b";", b":").rpartition(b":")
            if not colon:
                continue
            head = head.strip()
        if not head:
            yield "", _names(data, match.end() - 1)
        elif head.startswith(b"from") and (module := head[4:].strip()):
            yield module.decode("utf-8", "replace"), _names(data, match.end() - 1)


def _names(data: bytes, at: int) -> str:
    """What stands behind `import`, up to the end of the statement, on one line."""
    end = data.find(b"\n", at)
    rest = data[at : end if end >= 0 else len(data)]
    if b"(" in rest:
        match = _PARENTHESES.match(data, at)
        rest = match[1] if match else b""
        if b"#" in rest:
            rest = _COMMENT.sub(b"", rest)
        rest = b" ".join(rest.split())
    elif b"\\" in rest or b"#" in rest or b";" in rest:
        while rest.endswith(b"\\") and end >= 0:
            start, end = end + 1, data.find(b"\n", end + 1)
            rest = rest[:-1] + data[start : end if end >= 0 else len(data)]
        rest = b" ".join(rest.replace(b"#", b";").partition(b";")[0].split())
    return rest.strip().decode("utf-8", "replace")


def _plain_names(data: bytes) -> frozenset[str]:
    """Names of functions and classes without a decorator that could make something of them."""
    plain: set[str] = set()
    made: set[str] = set()
    decorated = False
    for match in _TOP_LEVEL.finditer(data):
        decorator, defined, assigned = match.groups()
        if decorator is not None:
            decorated = decorated or not _HARMLESS.match(decorator)
        elif defined is not None:
            (made if decorated else plain).add(defined.decode("utf-8", "replace"))
            decorated = False
        else:
            made.add(assigned.decode("utf-8", "replace"))
    return frozenset(plain - made)  # a name that is made twice may be the decorated one


# ---------------------------------------------------------------- who imports what


class _Spread:
    """Follows names from the files that make them to the files that import them."""

    def __init__(
        self, glances: Mapping[str, Glance], modules: Modules, load: Callable[[str], bytes]
    ) -> None:
        self.glances = glances
        self.modules = modules
        self.load = load
        # Of files that are not marked themselves, but decorate with what a marked one gave them.
        self.plain: dict[str, frozenset[str]] = {}
        self.found: set[str] = set()
        # What a file passes on: names, or None for all but its plain ones.
        self.passes: dict[str, set[str] | None] = {}
        self.waiting: list[str] = []
        self._mentions: dict[tuple[str, str], list[tuple[str, str, str]]] | None = None

    def add(self, path: str, names: Iterable[str] | None) -> None:
        """A file has names that others may use."""
        self.found.add(path)
        known = self.passes.get(path, set())
        if known is None:
            return
        more = None if names is None else known | set(names)
        if path not in self.passes or more != known:
            self.passes[path] = more
            self.waiting.append(path)

    def run(self) -> None:
        while self.waiting:
            path = self.waiting.pop()
            for importer, module, names in self._mentioning(path):
                if importer != path:
                    self._follow(importer, module, names, path)

    def _mentioning(self, path: str) -> Iterable[tuple[str, str, str]]:
        """The import statements in which the last part of a module's name occurs."""
        if self._mentions is None:
            self._mentions = self._index()
        mentions = self._mentions
        directory, _, file = path.rpartition("/")
        package = file == "__init__.py"
        stem = directory.rpartition("/")[2] if package else file.removesuffix(".py")
        yield from mentions.get(("", stem), ())
        if package:
            yield from mentions.get((directory, ""), ())
        while directory:
            yield from mentions.get((directory, stem), ())
            directory = directory.rpartition("/")[0]

    def _index(self) -> dict[tuple[str, str], list[tuple[str, str, str]]]:
        """Statements by the words in them, and by the directory that a relative one begins in.

        "" stands for the word of those that import from `.` alone.
        """
        index: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
        own = self.modules.names()
        for path, seen in self.glances.items():
            for module, names in seen.imports:
                if is_of_others(module, names, own):
                    continue
                statement = (path, module, names)
                # Nobody asks for a word that no file and no directory is called.
                words = set(own.intersection(_WORD.findall(f"{module} {names}")))
                base = ""
                if module.startswith("."):
                    bare = module.lstrip(".")
                    base = path.rpartition("/")[0]
                    for _ in range(len(module) - len(bare) - 1):
                        base = base.rpartition("/")[0]
                    if not bare:
                        words.add("")
                for word in words:
                    index.setdefault((base, word), []).append(statement)
        return index

    def _follow(self, importer: str, module: str, names: str, source: str) -> None:
        pairs = names_of(names)
        passed: set[str] = set()
        if not module:
            for name, bound in pairs:
                if self._is(importer, name, source):
                    passed.add(bound or name.partition(".")[0])
        else:
            direct = self._is(importer, module, source)
            for name, bound in pairs:
                if direct and name == "*":
                    self.add(importer, self.passes[source])
                elif (direct and self._has(source, name)) or self._is(
                    importer, _below(module, name), source
                ):
                    passed.add(bound or name)
        if passed and self.passes.get(importer, passed) is not None:
            self.add(importer, None if self._decorates(importer, passed) else passed)

    def _decorates(self, importer: str, names: set[str]) -> bool:
        """Whether a file makes something new of what it imports: `@names` stands in it."""
        try:
            data = self.load(importer)
        except OSError:
            return True
        words = b"|".join(re.escape(name.encode()) for name in names)
        if re.search(rb"@[ \t]*(?:%b)\b" % words, data) is None:
            return False
        self.plain[importer] = _plain_names(data)
        return True

    def _has(self, source: str, name: str) -> bool:
        passes = self.passes[source]
        if passes is None:
            return name not in (self.plain.get(source) or self.glances[source].plain)
        return name in passes

    def _is(self, importer: str, module: str, source: str) -> bool:
        dotted = module.lstrip(".")
        level = len(module) - len(dotted)
        if level:
            return self.modules.resolve_relative(importer, level, dotted) == source
        return self.modules.find(importer, dotted) == source


def is_of_others(module: str, names: str, own: frozenset[str]) -> bool:
    """Whether an import can only mean libraries. own: names that files and directories have."""
    if module:
        return not module.startswith(".") and module.partition(".")[0] not in own
    tops = (name.strip().partition(" ")[0].partition(".")[0] for name in names.split(","))
    return own.isdisjoint(tops)


def names_of(names: str) -> list[tuple[str, str]]:
    """What an import statement names, as `a.b as c`; with "" for one that is bound as it is."""
    pairs = (item.partition(" as ") for item in names.split(",") if item.strip())
    return [(name.strip(), bound.strip()) for name, _, bound in pairs]


def _below(module: str, name: str) -> str:
    return f"{module}{name}" if module.endswith(".") else f"{module}.{name}"


def _provider(dotted: str, modules: Modules) -> tuple[str, tuple[str, ...] | None] | None:
    """The project's file that has a dotted name, with the name in it; None when there is none."""
    importer = f"{modules.root}/-"
    parts = dotted.removesuffix(".*").split(".")
    for count in range(len(parts), 0, -1):
        path = modules.find(importer, ".".join(parts[:count]))
        if path is not None:
            return path, (parts[count],) if count < len(parts) else None
    return None


def scan(
    stamps: Mapping[str, Stamp],
    words: Sequence[bytes],
    load: Callable[[str, int], bytes] = read,
) -> dict[str, Glance]:
    """A glance at each file; one that cannot be read counts as marked, so that it is reported."""
    glances: dict[str, Glance] = {}
    for path, stamp in stamps.items():
        try:
            glances[path] = glance(load(path, stamp.size), words)
        except OSError:
            glances[path] = Glance(marked=True, suppresses=False, imports=())
    return glances
