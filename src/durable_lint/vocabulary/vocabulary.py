"""What is known about code that is not of the project, by qualified name.

Invariant: the same name gets the same answer for as long as a vocabulary lives, so answers are
remembered. A name that is written out beats a pattern, a longer pattern beats a shorter one, and
what is known as pure beats a pattern of the same length.

Types are written as qualified names with arguments, `builtins.list[pathlib.Path]`; an optional type
is written as the type itself. `coroutine:X` gives X when awaited. `context:X` gives X when entered
(by `with` or `async with`), and also when awaited, as the clients do that offer both.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from durable_lint.vocabulary.entry import Entry, When
from durable_lint.vocabulary.family import Family

__all__ = ["Vocabulary"]

_PATTERN: Final = ".*"
_NOTHING: Final[Mapping[str, str]] = {}


class Vocabulary:
    """Answers by qualified name. `Vocabulary.standard()` knows what ships with the checker."""

    __slots__ = (
        "_activities",
        "_aliases",
        "_bases",
        "_canonical",
        "_entries",
        "_found",
        "_lines",
        "_member_results",
        "_members",
        "_owners",
        "_patterns",
        "_pure",
        "_pure_patterns",
        "_results",
        "_safe",
        "_safe_patterns",
        "has_settings",
    )

    def __init__(self, families: Iterable[Family]) -> None:
        self._entries: dict[str, Entry] = {}
        self._patterns: dict[str, Entry] = {}
        self._pure: set[str] = set()
        self._pure_patterns: set[str] = set()
        self._safe: set[str] = set()
        self._safe_patterns: set[str] = set()
        self._results: dict[str, Mapping[str, str]] = {}
        self._bases: dict[str, tuple[str, ...]] = {}
        self._aliases: dict[str, str] = {}
        self._owners: set[str] = set()
        self._activities: frozenset[str] = frozenset()
        self.has_settings = False  # the project says of names whether they count
        for family in families:
            self._add(family)
        self._forget()

    def _forget(self) -> None:
        self._found: dict[str, Entry | None] = {}
        self._members: dict[tuple[str, str], Entry | None] = {}
        self._member_results: dict[tuple[str, str], str | None] = {}
        self._canonical: dict[str, str] = {}
        self._lines: dict[str, tuple[str, ...]] = {}

    @classmethod
    def standard(cls, *, strict_logging: bool = False) -> "Vocabulary":
        """The vocabulary that ships with the checker. strict_logging: plain logging counts too."""
        from durable_lint.vocabulary.packages import PACKAGES
        from durable_lint.vocabulary.stdlib import STANDARD_LIBRARY, STRICT_LOGGING

        extra = (STRICT_LOGGING,) if strict_logging else ()
        return cls((*STANDARD_LIBRARY, *PACKAGES, *extra))

    def with_config(
        self,
        nondeterministic: Mapping[str, Iterable[str]] | None = None,
        deterministic: Iterable[str] = (),
        activities: Iterable[str] = (),
    ) -> "Vocabulary":
        """A vocabulary that also knows what a project says of itself.

        nondeterministic: category -> names. All names may end in `.*`.
        """
        other = Vocabulary(())
        for slot in ("_entries", "_patterns", "_pure", "_pure_patterns", "_owners"):
            setattr(other, slot, getattr(self, slot).copy())
        for slot in ("_safe", "_safe_patterns", "_results", "_bases", "_aliases"):
            setattr(other, slot, getattr(self, slot))
        for category, names in (nondeterministic or {}).items():
            entry = Entry(category)
            for name in names:
                other._disallow(name, entry)
        for name in deterministic:
            other._allow(name)
        other._activities = self._activities | frozenset(activities)
        other.has_settings = self.has_settings or bool(nondeterministic or deterministic)
        return other

    def with_bases(self, bases: Mapping[str, tuple[str, ...]]) -> "Vocabulary":
        """A vocabulary that also knows of these classes what they are derived from."""
        if not bases:
            return self
        other = self.with_config()
        other._bases = {**bases, **self._bases}
        return other

    # ------------------------------------------------------------------ what counts

    def name(self, qualified: str) -> Entry | None:
        """What is known against a function, a class (its construction) or an attribute."""
        try:
            return self._found[qualified]
        except KeyError:
            found = self._found[qualified] = self._name(self.canonical(qualified))
            return found

    def member(self, cls: str, path: str) -> Entry | None:
        """What is known against a member of an instance of `cls`.

        cls: a type, arguments are passed over. path: may be dotted (`chat.completions.create`).
        """
        try:
            return self._members[cls, path]
        except KeyError:
            found = self._members[cls, path] = self._member(_bare(cls), path)
            return found

    def pure(self, qualified: str) -> bool:
        """Whether a name is known to be deterministic; False says nothing."""
        qualified = self.canonical(qualified)
        if qualified in self._entries:
            return False
        return qualified in self._pure or self._pattern(qualified) is True

    def is_durable_safe(self, qualified: str) -> bool:
        """Whether awaiting what the name gives is durable: asyncio's own means, and anyio's."""
        qualified = self.canonical(qualified)
        return qualified in self._safe or any(
            p in self._safe_patterns for p in _prefixes(qualified)
        )

    def is_known(self, qualified: str) -> bool:
        """Whether the name, or something that belongs to it, counts: then it is reported there."""
        qualified = self.canonical(_bare(qualified))
        return any(line in self._owners for line in self.lineage(qualified)) or (
            self.name(qualified) is not None
        )

    def is_activity(self, qualified: str) -> bool:
        """Whether a project's configuration calls this an activity."""
        if not self._activities:
            return False
        return qualified in self._activities or any(
            prefix + _PATTERN in self._activities for prefix in _prefixes(qualified)
        )

    # ------------------------------------------------------------------ types

    def result(self, qualified: str) -> str | None:
        """The type that calling a function or a class gives, or that a module's attribute has."""
        qualified = self.canonical(qualified)
        if qualified in self._bases:
            return qualified
        owner, _, name = qualified.rpartition(".")
        if owner in self._bases:
            return self.member_result(owner, name)
        found = self._results.get(owner, _NOTHING).get(name)
        return None if found is None else _filled(found.removeprefix("="), (), owner)

    def member_result(self, cls: str, path: str) -> str | None:
        """The type that a method of an instance of `cls` gives, or that its attribute has.

        cls: a type; its arguments go into the answer (`builtins.list[X]`, `pop` -> X). path: may be
        dotted, through attributes only.
        """
        try:
            return self._member_results[cls, path]
        except KeyError:
            found = self._member_results[cls, path] = self._member_result(cls, path)
            return found

    def is_attribute(self, cls: str, name: str) -> bool | None:
        """Whether a member of `cls` is a value or property, not a method; None: not known."""
        holder, _, name = name.rpartition(".")
        held = self.member_result(cls, holder) if holder else cls
        for line in self.lineage(_bare(held)) if held else ():
            found = self._results.get(line, _NOTHING).get(name)
            if found is not None:
                return found.startswith("=")
        return None

    def awaitable(self, qualified: str) -> bool | None:
        """Whether what a function gives must be awaited; None: not known."""
        found = self.result(qualified)
        return None if found is None else found.startswith("coroutine:")

    def bases(self, cls: str) -> tuple[str, ...]:
        """The known direct bases of a class, as types."""
        return self._bases.get(self.canonical(_bare(cls)), ())

    def lineage(self, cls: str) -> tuple[str, ...]:
        """A class and all its known bases without arguments, nearest first."""
        cls = self.canonical(cls)
        found = self._lines.get(cls)
        if found is None:
            self._lines[cls] = (cls,)  # should classes ever be bases of each other
            order = {cls: None}
            for base in self._bases.get(cls, ()):
                order.update(dict.fromkeys(self.lineage(_bare(base))))
            found = self._lines[cls] = tuple(order)
        return found

    def is_class(self, qualified: str) -> bool | None:
        """Whether the name is a class; None: not known."""
        qualified = self.canonical(qualified)
        if qualified in self._bases:
            return True
        owner, _, name = qualified.rpartition(".")
        return False if name in self._results.get(owner, _NOTHING) else None

    def canonical(self, qualified: str) -> str:
        """The one spelling of a name that has several: `posix.getcwd` is `os.getcwd`."""
        found = self._canonical.get(qualified)
        if found is None:
            found = self._canonical[qualified] = self._canonicalised(qualified)
        return found

    # ------------------------------------------------------------------ how it is found

    def _canonicalised(self, qualified: str) -> str:
        aliases = self._aliases
        for _ in range(4):  # an alias may lead to another
            prefix = qualified
            while prefix and prefix not in aliases:
                prefix = prefix.rpartition(".")[0]
            if not prefix:
                break
            qualified = aliases[prefix] + qualified[len(prefix) :]
        return qualified

    def _name(self, qualified: str) -> Entry | None:
        found = self._entries.get(qualified)
        if found is not None:
            return found
        if qualified in self._pure:
            return None
        owner, _, last = qualified.rpartition(".")
        while owner:
            if owner in self._bases:
                return self.member(owner, qualified[len(owner) + 1 :])
            owner = owner.rpartition(".")[0]
        if _is_harmless(last):
            return None
        found_by_pattern = self._pattern(qualified)
        return None if isinstance(found_by_pattern, bool) else found_by_pattern

    def _member(self, cls: str, path: str) -> Entry | None:
        lineage = self.lineage(cls)
        for line in lineage:
            full = f"{line}.{path}"
            found = self._entries.get(full)
            if found is not None:
                return found
            if full in self._pure:
                return None
        head, _, rest = path.partition(".")
        if rest:
            held = self.member_result(cls, head)
            if held is not None and (cls, path) != (held, rest):
                return self.member(held, rest)
        if _is_harmless(path.rpartition(".")[2]):
            return None
        for line in lineage:
            found_by_pattern = self._pattern(f"{line}.{path}")
            if found_by_pattern is True:
                return None
            if found_by_pattern is not None and not isinstance(found_by_pattern, bool):
                return found_by_pattern
        return None

    def _pattern(self, qualified: str) -> Entry | bool | None:
        """The entry of the longest pattern; True if that one is of what is pure."""
        for prefix in _prefixes(qualified):
            if prefix in self._pure_patterns:
                return True
            found = self._patterns.get(prefix)
            if found is not None:
                return found
        return None

    def _member_result(self, cls: str, path: str) -> str | None:
        head, _, rest = path.partition(".")
        if rest:
            held = self.member_result(cls, head)
            return None if held is None else self.member_result(held, rest)
        bare, arguments = _split(cls)
        bare = self.canonical(bare)
        found = self._declared(bare, arguments, cls, head)
        if found is not None or bare not in self._bases:
            return found
        # What can be entered gives itself, unless it is known to give something else.
        if head == "__enter__":
            return cls
        if head == "__aenter__":
            return f"coroutine:{cls}"
        # Databases and collections of some clients are attributes of any name.
        return None if head.startswith("_") else self._declared(bare, arguments, cls, "__getattr__")

    def _declared(self, bare: str, arguments: tuple[str, ...], cls: str, name: str) -> str | None:
        """What a class or the nearest of its bases says of a member; `cls` is who asks."""
        found = self._results.get(bare, _NOTHING).get(name)
        if found is not None:
            return _filled(found.removeprefix("="), arguments, cls)
        for base in self._bases.get(bare, ()):
            filled = _filled(base, arguments, cls)
            if filled is not None:
                base_bare, base_arguments = _split(filled)
                found = self._declared(self.canonical(base_bare), base_arguments, cls, name)
                if found is not None:
                    return found
        return None

    # ------------------------------------------------------------------ how it is built

    def _add(self, family: Family) -> None:
        entries, patterns = self._entries, self._patterns
        conditions, advice = family.conditions, family.advice
        special = conditions.keys() | advice.keys()
        for category, owners in family.calls.items():
            plain = Entry(category)  # one for all: most names have neither condition nor advice
            self._owners.update(owners)
            for name in _names(owners):
                if name in special:
                    when = conditions.get(name, When.ALWAYS)
                    entries[name] = Entry(category, when, advice.get(name, ""))
                elif name.endswith(_PATTERN):
                    patterns[name[:-2]] = plain
                else:
                    entries[name] = plain
        for category, owners in family.attributes.items():
            self._owners.update(owners)
            for name in _names(owners):
                entry = Entry(category, advice=advice.get(name, ""), attribute=True)
                entries[name] = patterns[name] = entry
        _sort(family.pure, self._pure, self._pure_patterns)
        _sort(family.safe, self._safe, self._safe_patterns)
        self._aliases.update(family.aliases)
        self._add_types(family)

    def _add_types(self, family: Family) -> None:
        for owner, results in family.results.items():
            known = self._results.get(owner)
            self._results[owner] = results if known is None else {**known, **results}
        for owner, types in family.gives.items():
            given = {name: type_ for type_, names in types.items() for name in names.split()}
            self._results[owner] = {**self._results.get(owner, _NOTHING), **given}
        for owner in chain(*family.calls.values(), family.pure, family.gives):
            if owner[owner.rfind(".") + 1].isupper():  # a class, then
                self._bases.setdefault(owner, ())
        for cls, bases in family.bases.items():
            self._bases[cls] = tuple(bases.split("; ")) if bases else ()

    def _disallow(self, name: str, entry: Entry) -> None:
        self._owners.add(name.rpartition(".")[0])
        if name.endswith(_PATTERN):
            self._patterns[name[:-2]] = entry
            self._pure_patterns.discard(name[:-2])
        else:
            self._entries[name] = entry
            self._pure.discard(name)

    def _allow(self, name: str) -> None:
        if name.endswith(_PATTERN):
            prefix = name[:-1]
            self._pure_patterns.add(name[:-2])
            for known in [n for n in self._entries if n.startswith(prefix)]:
                del self._entries[known]
            for known in [n for n in self._patterns if n.startswith(prefix) or n == name[:-2]]:
                del self._patterns[known]
        else:
            self._pure.add(name)
            self._entries.pop(name, None)
            self._patterns.pop(name, None)


def _names(owners: Mapping[str, str]) -> list[str]:
    return [f"{owner}.{name}" for owner, names in owners.items() for name in names.split()]


def _sort(owners: Mapping[str, str], names: set[str], patterns: set[str]) -> None:
    """Put what is written out into `names`, and what ends in a star into `patterns`."""
    for name in _names(owners):
        if name.endswith(_PATTERN):
            patterns.add(name[:-2])
        else:
            names.add(name)


def _prefixes(qualified: str) -> Iterator[str]:
    """What a name belongs to, nearest first."""
    end = qualified.rfind(".")
    while end > 0:
        yield qualified[:end]
        end = qualified.rfind(".", 0, end)


def _is_harmless(last: str) -> bool:
    """Whether a name that only a pattern covers is an exception, a constant or a special method."""
    return (
        last.endswith(("Error", "Exception", "Warning", "Timeout"))
        or (last.startswith("__") and last.endswith("__"))
        or (last.isupper() and len(last) > 1)
    )


def _bare(type_: str) -> str:
    """A type without its arguments."""
    return type_.partition("[")[0]


def _split(type_: str) -> tuple[str, tuple[str, ...]]:
    """A type and its arguments."""
    bare, bracket, inside = type_.partition("[")
    if not bracket:
        return bare, ()
    arguments: list[str] = []
    depth = start = 0
    inside = inside[:-1]
    for place, letter in enumerate(inside):
        if letter == "[":
            depth += 1
        elif letter == "]":
            depth -= 1
        elif letter == "," and not depth:
            arguments.append(inside[start:place].strip())
            start = place + 1
    arguments.append(inside[start:].strip())
    return bare, tuple(arguments)


def _filled(type_: str, arguments: tuple[str, ...], cls: str) -> str | None:
    """A type with `~0`, `~1` replaced by a class's arguments and `~` by the class itself.

    What stays open makes the type around it a bare one; None if nothing is known.
    """
    if "~" not in type_:
        return type_
    for mark in ("coroutine:", "context:"):
        if type_.startswith(mark):
            inner = _filled(type_[len(mark) :], arguments, cls)
            return mark + (inner or "?")
    if type_ == "~":
        return cls
    if type_.startswith("~"):
        place = int(type_[1:])
        if place >= len(arguments) or arguments[place] == "?":
            return None
        return arguments[place]
    bare, inside = _split(type_)
    filled = [_filled(one, arguments, cls) for one in inside]
    if all(one is None for one in filled):
        return bare
    return f"{bare}[{', '.join(one or '?' for one in filled)}]"
