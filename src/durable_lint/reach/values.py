"""A value is what an expression may give, as far as the analysis knows.

Values form a lattice of small height: `join` goes up, and a union of too many members is
`ANYTHING`, which stays itself whatever joins with it. A union may hold `UNKNOWN` beside what is
known: on some way it is a path, on another nobody knows. What is unknown is never reported, and
never makes anything harmless.

No value is larger than `HEAVIEST`, so that code which nests what it has into itself comes to an
end: what would be forgets what it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

import attrs

from durable_lint.reach.observations import Iterated, Pending
from durable_lint.reach.places import Place

if TYPE_CHECKING:
    from durable_lint.reach.scopes import ClassScope, Function, Module

__all__ = [
    "ANYTHING",
    "NOTHING",
    "UNKNOWN",
    "Bound",
    "Class",
    "Constant",
    "Definition",
    "External",
    "Func",
    "Instance",
    "Made",
    "Marker",
    "Member",
    "ModuleValue",
    "Namespace",
    "Object",
    "Partial",
    "Pend",
    "Super",
    "Union",
    "Unknown",
    "Value",
    "copied",
    "join",
    "limited",
    "members_of",
    "weight_of",
]

WIDEST: Final = 8
# Functions are told apart longer: a table of handlers holds many, and each may be called.
MOST_FUNCTIONS: Final = 32
# How many values hang together in one at most, counted as often as they are met.
HEAVIEST: Final = 100
# Longer names of what libraries make say nothing: `x = x.next` in a row, or a program wrote it.
LONGEST: Final = 200


class Unknown:
    """Anything at all. There is one, `UNKNOWN`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


class Nothing:
    """No value yet: what joins with it stays itself. There is one, `NOTHING`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NOTHING"


UNKNOWN: Final = Unknown()
# The free variable that marks a function which was made at import: it says what the states are
# called that the others are.
KEPT: Final = "*kept"
# Before the name of a parameter: its default, which is a value of the function that made this one.
DEFAULT: Final = "="
NOTHING: Final = Nothing()


def weight_of(value: Value) -> int:
    """How many values a value is made of, itself included."""
    weight: int = getattr(value, "weight", 1)
    return weight


def _weight_of_all(values: Iterable[Value]) -> int:
    return 1 + sum(getattr(value, "weight", 1) for value in values)


def _weighed(held: Callable[[Any], Iterable[Value]]) -> Any:
    """A field that keeps the weight of a value made of what `held` gives."""
    return attrs.field(
        init=False,
        eq=False,
        repr=False,
        default=attrs.Factory(lambda self: _weight_of_all(held(self)), takes_self=True),
    )


@attrs.frozen
class Constant:
    """A literal. `kind` keeps True apart from 1."""

    value: object
    kind: str


@attrs.frozen
class External:
    """Something that is not of the project, by its qualified name: module, function, class ...

    told: it was reported where it was handed on, so a call of it is not reported again.
    """

    name: str
    told: bool = False


@attrs.frozen(cache_hash=True)
class Instance:
    """An instance of an external class, `builtins.list` for example.

    items: of a list, set, iterator ... its element; of a dict key and value; of a tuple each
    element; of a task, coroutine or context manager what it gives. disorder: where its order came
    from that of a set. state: the module or class state that it is. entries: of a dict that was
    written out with constant keys, and not changed since, what may be called under each.
    """

    cls: str
    items: tuple[Value, ...] = ()
    disorder: Iterated | None = attrs.field(default=None, eq=False)
    state: str = attrs.field(default="", eq=False)
    entries: tuple[tuple[Value, Value], ...] = attrs.field(default=(), repr=False)
    weight: int = attrs.field(init=False, eq=False, repr=False, default=1)

    def entry(self, key: Value) -> Value:
        """What a dict holds under a key: any of its values when that cannot be told."""
        for named, value in self.entries:
            if named == key:
                return value
        return self.items[1]

    def __attrs_post_init__(self) -> None:
        if self.items:
            weight = _weight_of_all(self.items)
            if weight > HEAVIEST:
                object.__setattr__(self, "items", ())
            else:
                object.__setattr__(self, "weight", weight)


@attrs.frozen
class Member:
    """An attribute of an instance of an external class, not yet called or read.

    path: may be dotted.
    """

    of: Instance
    path: str
    weight: int = _weighed(lambda member: (member.of,))


@attrs.frozen
class Made:
    """What a call of something external gave, when nobody knows of what class it is.

    laden: it was given what may be found in it again.
    """

    by: str
    laden: bool = False


@attrs.frozen
class ModuleValue:
    """A module of the project."""

    module: Module


@attrs.frozen
class Namespace:
    """A package of the project without a file of its own, as `importer` sees it."""

    importer: str
    dotted: str


@attrs.frozen(cache_hash=True)
class Func:
    """A function of the project, with the values of its free variables."""

    function: Function
    closure: tuple[tuple[str, Value], ...] = ()
    weight: int = attrs.field(init=False, eq=False, repr=False, default=1)

    def __attrs_post_init__(self) -> None:
        if self.closure:
            weight = _weight_of_all(value for _, value in self.closure)
            if weight > HEAVIEST:
                light = tuple(entry for entry in self.closure if weight_of(entry[1]) == 1)
                object.__setattr__(self, "closure", light)
                weight = 1 + len(light)
            object.__setattr__(self, "weight", weight)


@attrs.frozen(cache_hash=True)
class Bound:
    """A method of the project with its receiver."""

    func: Func
    receiver: Value
    weight: int = _weighed(lambda bound: (bound.func, bound.receiver))


@attrs.frozen
class Class:
    """A class of the project."""

    scope: ClassScope


@attrs.frozen(cache_hash=True)
class Object:
    """An instance of a class of the project.

    exact: it is known where it was made, so no subclass is meant.
    """

    scope: ClassScope
    exact: bool = True
    state: str = attrs.field(default="", eq=False)


@attrs.frozen
class Super:
    """What `super()` gives: attributes of the classes after `after`, on `receiver`."""

    after: ClassScope
    receiver: Value
    weight: int = _weighed(lambda found: (found.receiver,))


@attrs.frozen(cache_hash=True)
class Definition:
    """An orchestrator, activity or entity. kind: Pending.ORCHESTRATOR or Pending.ACTIVITY."""

    kind: Pending
    name: str
    target: Value
    weight: int = _weighed(lambda definition: (definition.target,))


@attrs.frozen
class Marker:
    """A function that decorates: what calling `what` with options gave, `@activity(retry=...)`."""

    what: str
    name: str = ""


@attrs.frozen(cache_hash=True)
class Pend:
    """A call that nothing has awaited yet. name: of what is called. gives: what awaiting it gives.

    foreign: qualified name of the library's function whose coroutine this is, when that is not
    durable.
    """

    kind: Pending
    name: str
    gives: Value
    foreign: str = ""
    made: Place | None = attrs.field(default=None, eq=False)
    weight: int = _weighed(lambda pend: (pend.gives,))


@attrs.frozen(cache_hash=True)
class Partial:
    """A callable with its first arguments."""

    of: Value
    given: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()
    weight: int = _weighed(
        lambda part: (part.of, *part.given, *(value for _, value in part.keywords))
    )


@attrs.frozen(cache_hash=True)
class Union:
    """One of several.

    members: in the order in which they were met, so that the same files are read in the same way
    each time. Unions of the same members are equal, whatever their order.
    """

    members: tuple[Value, ...] = attrs.field(eq=False)
    held: frozenset[Value] = attrs.field(
        init=False, default=attrs.Factory(lambda self: frozenset(self.members), takes_self=True)
    )
    weight: int = _weighed(lambda union: union.members)


# More than can be told apart. Unlike UNKNOWN it takes in whatever joins with it.
ANYTHING: Final = Union((UNKNOWN,))


Value = (
    Unknown
    | Nothing
    | Constant
    | External
    | Instance
    | Member
    | Made
    | ModuleValue
    | Func
    | Bound
    | Class
    | Object
    | Namespace
    | Super
    | Definition
    | Marker
    | Pend
    | Partial
    | Union
)


def members_of(value: Value) -> Iterable[Value]:
    """The members of a union, or the value itself."""
    return value.members if type(value) is Union else (value,)


# What cannot change in place is no state, whoever holds it.
UNCHANGING: Final = frozenset(
    {
        "builtins.NoneType",
        "builtins.bool",
        "builtins.bytes",
        "builtins.complex",
        "builtins.float",
        "builtins.frozenset",
        "builtins.int",
        "builtins.range",
        "builtins.slice",
        "builtins.str",
        "builtins.tuple",
        "builtins.type",
        "datetime.date",
        "datetime.datetime",
        "datetime.time",
        "datetime.timedelta",
        "datetime.timezone",
        "datetime.tzinfo",
        "decimal.Decimal",
        "fractions.Fraction",
        "ipaddress.IPv4Address",
        "ipaddress.IPv6Address",
        "pathlib.Path",
        "pathlib.PosixPath",
        "pathlib.PurePath",
        "pathlib.PurePosixPath",
        "pathlib.PureWindowsPath",
        "pathlib.WindowsPath",
        "re.Pattern",
        "typing.NewType",
        "typing.ParamSpec",
        "typing.TypeVar",
        "typing.TypeVarTuple",
        "uuid.UUID",
        "zoneinfo.ZoneInfo",
    }
)


def copied(value: Value) -> Value:
    """The value of a copy: nobody else holds it."""
    match value:
        case Instance(cls, items, disorder) if value.state:
            return Instance(cls, items, disorder)
        case Object(scope, exact) if value.state:
            return Object(scope, exact)
        case Union(parts) if value is not ANYTHING:
            return Union(tuple(copied(part) for part in parts))
        case _:
            return value


def limited(value: Value) -> Value:
    """The value, or UNKNOWN for one that has grown too large."""
    return value if weight_of(value) <= HEAVIEST else UNKNOWN


def join(one: Value, other: Value) -> Value:
    """The least value that says no more than either."""
    if one is other or other is NOTHING:
        return one
    if one is NOTHING:
        return other
    if one is ANYTHING or other is ANYTHING:
        return ANYTHING
    if one == other:
        return _with_disorder(one, other)
    if type(one) is Union and other in one.held and _is_bare(other):
        return one
    # The members of a union do not merge with each other.
    merged: dict[Value, None] = dict.fromkeys(members_of(one))
    for member in members_of(other):
        _put(merged, member)
    if len(merged) > WIDEST and _is_wide(merged):
        return ANYTHING
    if len(merged) == 1:
        return next(iter(merged))
    if (
        type(one) is Union
        and len(merged) == len(one.members)
        and all(a is b for a, b in zip(merged, one.members, strict=True))
    ):
        return one
    union = Union(tuple(merged))
    return union if union.weight <= HEAVIEST else ANYTHING


def _is_wide(members: Iterable[Value]) -> bool:
    functions = others = 0
    for member in members:
        if isinstance(member, Func | Definition):
            functions += 1
        else:
            others += 1
    return functions > MOST_FUNCTIONS or others > WIDEST


def _is_bare(value: Value) -> bool:
    """Whether nothing hangs on a value that its equals might lack."""
    return type(value) is not Instance or (value.disorder is None and not value.state)


def _with_disorder(one: Value, other: Value) -> Value:
    if type(one) is Instance and one.disorder is None and type(other) is Instance:
        return other
    return one


def _put(merged: dict[Value, None], member: Value) -> None:
    """Add a member; what cannot be told apart becomes one."""
    if type(member) is Instance:
        _put_instance(merged, member)
    elif type(member) is Constant:
        _put_constant(merged, member)
    else:
        merged.setdefault(member)


def _put_instance(merged: dict[Value, None], member: Instance) -> None:
    """Instances of one class become one, element by element.

    An instance of which nobody knows the elements takes those of the others; tuples of different
    lengths stay apart.
    """
    alike = [
        present
        for present in merged
        if type(present) is Instance
        and present.cls == member.cls
        and (len(present.items) == len(member.items) or not present.items or not member.items)
    ]
    for present in alike:
        assert type(present) is Instance
        made = _both(present, member)
        if made is not present:
            del merged[present]
            merged[made] = None
    if alike:
        return
    kind = member.cls.removeprefix("builtins.")
    for constant in [c for c in merged if type(c) is Constant and c.kind == kind]:
        del merged[constant]
    merged[member] = None


def _both(one: Instance, other: Instance) -> Instance:
    """One of two instances of a class whose elements go together."""
    disorder, state = one.disorder or other.disorder, one.state or other.state
    items = one.items or other.items
    if one.items and other.items:
        items = tuple(join(a, b) for a, b in zip(one.items, other.items, strict=True))
        # Most joins of loops say nothing new: what stays the same object is compared at once.
        if all(a is b for a, b in zip(items, one.items, strict=True)):
            items = one.items
    same = items is one.items and disorder is one.disorder and state == one.state
    if same and one.entries == other.entries:
        return one
    return Instance(one.cls, items, disorder, state)


def _put_constant(merged: dict[Value, None], member: Constant) -> None:
    """Different constants of one type are anything of the type."""
    cls = "builtins." + member.kind
    for present in merged:
        if type(present) is Constant and present.kind == member.kind and present != member:
            del merged[present]
            merged[Instance(cls)] = None
            return
        if type(present) is Instance and present.cls == cls:
            return
    merged.setdefault(member)
