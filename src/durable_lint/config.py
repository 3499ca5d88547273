"""What a project says about itself in `[tool.durable-lint]`; a Config that exists is a valid one.

Invariant: nothing that is written there is passed over. A key, a code or a category that does not
exist is an error that names the file and what is allowed: a typo in `ignore` must not look like a
clean project. On the start-up path, so the parser of TOML is imported only when there is a table.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, cast

from durable_lint.globs import Globs

__all__ = ["CODES", "DIALECTS", "Config", "ConfigError", "load"]

# Every code with its category; a test holds this against the rules.
CODES: Mapping[str, str] = {
    "DUR000": "syntax_error",
    "DUR101": "wall_clock",
    "DUR102": "blocking_sleep",
    "DUR111": "randomness",
    "DUR112": "uuid",
    "DUR121": "network_io",
    "DUR122": "file_io",
    "DUR123": "subprocess",
    "DUR124": "environment",
    "DUR125": "process_state",
    "DUR131": "threading",
    "DUR132": "foreign_await",
    "DUR133": "missing_await",
    "DUR134": "unordered_iteration",
    "DUR135": "swallowed_cancellation",
    "DUR141": "global_state",
    "DUR142": "dynamic_code",
    "DUR143": "logging_print",
    "DUR151": "unbounded_loop",
    "DUR152": "contract",
    "DUR190": "suppression",
}
# Selected only by name: the rest is on.
OFF_BY_DEFAULT = frozenset({"DUR190"})
DIALECTS = ("temporalio", "durabletask")

_TABLE = "[tool.durable-lint]"
_MARKERS = ("pyproject.toml", ".git", "setup.cfg", "setup.py")


class ConfigError(Exception):
    """A configuration or option that cannot be carried out; the message says what can be."""


class Config(NamedTuple):
    """root: the project's directory, absolute. file: where the table is, if there is one.

    select, extend_select, ignore: codes, prefixes of codes, or ALL; an empty select is what is on
    by default. per_file_ignores: globs with codes. roots: dotted decorators or functions that make
    orchestrators. activities: dotted callables that are not looked into. nondeterministic: dotted
    names with their category. baseline: absolute path, or None. types: mypy is asked what the
    syntax does not tell.
    """

    root: str
    file: str | None = None
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    roots: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    nondeterministic: tuple[tuple[str, str], ...] = ()
    deterministic: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    strict_logging: bool = False
    baseline: str | None = None
    types: bool = False

    def selects(self, code: str) -> bool:
        """Whether findings of a code are wanted: the most specific entry decides, a tie ignores."""
        wanted = max(_weight(self.select, code), _weight(self.extend_select, code))
        if not self.select and code not in OFF_BY_DEFAULT:
            wanted = max(wanted, 0)
        if code == "DUR000":
            # A file that was not read is never a clean one, unless somebody says so by name.
            wanted = max(wanted, len("DUR00"))
        return wanted > _weight(self.ignore, code)

    def ignores_in(self, path: str) -> tuple[str, ...]:
        """The codes (or prefixes) that per-file-ignores has for a file."""
        relative = self.relative(path)
        return tuple(
            code
            for pattern, codes in self.per_file_ignores
            if Globs((pattern,)).matches(relative)
            for code in codes
        )

    def relative(self, path: str) -> str:
        """The path below the root; a path outside of it stays as it is."""
        return path.removeprefix(self.root.rstrip("/") + "/")

    def overridden(
        self,
        *,
        select: Iterable[str] | None = None,
        extend_select: Iterable[str] | None = None,
        ignore: Iterable[str] | None = None,
    ) -> "Config":
        """With what the command line says in place of the file's; extend_select is added.

        Raises: ConfigError for a code that does not exist.
        """
        changed = self
        if select is not None:
            changed = changed._replace(select=_checked_codes(select, "--select"))
        if ignore is not None:
            changed = changed._replace(ignore=_checked_codes(ignore, "--ignore"))
        if extend_select is not None:
            more = _checked_codes(extend_select, "--extend-select")
            changed = changed._replace(extend_select=changed.extend_select + more)
        return changed


def load(start: str | os.PathLike[str], file: str | os.PathLike[str] | None = None) -> Config:
    """The configuration for a file or directory.

    start: where to look from, upwards: the nearest pyproject.toml that has the table, else the
    nearest sign of a project, else the directory itself. file: a file to take instead of looking.
    Raises: ConfigError.
    """
    directory = _directory(os.fspath(start))
    if file is not None:
        path = _absolute(os.fspath(file))
        table = _table(path)
        if table is None:
            raise ConfigError(
                f"{path}: there is no {_TABLE} in it; add the table, or leave --config"
            )
        return _read(table, path, path.rpartition("/")[0] or "/")
    fallback = None
    for place in _upwards(directory):
        path = _joined(place, "pyproject.toml")
        table = _table(path) if os.path.isfile(path) else None
        if table is not None:
            return _read(table, path, place)
        if fallback is None and any(os.path.lexists(_joined(place, name)) for name in _MARKERS):
            fallback = place
    return Config(root=fallback or directory)


# ---------------------------------------------------------------- places


def _absolute(path: str) -> str:
    return os.path.abspath(path).replace(os.sep, "/")


def _directory(start: str) -> str:
    path = _absolute(start)
    return path if os.path.isdir(path) else path.rpartition("/")[0] or "/"


def _joined(directory: str, name: str) -> str:
    return directory + name if directory.endswith("/") else f"{directory}/{name}"


def _upwards(directory: str) -> Iterable[str]:
    while True:
        yield directory
        above = directory.rpartition("/")[0] or "/"
        if above == directory or above.endswith(":"):
            return
        directory = above


# ---------------------------------------------------------------- reading


def _table(path: str) -> Mapping[str, object] | None:
    """The table of a file; None when it has none. Most files need no parser to tell."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if b"durable-lint" not in data and b"durable_lint" not in data:
        return None
    import tomllib

    try:
        whole = tomllib.loads(data.decode())
    except ValueError as error:  # of TOML, and of UTF-8
        raise ConfigError(f"{path}: is not TOML: {error}") from None
    tool = whole.get("tool", {})
    if isinstance(tool, dict) and "durable_lint" in tool:
        raise ConfigError(f"{path}: [tool.durable_lint] is not read; write {_TABLE}, with a hyphen")
    table = tool.get("durable-lint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.durable-lint must be a table, not {_shown(table)}")
    return table


class _Reader:
    """Takes values out of a table, and says where each wrong one stands."""

    def __init__(self, table: Mapping[str, object], file: str) -> None:
        self.table = table
        self.file = file

    def error(self, key: str, message: str) -> ConfigError:
        return ConfigError(f"{self.file}: {_TABLE} {key}: {message}")

    def strings(self, key: str) -> tuple[str, ...]:
        value = self.table.get(key, [])
        return self._strings(key, value)

    def _strings(self, key: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, f"must be a list of strings, not {_shown(value)}")
        return tuple(cast(list[str], value))

    def codes(self, key: str) -> tuple[str, ...]:
        return self._codes(key, self.table.get(key, []))

    def _codes(self, key: str, value: object) -> tuple[str, ...]:
        return _checked_codes(self._strings(key, value), f"{self.file}: {_TABLE} {key}")

    def dotted(self, key: str) -> tuple[str, ...]:
        return self._dotted(key, self.table.get(key, []))

    def _dotted(self, key: str, value: object) -> tuple[str, ...]:
        names = self._strings(key, value)
        for name in names:
            parts = name.removesuffix(".*").split(".")
            if len(parts) < 2 - name.endswith(".*") or not all(map(str.isidentifier, parts)):
                raise self.error(
                    key, f"{name!r} is not a dotted name such as 'package.module.function'"
                )
        return names

    def globs(self, key: str) -> tuple[str, ...]:
        patterns = self.strings(key)
        self.check_globs(key, patterns)
        return patterns

    def check_globs(self, key: str, patterns: Iterable[str]) -> None:
        import re

        for pattern in patterns:
            try:
                _check_brackets(pattern)
                Globs((pattern,))
            except (ValueError, re.error) as error:
                raise self.error(key, f"{pattern!r} is not a pattern: {error}") from None

    def select(self) -> tuple[str, ...]:
        codes = self.codes("select")
        if not codes and "select" in self.table:
            raise self.error(
                "select",
                "an empty list would select nothing; leave the key out for all that is on by "
                "default, and name in ignore what is not wanted",
            )
        return codes

    def chosen(self, key: str, allowed: Sequence[str]) -> tuple[str, ...]:
        values = self.strings(key)
        for value in values:
            if value not in allowed:
                raise self.error(key, _unknown(value, allowed))
        return values

    def flag(self, key: str) -> bool:
        value = self.table.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"must be true or false, not {_shown(value)}")
        return value

    def path(self, key: str, root: str) -> str | None:
        value = self.table.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            raise self.error(key, f"must be the path of a file, not {_shown(value)}")
        return _absolute(os.path.join(root, value))

    def tables(self, key: str) -> Mapping[str, object]:
        value = self.table.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, f"must be a table, not {_shown(value)}")
        return cast(Mapping[str, object], value)

    def per_file_ignores(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        key = "per-file-ignores"
        table = self.tables(key)
        self.check_globs(key, table)
        return tuple(
            (pattern, self._codes(f"{key} {pattern!r}", codes)) for pattern, codes in table.items()
        )

    def nondeterministic(self) -> tuple[tuple[str, str], ...]:
        key = "nondeterministic"
        categories = sorted(set(CODES.values()) - _NOT_OF_NAMES)
        found: list[tuple[str, str]] = []
        for category, names in self.tables(key).items():
            if category not in categories:
                raise self.error(key, _unknown(category, categories))
            found += [(name, category) for name in self._dotted(f"{key}.{category}", names)]
        return tuple(found)


# Categories that a name of a library cannot have: they are about how code is written.
_NOT_OF_NAMES = frozenset(
    {
        *("syntax_error", "missing_await", "unordered_iteration", "swallowed_cancellation"),
        *("global_state", "unbounded_loop", "contract", "suppression"),
    }
)

_KEYS = (
    "select", "extend-select", "ignore", "per-file-ignores", "roots", "dialects", "activities",
    "nondeterministic", "deterministic", "exclude", "strict-logging", "baseline",
    "types",
)  # fmt: skip


def _read(table: Mapping[str, object], file: str, root: str) -> Config:
    for key in table:
        if key not in _KEYS:
            raise ConfigError(f"{file}: {_TABLE} {_unknown(key, _KEYS)}")
    reader = _Reader(table, file)
    return Config(
        root=root,
        file=file,
        select=reader.select(),
        extend_select=reader.codes("extend-select"),
        ignore=reader.codes("ignore"),
        per_file_ignores=reader.per_file_ignores(),
        roots=reader.dotted("roots"),
        dialects=reader.chosen("dialects", DIALECTS),
        activities=reader.dotted("activities"),
        nondeterministic=reader.nondeterministic(),
        deterministic=reader.dotted("deterministic"),
        exclude=reader.globs("exclude"),
        strict_logging=reader.flag("strict-logging"),
        baseline=reader.path("baseline", root),
        types=reader.flag("types"),
    )


def _check_brackets(pattern: str) -> None:
    """Raises: ValueError for a `[` that stands for itself: it was meant for something else."""
    for part in pattern.replace("\\", "/").split("/"):
        place = part.find("[")
        while place >= 0:
            end = part.find("]", place + 2)
            if end < 0:
                raise ValueError("its '[' is never closed; '[[]' stands for the letter itself")
            place = part.find("[", end)


# ---------------------------------------------------------------- codes and messages


def _weight(entries: Iterable[str], code: str) -> int:
    """How specific the best entry for a code is; -1 when none is for it."""
    best = -1
    for entry in entries:
        if entry == "ALL":
            best = max(best, 0)
        elif code.startswith(entry):
            best = max(best, len(entry))
    return best


def _checked_codes(codes: Iterable[str], where: str) -> tuple[str, ...]:
    found = tuple(codes)
    for code in found:
        if code != "ALL" and not (code and any(known.startswith(code) for known in CODES)):
            raise ConfigError(f"{where}: {_unknown_code(code)}")
    return found


def _unknown_code(code: str) -> str:
    for known, category in CODES.items():
        if category == code or known == code.upper():
            return f"{code!r} is not a code; did you mean {known!r}?"
    return _unknown(code, [*CODES, "ALL"])


def _unknown(value: str, allowed: Sequence[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(value, allowed, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else "."
    return f"{value!r} does not exist{hint} There is: {', '.join(allowed)}"


def _shown(value: object) -> str:
    """A value of TOML, short enough for one line."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
