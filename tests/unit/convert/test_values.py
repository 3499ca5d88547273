"""What is stored under a hint comes back equal under that hint, or it is refused."""

from __future__ import annotations

import collections
import dataclasses
import enum
import ipaddress
import json
import logging
import math
import sys
import typing
import uuid
import zoneinfo
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import (
    Annotated,
    Any,
    Final,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NoReturn,
    NotRequired,
    Optional,
    Required,
    TypedDict,
    TypeVar,
    Union,
)

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_async.convert.values import Converter, ValueConverter
from durable_async.errors import PayloadTooLargeError, SerializationError
from durable_async.model.payload import PAYLOAD_LIMIT, PAYLOAD_WARNING, Payload

CONVERTER = Converter()
WHAT = "argument 'x' of f"

T = TypeVar("T")
N = TypeVar("N", bound=int)


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Shape(enum.Enum):
    ROUND = (1, 2)
    FLAT = 2.5


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class OrderId(str):
    __slots__ = ()


class Marked(str):
    def __init__(self, text: str) -> None:
        self.mark = text


class Cents(int):
    def __str__(self) -> str:
        return "not the number"


class Ratio(float):
    pass


UserId = NewType("UserId", int)


@attrs.define
class Item:
    sku: str
    price: Decimal = Decimal("1.50")
    _hidden: int = 3


@attrs.define
class Special(Item):
    discount: int = 0


@dataclasses.dataclass(frozen=True)
class Order:
    id: uuid.UUID
    items: list[Item]
    color: Color | None = None
    total: int = dataclasses.field(default=0, init=False)


@attrs.define
class Hooked:
    plain: typing.Callable[[], int] | None
    recursive: typing.Callable[[Hooked], int] | None


@attrs.define
class Node:
    value: int
    children: list[Node] = attrs.field(factory=list)


@attrs.define
class Box(Generic[T]):
    it: T
    others: list[T] = attrs.field(factory=list)


@attrs.define
class IntBox(Box[int]):
    name: str = ""


class Point(NamedTuple):
    x: int
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)


class Movie(TypedDict):
    title: str
    year: NotRequired[int]


class Partial(TypedDict, total=False):
    title: Required[str]
    when: date


class Tree(TypedDict):
    name: str
    children: list[Tree]


class Struct(msgspec.Struct):
    a: int
    b: datetime | None = None


@attrs.define
class Tagged:
    _type: str = attrs.field(alias="kind")


@attrs.define
class Checked:
    cents: int = attrs.field(validator=attrs.validators.ge(0))


AT = datetime(2026, 1, 31, 12, 30, 15, 250_000, tzinfo=UTC)
ID = uuid.UUID("12345678-1234-5678-1234-567812345678")
ITEM = Item("a")
ORDER = Order(ID, [ITEM, Item("b", Decimal("2"))], Color.RED)
object.__setattr__(ORDER, "total", 350)

PAIRS: list[tuple[Any, Any]] = [
    (None, None),
    (True, bool),
    (0, int),
    (-(2**63), int),
    (2**64, int),
    (-(10**40), int),
    (10**5000, int),
    ([10**5000, 1], list[int]),
    (0.0, float),
    (-0.0, float),
    (1e308, float),
    (5e-324, float),
    ("", str),
    ("nul \x00, ä, 😀, null", str),
    (b"", bytes),
    (b"\x00\xff", bytes),
    (bytearray(b"\x00\xff"), bytearray),
    (AT, datetime),
    (datetime(2026, 1, 31), datetime),
    (datetime(1, 1, 1), datetime),
    (datetime.max, datetime),
    (datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-5, minutes=-30))), datetime),
    (datetime(1890, 1, 1, tzinfo=timezone(timedelta(seconds=3208))), datetime),
    (date(2026, 1, 31), date),
    (time(12, 30, 0, 5), time),
    (time(12, 30, tzinfo=UTC), time),
    (timedelta(0), timedelta),
    (timedelta(days=-3, microseconds=7), timedelta),
    (timedelta.max, timedelta),
    (timedelta.min, timedelta),
    (zoneinfo.ZoneInfo("Europe/Berlin"), zoneinfo.ZoneInfo),
    (ID, uuid.UUID),
    (Decimal("1.50"), Decimal),
    (Decimal("-0E+3"), Decimal),
    (Fraction(1, 3), Fraction),
    (Path("/tmp/x y"), Path),
    (PurePosixPath("a/b"), PurePosixPath),
    (PureWindowsPath("c:/x"), PureWindowsPath),
    (ipaddress.ip_address("10.0.0.1"), ipaddress.IPv4Address),
    (ipaddress.ip_network("fe80::/64"), ipaddress.IPv6Network),
    (Color.RED, Color),
    (Level.HIGH, Level),
    (Shape.ROUND, Shape),
    (Access.READ | Access.WRITE, Access),
    (OrderId("o-1"), OrderId),
    (Cents(250), Cents),
    (Ratio(0.5), Ratio),
    (UserId(5), UserId),
    (5, Annotated[int, "positive"]),
    (5, Annotated[int, {"unhashable": True}]),
    ([5], list[Annotated[int, []]]),
    (5, Final[int]),
    ("a", Literal["a", 1, None]),
    (1, Literal["a", 1, None]),
    (True, Literal[1, True]),
    (1, Literal[1, True]),
    (b"x", Literal[b"x"]),
    (Color.RED, Literal[Color.RED, "other"]),
    ([], list),
    ([1, "a", None], list),
    ([1, 2], list[int]),
    ([1.5, 0.0], list[float]),
    ([[1], []], list[list[int]]),
    ([AT], list[datetime]),
    ([1, 2], Sequence[int]),
    ([1, 2], Iterable[int]),
    ((), tuple[()]),
    ((1, "a"), tuple[int, str]),
    ((1, 2, 3), tuple[int, ...]),
    ((1, "a"), tuple),
    (set(), set[int]),
    ({"b", "a"}, set[str]),
    (frozenset({AT}), frozenset[datetime]),
    ({(1, 2)}, set[tuple[int, int]]),
    (collections.deque([AT]), collections.deque[datetime]),
    ({}, dict),
    ({"a": 1}, dict[str, int]),
    ({1: "a", -2: "b"}, dict[int, str]),
    ({UserId(1): AT}, dict[UserId, datetime]),
    ({Color.RED: 1}, dict[Color, int]),
    ({Level.LOW: 1}, dict[Level, int]),
    ({ID: 1}, dict[uuid.UUID, int]),
    ({AT: 1}, dict[datetime, int]),
    ({(1, 2): 3}, dict[tuple[int, int], int]),
    ({True: 1}, dict[bool, int]),
    ({1.5: 1}, dict[float, int]),
    ({"a": 1, 2: 2}, dict[str | int, int]),
    ({"b": 1, "a": 2}, Mapping[str, int]),
    (collections.OrderedDict(b=1, a=2), collections.OrderedDict[str, int]),
    (collections.Counter("aab"), collections.Counter[str]),
    (ITEM, Item),
    (Special("s", Decimal(1), discount=5), Special),
    (ORDER, Order),
    (Node(1, [Node(2, [Node(3)])]), Node),
    (Box(AT, [AT]), Box[datetime]),
    (Box(Box(1)), Box[Box[int]]),
    (IntBox(1, [2], "n"), IntBox),
    (Point(1), Point),
    (Point(1, AT), Point),
    ({"title": "t"}, Movie),
    ({"title": "t", "year": 0}, Movie),
    ({"title": "t", "when": date(2026, 1, 1)}, Partial),
    ({"name": "r", "children": [{"name": "c", "children": []}]}, Tree),
    (Struct(1, AT), Struct),
    (Tagged("x"), Tagged),
    (Checked(5), Checked),
    (None, int | None),
    (0, int | None),
    (None, Optional[Item]),  # noqa: UP045
    (ITEM, Item | None),
    (Tagged("x"), Tagged | None),
    (3, int | float),
    (3.0, float | int),
    (False, bool | str),
    (AT, str | datetime),
    ("2026-01-31", str | datetime),
    (ID, uuid.UUID | None),
    (ID, uuid.UUID | datetime),
    ("red", Color | str),
    (Color.RED, Color | str),
    (ITEM, Item | Special),
    (Special("s"), Item | Special),
    (Tagged("x"), Tagged | Item),
    (ITEM, Item | dict[str, Any]),
    ({"_type": "Item"}, Item | dict[str, Any]),
    ({"sku": "x"}, Item | dict[str, Any]),
    ({"_type": "dict", "value": {}}, dict[str, Any] | None),
    (Box(1), Box[int] | Box[str]),
    (Box("a"), Box[int] | Box[str]),
    ([1], list[int] | list[str]),
    (["a"], list[int] | list[str]),
    ([AT], list[datetime] | list[uuid.UUID]),
    ([ID], list[datetime] | list[uuid.UUID]),
    ((1, 2), list[int] | tuple[int, ...]),
    ({1}, set[int] | list[int] | None),
    ("a", Literal["a"] | int),
    (AT, Any | datetime),
    ([ITEM, None, Special("q")], list[Item | Special | None]),
    ({"a": [1, "x", None, {"b": False}]}, Any),
    ([1.5, True, "x", None], Any),
    ({"a": 1}, object),
]


def ids_of(cases: Sequence[tuple[Any, ...]]) -> list[str]:
    """The same in every process, unlike the repr of a set."""
    return [f"{number}-{case[1]}"[:60] for number, case in enumerate(cases)]


def crossed(value: Any, hint: Any, converter: Converter = CONVERTER) -> Any:
    payload = converter.encode(value, hint, what=WHAT)
    json.loads(payload.data, parse_int=str)
    return converter.decode(payload, hint, what=WHAT)


def is_same(left: Any, right: Any) -> bool:
    """Equal, and of the same types all the way down."""
    if type(left) is not type(right):
        return False
    if isinstance(left, list | tuple | collections.deque):
        return len(left) == len(right) and all(map(is_same, left, right))
    if isinstance(left, dict):
        return is_same([*left.items()], [*right.items()])
    if isinstance(left, set | frozenset):
        return bool(left == right) and set(map(type, left)) == set(map(type, right))
    if isinstance(left, float):
        return left == right and math.copysign(1, left) == math.copysign(1, right)
    if attrs.has(type(left)):
        names = [field.name for field in attrs.fields(type(left))]
        return all(is_same(getattr(left, name), getattr(right, name)) for name in names)
    return bool(left == right)


@pytest.mark.parametrize(("value", "hint"), PAIRS, ids=ids_of(PAIRS))
def test_a_value_comes_back_equal_and_of_its_own_type(value: Any, hint: Any) -> None:
    assert is_same(crossed(value, hint), value)


@pytest.mark.parametrize(("value", "hint"), PAIRS, ids=ids_of(PAIRS))
def test_equal_values_have_equal_stored_forms(value: Any, hint: Any) -> None:
    first = CONVERTER.encode(value, hint, what=WHAT)
    again = Converter().encode(crossed(value, hint), hint, what=WHAT)
    assert first == again


def test_sets_are_stored_in_one_order() -> None:
    words = [f"word {number}" for number in range(100)]
    one = CONVERTER.encode(set(words), set[str], what=WHAT)
    other = CONVERTER.encode({*words[50:], *words[:50]}, set[str], what=WHAT)
    assert one == other
    assert json.loads(one.data) == sorted(words)


def test_an_int_fits_a_float_if_no_digit_is_lost() -> None:
    assert is_same(crossed(5, float), 5.0)
    assert is_same(crossed([1, 2.5], list[float]), [1.0, 2.5])
    assert CONVERTER.encode(1, float, what=WHAT) == CONVERTER.encode(1.0, float, what=WHAT)
    with pytest.raises(SerializationError, match="No float has exactly this value"):
        crossed(2**53 + 1, float)
    with pytest.raises(SerializationError, match="too large for a float"):
        crossed(10**400, float)


def test_zones_come_back_as_offsets_at_the_same_instant() -> None:
    berlin = datetime(2026, 7, 1, 12, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
    arrived = crossed(berlin, datetime)
    assert arrived == berlin
    assert arrived.utcoffset() == timedelta(hours=2)
    second = datetime(2026, 10, 25, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"), fold=1)
    assert crossed(second, datetime).utcoffset() == timedelta(hours=1)


def test_abstract_sequences_take_tuples_and_give_lists() -> None:
    assert crossed((1, 2), Sequence[int]) == [1, 2]
    assert crossed(frozenset({1}), collections.abc.Set[int]) == {1}


# ---- without a hint --------------------------------------------------------------------------


def test_without_a_hint_values_come_back_as_plain_json_types() -> None:
    value = {
        "tuple": (1, 2),
        "set": {2, 1},
        "at": AT,
        "id": ID,
        "order": ORDER,
        "item": [Special("s")],
        "color": Color.RED,
        "point": Point(1, AT),
        "bytes": b"\xff",
        "counter": collections.Counter("a"),
        "struct": Struct(1),
        "cents": Cents(5),
    }
    assert crossed(value, Any) == {
        "tuple": [1, 2],
        "set": [1, 2],
        "at": "2026-01-31T12:30:15.250000+00:00",
        "id": str(ID),
        "order": {
            "id": str(ID),
            "items": [
                {"sku": "a", "price": "1.50", "_hidden": 3},
                {"sku": "b", "price": "2", "_hidden": 3},
            ],
            "color": "red",
            "total": 350,
        },
        "item": [{"sku": "s", "price": "1.50", "_hidden": 3, "discount": 0}],
        "color": "red",
        "point": [1, AT.isoformat()],
        "bytes": "/w==",
        "counter": {"a": 1},
        "struct": {"a": 1, "b": None},
        "cents": 5,
    }


@pytest.mark.parametrize(
    "value",
    [object(), lambda: 0, Color, {1: 2}, [float("nan")], {"a": {(1,): 2}}, complex(1), range(3)],
    ids=lambda each: type(each).__name__,
)
def test_without_a_hint_what_has_no_obvious_form_is_refused(value: Any) -> None:
    with pytest.raises(SerializationError, match="argument 'x' of f"):
        crossed(value, Any)


# ---- what is refused -------------------------------------------------------------------------

MISFITS: list[tuple[Any, Any, str]] = [
    (True, int, "argument 'x' of f is True (bool); expected int. Pass a value of that type"),
    (1, bool, "is 1 (int); expected bool"),
    ("1", int, "is '1' (str); expected int"),
    (1.0, int, "is 1.0 (float); expected int"),
    (True, float, "is True (bool); expected float"),
    (1, str, "expected str"),
    (None, str, "expected str"),
    (float("nan"), float, "expected a finite float. JSON has no NaN"),
    (float("inf"), Any, "expected a finite float"),
    ([1.0, float("-inf")], list[float], "at [1], is -inf"),
    (Decimal("NaN"), Decimal, "expected a finite Decimal"),
    ("\ud800", str, "lone surrogate"),
    ("text", bytes, "expected bytes"),
    (b"x", str, "expected str"),
    (AT, date, "expected date"),
    (date(2026, 1, 1), datetime, "expected datetime"),
    (datetime(2026, 1, 1, fold=1), datetime, "add the zone"),
    ("red", Color, "Pass a member of Color, not its value"),
    (Level.LOW, int, "expected int"),
    (1, Level, "expected Level"),
    (OrderId("o"), str, "expected str"),
    ("o", OrderId, "expected OrderId"),
    ("b", Literal["a"], "expected Literal['a']"),
    ([1], Literal["a"], "expected Literal['a']"),
    (1, Literal[True], "expected Literal[True]"),
    ((1,), list[int], "expected list[int]"),
    ([1], tuple[int], "expected tuple[int]"),
    ((1, 2), tuple[int], "expected tuple[int]"),
    ((1, "a"), tuple[int, ...], "at [1], is 'a'"),
    ("ab", Sequence[str], "expected Sequence[str]"),
    ([1, [2, "x"]], list[int | list[int]], "at [1][1], is 'x' (str); expected int"),
    ([1, True], list[int], "at [1], is True"),
    ({1}, frozenset[int], "expected frozenset[int]"),
    ({"a"}, set[int], "(a member)"),
    (collections.deque([1], maxlen=2), collections.deque[int], "maxlen"),
    ({"a": "b"}, dict[str, int], "at ['a'], is 'b'"),
    ({1: 1}, dict[str, int], "at [1], is 1"),
    ({1: 2}, Any, "Annotate the dict"),
    (collections.OrderedDict(a=1), dict[str, int], "expected dict[str, int]"),
    (collections.defaultdict(int), dict[str, int], "expected dict[str, int]"),
    (Special("s"), Item, "name both in the hint, e.g. Item | Special"),
    (Special("s"), Item | None, "name both in the hint"),
    (ITEM, Special, "expected Special"),
    (Item(5), Item, "at .sku, is 5 (int); expected str"),  # type: ignore[arg-type]
    (Order(ID, [Item("a", 1)]), Order, "at .items[0].price, is 1 (int)"),  # type: ignore[arg-type]
    (Box("x"), Box[int], "at .it, is 'x'"),
    (IntBox("x"), IntBox, "at .it, is 'x'"),  # type: ignore[arg-type]
    (Node(1, [Node("x")]), Node, "at .children[0].value"),  # type: ignore[arg-type]
    (Node(1, 5), Node, "at .children, is 5"),  # type: ignore[arg-type]
    (Point("x"), Point, "at .x, is 'x'"),  # type: ignore[arg-type]
    ({"year": 1}, Movie, "It lacks 'title'"),
    ({"title": "t", "rating": 1}, Movie, "does not know: 'rating'"),
    ({"title": 1}, Movie, "at ['title'], is 1"),
    ({"name": "r", "children": [{"name": 1, "children": []}]}, Tree, "at ['children'][0]['name']"),
    (True, int | None, "is True (bool); expected int | None"),
    (1.5, int | str, "is 1.5 (float); expected "),
    (Special("s"), Item | Node, "name both in the hint, e.g. Item | Special"),
    (object(), object, "no stored form"),
    (len, Callable[..., Any], "no stored form"),
    (len, Callable[[str, Node], int], "Callable[[str, Node], int] has no stored form"),
    (Hooked(len, None), Hooked, "Callable[[], int] has no stored form"),
    (Hooked(None, len), Hooked, "Callable[[Hooked], int] has no stored form"),
    (int, type[int], "no stored form"),
    (collections.defaultdict(int), collections.defaultdict[str, int], "no stored form"),
    (range(3), range, "no stored form"),
    (Access.READ, Color, "expected Color"),
    ((1, 2), tuple[int, str], "at [1], is 2"),
    ({(1, "x"): 1}, dict[tuple[int, int], int], "at [(1, 'x')][1], is 'x'"),
    ({Level.LOW: "x"}, dict[Level, int], "is 'x'"),
    (Marked("m"), Marked, "Its attributes would be lost"),
    (collections.deque([1, "x"]), collections.deque[int], "at [1], is 'x'"),
    ("a", Literal[Color.RED, "red"], "Two of its values have the same stored form"),
    ({1: 1, 1.5: 2}, collections.OrderedDict[int, int], "expected OrderedDict[int, int]"),
    (time(1, 0, fold=1), time, "fixed offset"),
    (time(1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")), time, "fixed offset"),
]


def test_a_function_that_is_not_there_has_a_form() -> None:
    stored = CONVERTER.encode(Hooked(None, None), Hooked, what=WHAT)
    assert stored.data == b'{"plain":null,"recursive":null}'
    assert CONVERTER.decode(stored, Hooked, what=WHAT) == Hooked(None, None)


@pytest.mark.parametrize(("value", "hint", "text"), MISFITS, ids=ids_of(MISFITS))
def test_a_value_that_does_not_fit_is_refused_with_its_place(
    value: Any, hint: Any, text: str
) -> None:
    with pytest.raises(SerializationError) as caught:
        CONVERTER.encode(value, hint, what=WHAT)
    message = str(caught.value)
    assert WHAT in message
    assert text in message
    assert len(message) < 800


def test_a_value_that_contains_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    node = Node(1)
    node.children.append(node)
    for value, hint in ((loop, Any), (loop, list), (node, Node)):
        with pytest.raises(SerializationError, match="nested too deeply, or contains itself"):
            CONVERTER.encode(value, hint, what=WHAT)


def test_init_vars_are_refused() -> None:
    with pytest.raises(SerializationError, match="takes 'seed' as an InitVar"):
        CONVERTER.encode(WithInitVar(1, 2), WithInitVar, what=WHAT)


@dataclasses.dataclass
class WithInitVar:
    kinds: typing.ClassVar[int] = 5
    a: int
    seed: dataclasses.InitVar[int]


STORED_MISFITS: list[tuple[str, Any, str]] = [
    ('"1"', int, "the stored form of argument 'x' of f is '1' (str), which does not fit int"),
    ('"1"', int, "or sent by somebody who knows another: send what fits"),
    ("true", int, "is True (bool)"),
    ("1.5", int, "does not fit int"),
    ("null", str, "does not fit str"),
    ('"x"', datetime, "does not fit datetime"),
    ("5", datetime, "does not fit datetime"),
    ('"x"', uuid.UUID, "does not fit UUID"),
    ('"NaN"', Decimal, "it is not finite"),
    ('"?"', bytes, "not base64"),
    ('"Nowhere/Else"', zoneinfo.ZoneInfo, "no such time zone"),
    ('"green"', Color, "It is none of 'red', 'blue'"),
    ("true", Level, "does not fit Level"),
    ("[1, true]", list[int], "at [1], is True"),
    ("[1]", tuple[int, int], "does not fit tuple[int, int]"),
    ('{"1.0": 2}', dict[int, int], "does not fit int"),
    ('{"01": 2}', dict[int, int], "does not fit int"),
    ("[[1]]", dict[tuple[int, int], int], "does not fit"),
    ("[[[1, 2]]]", dict[tuple[int, int], int], "at [0], is"),
    ('{"sku": "a", "more": 1}', Item, "does not know: 'more'"),
    ('{"price": "1"}', Item, "The field 'sku' is missing"),
    ('{"cents": -5}', Checked, "ValueError: 'cents' must be >= 0"),
    ('{"_type": "Item"}', Item | Special, "is missing"),
    ('{"_type": "Other"}', Item | Node, "does not fit"),
    ('{"sku": "a"}', Item | Special, "It fits several members: say which with"),
    ("[]", Item | Node, "does not fit"),
    ('{"a": "x"}', Struct, "ValidationError"),
    ("[1, 2, 3]", Point, "does not fit Point"),
    ('["x"]', Point, "at .x, is 'x'"),
    ('[1, "x"]', tuple[int, int], "at [1], is 'x'"),
    ("[[1]]", set[list[int]], "unhashable type"),
    ("[1]", dict[str, int], "does not fit dict[str, int]"),
    ("{}", set[int], "does not fit set[int]"),
    ("{}", tuple[int, ...], "does not fit tuple[int, ...]"),
    ("{}", collections.deque[int], "does not fit deque[int]"),
    ("[]", Movie, "does not fit Movie"),
    ("[]", Item, "does not fit Item"),
    ('{"_type": "datetime"}', datetime | str, "does not fit"),
    ('{"_type": "datetime", "value": "2026-01-31", "x": 1}', datetime | str, "does not fit"),
    ('"green"', Literal["red"], "does not fit Literal['red']"),
    ("[]", Literal["red"], "does not fit Literal['red']"),
    ("1e999", Any, "is no JSON"),
    ("{", int, "is no JSON"),
    ("", int, "is no JSON"),
    ("NaN", float, "is no JSON"),
    ("1e400", float, "is no JSON"),
    ("[" * 100_000 + "]" * 100_000, Any, "nested too deeply"),
]


@pytest.mark.parametrize(("data", "hint", "text"), STORED_MISFITS, ids=ids_of(STORED_MISFITS))
def test_stored_data_that_does_not_fit_is_refused(data: str, hint: Any, text: str) -> None:
    with pytest.raises(SerializationError) as caught:
        CONVERTER.decode(Payload(data.encode()), hint, what=WHAT)
    assert text in str(caught.value)
    assert WHAT in str(caught.value)


def test_data_from_before_a_union_had_more_members_still_reads() -> None:
    before = CONVERTER.encode(Node(1), Node | None, what=WHAT)
    assert CONVERTER.decode(before, Item | Node | None, what=WHAT) == Node(1)
    single = CONVERTER.encode(AT, datetime, what=WHAT)
    assert CONVERTER.decode(single, datetime | uuid.UUID, what=WHAT) == AT


def test_a_field_that_was_added_with_a_default_reads_old_data() -> None:
    assert CONVERTER.decode(Payload(b'{"sku":"a"}'), Item, what=WHAT) == ITEM
    assert CONVERTER.decode(Payload(b"[1]"), Point, what=WHAT) == Point(1)


# ---- names -----------------------------------------------------------------------------------

Json = Union[dict[str, "Json"], list["Json"], str, int, float, bool, None]  # noqa: UP007


def takes_json(it: Json) -> None: ...


def test_classes_of_one_name_in_a_union_are_told_apart() -> None:
    first = attrs.make_class("Same", {"a": attrs.field(type=int)})
    second = attrs.make_class("Same", {"a": attrs.field(type=int)})
    first.__module__, second.__module__ = "one", "two"
    value = second(1)
    assert crossed(value, first | second) == value
    assert type(crossed(value, first | second)) is second


@attrs.define
class Lost:
    it: NotImported  # type: ignore[name-defined]  # noqa: F821


def test_a_name_that_cannot_be_resolved_is_an_error_that_says_which() -> None:
    with pytest.raises(SerializationError, match=r"class Lost cannot be resolved.*'NotImported'"):
        CONVERTER.encode(Lost(1), Lost, what=WHAT)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the `type` statement is new in 3.12")
def test_type_aliases_may_be_recursive_and_generic() -> None:
    scope: dict[str, Any] = {"datetime": datetime}
    source = "type Deep = list[Deep] | datetime\ntype Pair[T] = tuple[T, T]\n"
    exec(source, scope)
    value = [AT, [AT, []]]
    assert crossed(value, scope["Deep"]) == value
    assert crossed((AT, AT), scope["Pair"][datetime]) == (AT, AT)
    assert crossed(5, scope["Deep"] | int) == 5
    with pytest.raises(SerializationError, match="at \\[0\\]"):
        crossed((1, AT), scope["Pair"][datetime])


# ---- hooks of the user's ---------------------------------------------------------------------


class Temperature:
    def __init__(self, kelvin: float) -> None:
        self.kelvin = kelvin

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Temperature) and self.kelvin == other.kelvin

    __hash__ = None  # type: ignore[assignment]


def with_temperature(registry: Any) -> None:
    registry.register_unstructure_hook(Temperature, lambda value: f"{value.kelvin} K")
    registry.register_structure_hook(
        Temperature, lambda text, _: Temperature(float(text.removesuffix(" K")))
    )


def test_a_user_may_register_hooks() -> None:
    converter = Converter(configure=with_temperature)
    value = Temperature(273.15)
    for hint in (Temperature, Temperature | None, str | Temperature, Any | Temperature):
        assert crossed(value, hint, converter) == value
    for many, hint in (([value], list[Temperature]), ({"a": value}, dict[str, Temperature])):
        assert crossed(many, hint, converter) == many
    assert converter.encode([value], Any, what=WHAT).data == b'["273.15 K"]'
    with pytest.raises(SerializationError, match="no stored form"):
        CONVERTER.encode(value, Temperature, what=WHAT)


def test_a_hook_of_the_users_is_not_given_other_types_and_its_errors_are_told() -> None:
    converter = Converter(configure=with_temperature)
    with pytest.raises(SerializationError, match="expected Temperature"):
        converter.encode("5 K", Temperature, what=WHAT)
    with pytest.raises(SerializationError, match="Its hook says ValueError"):
        converter.decode(Payload(b'["x"]'), list[Temperature], what=WHAT)
    broken = Temperature(1)
    del broken.kelvin
    with pytest.raises(SerializationError, match="Its hook says AttributeError"):
        converter.encode(broken, Temperature | int, what=WHAT)


def test_a_hook_may_replace_ours() -> None:
    def configure(registry: Any) -> None:
        registry.register_unstructure_hook(int, lambda value: value + 1)
        registry.register_structure_hook(int, lambda value, _: value - 1)
        registry.register_unstructure_hook(datetime, lambda value: value.timestamp())
        registry.register_structure_hook(
            datetime, lambda value, _: datetime.fromtimestamp(value, UTC)
        )

    converter = Converter(configure=configure)
    assert converter.encode(5, int, what=WHAT).data == b"6"
    assert converter.encode([5], list[int], what=WHAT).data == b"[6]"
    assert crossed([5, None], list[int | None], converter) == [5, None]
    assert converter.encode(AT, datetime, what=WHAT).data == str(AT.timestamp()).encode()
    for hint in (datetime | float, datetime | str):
        assert crossed(AT, hint, converter) == AT
    assert crossed({AT: 1}, dict[datetime, int], converter) == {AT: 1}


# ---- sizes and codecs ------------------------------------------------------------------------


def test_a_payload_over_the_limit_is_refused_with_its_size() -> None:
    with pytest.raises(PayloadTooLargeError) as caught:
        CONVERTER.encode("x" * PAYLOAD_LIMIT, str, what="the result of f")
    assert "the result of f takes 2,097,154 bytes" in str(caught.value)
    assert "the limit is 2,097,152" in str(caught.value)
    assert len(CONVERTER.encode("x" * (PAYLOAD_LIMIT - 2), str, what=WHAT).data) == PAYLOAD_LIMIT


def test_a_large_payload_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="durable_async.convert"):
        CONVERTER.encode("x" * (PAYLOAD_WARNING - 3), str, what=WHAT)
        assert caplog.messages == []
        CONVERTER.encode("x" * PAYLOAD_WARNING, str, what=WHAT)
    assert "argument 'x' of f takes 262,146 bytes" in caplog.text


class Reversing:
    def encode(self, payload: Payload) -> Payload:
        return Payload(payload.data[::-1], "reversed")

    def decode(self, payload: Payload) -> Payload:
        return Payload(payload.data[::-1]) if payload.encoding == "reversed" else payload


class Failing:
    def encode(self, payload: Payload) -> Payload:
        raise KeyError("no key")

    decode = encode


class Emptying(Reversing):
    def encode(self, payload: Payload) -> Payload:
        return Payload(b"", "empty")


@pytest.mark.parametrize(("value", "hint"), [(5, int), (AT, datetime), ([1], list[int]), ({}, Any)])
def test_a_codec_is_applied_after_encoding_and_before_decoding(value: Any, hint: Any) -> None:
    converter = CONVERTER.with_codec(Reversing())
    plain = CONVERTER.encode(value, hint, what=WHAT)
    payload = converter.encode(value, hint, what=WHAT)
    assert payload == Payload(plain.data[::-1], "reversed")
    assert converter.decode(payload, hint, what=WHAT) == value
    assert converter.decode(plain, hint, what=WHAT) == value


def test_the_limit_counts_what_is_stored() -> None:
    converter = CONVERTER.with_codec(Emptying())
    assert converter.encode("x" * PAYLOAD_LIMIT, str, what=WHAT).data == b""


def test_a_payload_that_needs_a_codec_says_so() -> None:
    payload = Payload(b"5", "aes")
    with pytest.raises(SerializationError, match="encoded as 'aes': this process has no codec"):
        CONVERTER.decode(payload, int, what=WHAT)
    with pytest.raises(SerializationError, match="has the codec Reversing"):
        CONVERTER.with_codec(Reversing()).decode(payload, int, what=WHAT)


def test_a_codec_that_fails_is_named() -> None:
    converter = CONVERTER.with_codec(Failing())
    with pytest.raises(SerializationError, match="codec Failing could not encode argument 'x'"):
        converter.encode(5, int, what=WHAT)
    with pytest.raises(SerializationError, match="codec Failing could not decode argument 'x'"):
        converter.decode(Payload(b"5"), int, what=WHAT)


def test_a_converter_keeps_a_bounded_number_of_hints() -> None:
    converter = Converter()
    for number in range(5000):
        converter.encode(number, int, what=f"value {number}")
    assert len(converter._known) <= 4096


# ---- properties ------------------------------------------------------------------------------

hints = st.sampled_from([hint for _, hint in PAIRS])
values = st.sampled_from([value for value, _ in PAIRS])


def is_wide(hint: Any) -> bool:
    """Whether values may come back in another type: floats for ints, lists for any sequence,
    JSON's own types for Any."""
    wide = ("float", "Sequence", "Iterable", "Any", "object", "Mapping")
    return hint in (list, tuple, dict) or any(word in repr(hint) for word in wide)


def can_be_member(hint: Any) -> bool:
    try:
        hash(hint)
    except TypeError:
        return False
    return typing.get_origin(hint) is not Final


@given(values, hints)
def test_a_value_is_refused_or_comes_back_the_same(value: Any, hint: Any) -> None:
    try:
        payload = CONVERTER.encode(value, hint, what=WHAT)
    except SerializationError:
        return
    arrived = CONVERTER.decode(payload, hint, what=WHAT)
    if not is_wide(hint):
        assert is_same(arrived, value)
    assert CONVERTER.encode(arrived, hint, what=WHAT) == payload


members_of_unions = st.lists(hints.filter(can_be_member), min_size=2, max_size=4)
narrow_members = members_of_unions.filter(lambda members: not any(map(is_wide, members)))


@given(narrow_members, values)
def test_a_union_gives_back_the_member_that_went_in(members: list[Any], value: Any) -> None:
    union = Union[tuple(members)]  # noqa: UP007
    try:
        payload = CONVERTER.encode(value, union, what=WHAT)
    except SerializationError:
        return
    assert is_same(CONVERTER.decode(payload, union, what=WHAT), value)


@given(members_of_unions, values)
def test_unions_that_differ_in_order_store_alike(members: list[Any], value: Any) -> None:
    forms = []
    for order in (members, members[::-1]):
        union = Union[tuple(order)]  # noqa: UP007
        try:
            forms.append(Converter().encode(value, union, what=WHAT).data)
        except SerializationError:
            forms.append(b"refused")
    assert forms[0] == forms[1]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=4) | st.sampled_from(["_type", "value", "sku", "it"]), inner
        )
    ),
    max_leaves=10,
)


@given(json_values)
def test_json_values_cross_without_a_hint(value: Any) -> None:
    if "Infinity" not in json.dumps(value):
        assert is_same(crossed(value, Any), value)


@given(json_values, hints)
def test_any_json_is_read_or_refused_under_any_hint(value: Any, hint: Any) -> None:
    try:
        arrived = CONVERTER.decode(Payload(json.dumps(value).encode()), hint, what=WHAT)
    except SerializationError:
        return
    payload = CONVERTER.encode(arrived, hint, what=WHAT)
    assert is_same(CONVERTER.decode(payload, hint, what=WHAT), arrived)


@given(st.binary(max_size=40), hints)
def test_any_bytes_are_read_or_refused(data: bytes, hint: Any) -> None:
    try:
        CONVERTER.decode(Payload(data), hint, what=WHAT)
    except SerializationError:
        return


@given(st.integers())
def test_ints_of_any_size_cross(value: int) -> None:
    assert crossed(value, int) == value
    assert crossed([value, {"a": value}], Any) == [value, {"a": value}]


naive_times = st.times().map(lambda at: at.replace(fold=0))


@given(st.datetimes(timezones=st.timezones()), st.timedeltas(), naive_times, st.decimals())
def test_moments_and_numbers_cross(at: datetime, delay: timedelta, clock: time, n: Decimal) -> None:
    assert crossed(at, datetime) == at.astimezone(UTC)
    assert crossed(delay, timedelta) == delay
    assert crossed(clock, time) == clock
    if n.is_finite():
        assert str(crossed(n, Decimal)) == str(n)


# ---- hints without a form ----------------------------------------------------------------------


class Formless:
    """Nobody says how it is stored."""


@attrs.frozen
class NeedsFormless:
    part: Formless


@attrs.frozen
class MayHoldFormless:
    name: str
    part: Formless | None
    more: Formless = attrs.field(factory=Formless)
    kind: typing.ClassVar[type] = Formless


@dataclasses.dataclass
class Chain:
    following: list[Chain]


@dataclasses.dataclass
class ChainOfFormless:
    following: list[ChainOfFormless]
    part: Formless


class Keys(TypedDict):
    needed: int
    part: NotRequired[Formless]


class NeedsKey(TypedDict):
    part: Formless


class NamedParts(NamedTuple):
    name: str
    part: Formless


@attrs.frozen
class Boxed(Generic[T]):
    part: T


@attrs.frozen
class Growing(Generic[T]):
    left: Growing[list[T]]
    right: Growing[tuple[T, T]]


@dataclasses.dataclass
class Loop:
    first: BackAndForth
    second: list[BackAndForth]


@dataclasses.dataclass
class BackAndForth:
    loop: list[Loop]
    part: Formless


FORMLESS: list[Any] = [
    *(Formless, list[Formless], tuple[int, Formless], tuple[Formless, ...], dict[str, Formless]),
    *(dict[Formless, int], set[Formless], NeedsFormless, ChainOfFormless, NeedsKey, NamedParts),
    *(
        Loop,
        BackAndForth,
        Loop | BackAndForth,
        Formless | NeedsFormless,
        Annotated[Formless, "x"],
        Boxed[Formless],
        list[Boxed[Formless]],
    ),
    *(WithInitVar, range, Callable[[], int], "int", 5, list["Formless"]),
    Annotated[Formless, {}],
]
WITH_A_FORM: list[Any] = [
    *(None, Any, object, int, float, list, dict, tuple, list[Any], tuple[()], tuple[int, ...]),
    *(Formless | None, int | Formless, MayHoldFormless, Chain, Keys, Boxed[int], Boxed),
    *(
        Growing[int],
        NoReturn,
        typing.Never,
        Literal["a", 1],
        Annotated[int, {}],
        uuid.UUID,
        datetime,
        Mapping[str, Sequence[int]],
    ),
]


def the_only_hint(hint: Any) -> ValueConverter:
    return Converter().value(hint, what="the data")


@pytest.mark.parametrize("hint", FORMLESS, ids=str)
def test_a_hint_that_no_value_can_have_is_known_before_there_is_one(hint: Any) -> None:
    with pytest.raises(SerializationError, match=r"^the data is to be .+: .+"):
        the_only_hint(hint).check_form()


@pytest.mark.parametrize("hint", WITH_A_FORM, ids=str)
def test_a_hint_that_some_value_can_have_is_none_of_them(hint: Any) -> None:
    the_only_hint(hint).check_form()


def test_a_hook_of_the_users_gives_a_form() -> None:
    def configure(hooks: Any) -> None:
        hooks.register_unstructure_hook(Formless, lambda value: "formless")
        hooks.register_structure_hook(Formless, lambda value, _: Formless())

    Converter(configure=configure).value(list[Formless], what="it").check_form()
