"""An exception arrives as itself, or as a RemoteError that says why; never as something else."""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import errno
import json
import sys
import traceback
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, NamedTuple
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_async.convert.failures import (
    exception_of,
    failure_of,
    failure_of_exception,
    is_rebuildable,
    missing_classes,
    opened,
)
from durable_async.convert.naming import name_of
from durable_async.convert.records import decode_record, encode_record
from durable_async.convert.values import Converter
from durable_async.errors import (
    ActivityTimeoutError,
    RemoteError,
    SerializationError,
    WorkerLostError,
)
from durable_async.model.failure import Failure
from durable_async.model.payload import Payload

CONVERTER = Converter()


def recorded(error: BaseException, **origin: Any) -> Failure:
    """As a store keeps it: raised, turned into bytes, and back."""
    try:
        raise error
    except BaseException as raised:
        failure = failure_of_exception(raised, converter=CONVERTER, **origin)
    return decode_record(encode_record(failure), Failure)


def crossed(error: BaseException, **origin: Any) -> BaseException:
    return exception_of(recorded(error, **origin), converter=CONVERTER)


def state_of(error: BaseException) -> dict[str, Any]:
    return {k: v for k, v in vars(error).items() if not k.startswith("__")}


# ---- classes that arrive as themselves -------------------------------------------------------


class Color(enum.Enum):
    RED = object()
    BLUE = "blue"


@attrs.frozen
class Money:
    amount: Decimal
    currency: str = "EUR"


@dataclasses.dataclass(slots=True)
class Item:
    sku: str
    count: int


class Point(NamedTuple):
    x: int
    y: int


class Plain(Exception):
    pass


class OtherSignature(Exception):
    def __init__(self, order_id: str, cents: int) -> None:
        super().__init__(f"order {order_id} was declined")
        self.order_id = order_id
        self.cents = cents


class KeywordOnly(Exception):
    def __init__(self, *, code: int, when: datetime) -> None:
        super().__init__(f"code {code}")
        self.code = code
        self.when = when


class NoSuperInit(Exception):
    def __init__(self, detail: str) -> None:
        self.detail = detail


class CountsItsInits(Exception):
    inits = 0

    def __init__(self, text: str) -> None:
        super().__init__(text)
        type(self).inits += 1


@attrs.define
class AttrsError(Exception):
    code: int
    money: Money = attrs.field(factory=lambda: Money(Decimal("1.50")))


@attrs.frozen
class FrozenError(Exception):
    code: int
    note: str = "n"


@dataclasses.dataclass
class DataclassError(Exception):
    code: int
    tags: list[str] = dataclasses.field(default_factory=list)


class Slotted(Exception):
    __slots__ = ("__secret", "code")

    def __init__(self, code: int, secret: str) -> None:
        super().__init__(code)
        self.code = code
        self.__secret = secret

    @property
    def secret(self) -> str:
        return self.__secret


class WithProperty(Exception):
    def __init__(self, cents: int) -> None:
        super().__init__(cents)
        self._cents = cents

    @property
    def euros(self) -> float:
        return self._cents / 100

    @euros.setter
    def euros(self, value: float) -> None:
        raise AssertionError("nobody sets a property while rebuilding")


class WithStr(Exception):
    def __init__(self, items: list[Item]) -> None:
        self.items = items

    def __str__(self) -> str:
        return f"{len(self.items)} items: {', '.join(item.sku for item in self.items)}"


class Guarded(Exception):
    """Its `__setattr__` and `__getattribute__` are code of its own, too."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        object.__setattr__(self, "code", code)

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("__"):
            raise AssertionError(f"{name} was set through the class")
        super().__setattr__(name, value)


class Mixin:
    extra = "of the class"


class Multiple(Mixin, Plain, TimeoutError):
    pass


class CustomOSError(OSError):
    def __init__(self, path: str) -> None:
        super().__init__(errno.ENOENT, "gone", path)
        self.path = path


class Outer:
    class Nested(Exception):
        pass


class OwnGroup(ExceptionGroup[Exception]):
    def derive(self, excs: Any) -> OwnGroup:
        return OwnGroup(self.message, excs)


class Wrapping(Exception):
    def __init__(self, inner: Exception) -> None:
        super().__init__("wrapped", inner)
        self.inner = inner


class Abort(BaseException):
    pass


def attribute_error() -> AttributeError:
    with pytest.raises(AttributeError) as caught:
        object().missing  # type: ignore[attr-defined]  # noqa: B018
    return caught.value


def syntax_error() -> SyntaxError:
    with pytest.raises(SyntaxError) as caught:
        compile("a = (\n", "some.py", "exec")
    return caught.value


def json_error() -> json.JSONDecodeError:
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads("{bad")
    return caught.value


def unset_attributes() -> Plain:
    error = Plain(1, (2, b"\x00\xff"), {3: Point(4, 5)})
    error.at = datetime(2026, 1, 31, tzinfo=UTC)  # type: ignore[attr-defined]
    error.ids = {uuid.UUID(int=5)}  # type: ignore[attr-defined]
    error.path = Path("/tmp/x")  # type: ignore[attr-defined]
    error.delay = timedelta(seconds=1.5)  # type: ignore[attr-defined]
    error.color = Color.RED  # type: ignore[attr-defined]
    error.expected = Item  # type: ignore[attr-defined]
    error.ratio = float("inf")  # type: ignore[attr-defined]
    error.huge = 10**30  # type: ignore[attr-defined]
    error.surrogate = "\udcff"  # type: ignore[attr-defined]
    return error


def blocking_error() -> BlockingIOError:
    return BlockingIOError(errno.EAGAIN, "try again", 7)


THEMSELVES: list[Callable[[], BaseException]] = [
    lambda: Plain(),
    lambda: Plain("text"),
    lambda: Plain(("a", "tuple")),
    unset_attributes,
    lambda: OtherSignature("o-1", 250),
    lambda: KeywordOnly(code=3, when=datetime(2026, 1, 31, 12, 30, tzinfo=UTC)),
    lambda: NoSuperInit("why"),
    lambda: CountsItsInits("x"),
    lambda: AttrsError(5),
    lambda: FrozenError(6),
    lambda: DataclassError(7, ["a"]),
    lambda: DataclassError(code=8),
    lambda: Slotted(9, "hidden"),
    lambda: WithProperty(1050),
    lambda: WithStr([Item("a", 1), Item("b", 2)]),
    lambda: Guarded(3),
    lambda: Multiple(errno.ETIMEDOUT, "late"),
    lambda: CustomOSError("/x"),
    lambda: Outer.Nested("n"),
    lambda: Abort("stop"),
    lambda: OSError("only text"),
    lambda: OSError(errno.ENOENT, "none", "a.txt"),
    lambda: OSError(errno.EEXIST, "two", "a.txt", None, "b.txt"),
    lambda: PermissionError(errno.EACCES, "no", Path("/root")),
    lambda: ConnectionResetError(errno.ECONNRESET, "reset"),
    blocking_error,
    lambda: UnicodeDecodeError("utf-8", b"\xff\x00", 0, 1, "invalid start byte"),
    lambda: UnicodeEncodeError("ascii", "ä", 0, 1, "ordinal not in range"),
    lambda: KeyError("key"),
    lambda: KeyError(("a", 1)),
    lambda: IndexError(),
    lambda: ImportError("no", name="mod", path="/p"),
    lambda: ModuleNotFoundError("No module named 'x'", name="x"),
    lambda: NameError("name 'q' is not defined", name="q"),
    attribute_error,
    syntax_error,
    json_error,
    lambda: StopAsyncIteration(4),
    lambda: ZeroDivisionError("division by zero"),
    lambda: RemoteError("other:Error", "text", "traceback"),
    lambda: ActivityTimeoutError("took too long"),
    lambda: SerializationError("x"),
    lambda: TimeoutError(),
    lambda: asyncio.IncompleteReadError(b"abc", 10),
]


@pytest.mark.parametrize("make", THEMSELVES)
def test_an_exception_arrives_as_itself(make: Callable[[], BaseException]) -> None:
    error = make()
    inits = CountsItsInits.inits
    failure = recorded(error)
    arrived = exception_of(failure, converter=CONVERTER)

    assert type(arrived) is type(error)
    assert is_rebuildable(failure)
    assert missing_classes(failure) == ()
    assert CountsItsInits.inits == inits
    assert BaseException.args.__get__(arrived) == BaseException.args.__get__(error)  # type: ignore[attr-defined]
    assert str(arrived) == str(error)
    assert repr(arrived) == repr(error)
    assert state_of(arrived) == state_of(error)
    assert not hasattr(arrived, "__notes__")
    assert failure_of(arrived) == failure


def test_fields_of_builtin_bases_cross() -> None:
    system: Any = crossed(OSError(errno.EEXIST, "two", "a.txt", None, "b.txt"))
    assert (system.errno, system.filename, system.filename2) == (errno.EEXIST, "a.txt", "b.txt")
    blocking: Any = crossed(blocking_error())
    assert blocking.characters_written == 7
    imported: Any = crossed(ImportError("no", name="mod", path="/p"))
    assert (imported.name, imported.path) == ("mod", "/p")
    decoding: Any = crossed(UnicodeDecodeError("utf-8", b"\xff\x00", 0, 1, "bad"))
    assert (decoding.object, decoding.start, decoding.end) == (b"\xff\x00", 0, 1)
    syntax: Any = crossed(syntax_error())
    assert (syntax.filename, syntax.lineno, syntax.msg) == ("some.py", 1, syntax_error().msg)


def test_real_slots_cross_and_private_ones_too() -> None:
    slotted: Any = crossed(Slotted(9, "hidden"))
    assert (slotted.code, slotted.secret) == (9, "hidden")
    assert state_of(slotted) == {}
    defined: Any = crossed(AttrsError(5, Money(Decimal("2.75"), "USD")))
    assert defined.money == Money(Decimal("2.75"), "USD")
    assert type(defined.money) is Money


def test_arguments_and_attributes_come_back_equal_and_of_their_own_types() -> None:
    arrived: Any = crossed(unset_attributes())
    assert arrived.args == (1, (2, b"\x00\xff"), {3: Point(4, 5)})
    assert type(arrived.args[2][3]) is Point
    assert arrived.color is Color.RED
    assert arrived.expected is Item
    assert arrived.at == datetime(2026, 1, 31, tzinfo=UTC)


def test_an_except_clause_catches_what_arrives() -> None:
    with pytest.raises(OtherSignature) as caught:
        raise crossed(OtherSignature("o-1", 250))
    assert (caught.value.order_id, caught.value.cents) == ("o-1", 250)


def test_an_exception_inside_an_exception_crosses() -> None:
    inner = OtherSignature("o-2", 5)
    arrived: Any = crossed(Wrapping(inner))
    assert type(arrived.inner) is OtherSignature
    assert arrived.inner.cents == 5
    assert str(arrived.args[1]) == str(inner)


def test_deep_wrapping_costs_no_more_than_its_depth() -> None:
    error: Exception = Plain("core")
    for _ in range(40):
        outer = Wrapping(error)
        outer.__cause__ = error
        error = outer
    failure = recorded(error)
    assert len(encode_record(failure)) < 40_000_000
    arrived = exception_of(failure, converter=CONVERTER)
    assert isinstance(arrived, Wrapping | RemoteError)


# ---- groups, causes, notes -------------------------------------------------------------------


def leaves_of(group: BaseExceptionGroup[Any]) -> list[BaseException]:
    found: list[BaseException] = []
    for member in group.exceptions:
        found += leaves_of(member) if isinstance(member, BaseExceptionGroup) else [member]
    return found


def test_a_group_arrives_member_by_member() -> None:
    group = ExceptionGroup("several", [ValueError("v"), OwnGroup("inner", [Plain(1), Plain(2)])])
    arrived = crossed(group)
    assert type(arrived) is ExceptionGroup
    assert arrived.message == "several"
    first, inner = arrived.exceptions
    assert type(first) is ValueError
    assert isinstance(inner, OwnGroup)
    assert [member.args for member in inner.exceptions] == [(1,), (2,)]
    plain, others = arrived.split(Plain)
    assert plain is not None
    assert others is not None
    assert [member.args for member in leaves_of(plain)] == [(1,), (2,)]
    assert [type(member) for member in leaves_of(others)] == [ValueError]


def test_attributes_of_a_group_cross() -> None:
    group = OwnGroup("g", [Plain()])
    group.code = 5  # type: ignore[attr-defined]
    arrived: Any = crossed(group)
    assert arrived.code == 5
    assert arrived.args[0] == "g"


def test_a_member_that_cannot_be_rebuilt_is_a_remote_error_in_its_place() -> None:
    group = BaseExceptionGroup("mixed", [KeyboardInterrupt("k"), Plain("p")])
    failure = recorded(group)
    arrived = exception_of(failure, converter=CONVERTER)
    assert isinstance(arrived, BaseExceptionGroup)
    assert [type(member) for member in arrived.exceptions] == [RemoteError, Plain]
    assert not is_rebuildable(failure)


def test_causes_cross_and_contexts_do_not() -> None:
    error = Plain("outer")
    error.__cause__ = OtherSignature("o-3", 1)
    error.__cause__.__cause__ = KeyError("root")
    arrived = crossed(error)
    assert isinstance(arrived.__cause__, OtherSignature)
    assert arrived.__cause__.cents == 1
    assert isinstance(arrived.__cause__.__cause__, KeyError)
    assert arrived.__suppress_context__

    lonely = Plain("alone")
    lonely.__context__ = ValueError("of the moment")
    assert crossed(lonely).__context__ is None


def test_a_cycle_of_causes_ends_with_a_note() -> None:
    first, second = Plain("first"), Plain("second")
    first.__cause__, second.__cause__ = second, first
    arrived = crossed(first)
    assert str(arrived.__cause__) == "second"
    assert arrived.__cause__ is not None
    assert arrived.__cause__.__cause__ is None
    assert arrived.__cause__.__notes__ == ["its cause is Plain, which it caused itself"]


def test_an_exception_that_holds_itself_keeps_its_repr_there() -> None:
    error = Plain("self")
    error.me = error  # type: ignore[attr-defined]
    arrived: Any = crossed(error)
    assert arrived.me == "Plain('self')"
    assert "attribute 'me'" in arrived.__notes__[0]


def test_a_long_chain_of_causes_is_cut_with_a_note() -> None:
    error = Plain(0)
    top = error
    for number in range(1, 60):
        error.__cause__ = Plain(number)
        error = error.__cause__
    arrived: BaseException | None = crossed(top)
    length = 0
    while arrived is not None:
        last, arrived, length = arrived, arrived.__cause__, length + 1
    assert 20 <= length < 60
    assert "left out" in last.__notes__[0]


def test_notes_cross_and_say_where_it_was_raised() -> None:
    error = Plain("x")
    error.add_note("of the user")
    error.__notes__.append(5)  # type: ignore[arg-type]
    arrived = crossed(error, activity="charge", attempt=2, instance_id="order-1")
    user, number, ours = arrived.__notes__
    assert (user, number) == ("of the user", "5")
    assert ours.startswith("raised by activity 'charge', in attempt 2, of instance 'order-1', at ")
    assert Path(__file__).name in ours


def test_crossing_twice_repeats_no_note_and_keeps_the_origin() -> None:
    once = crossed(Plain("x"), activity="charge", attempt=2, instance_id="order-1")
    failure = recorded(once)
    assert (failure.activity, failure.attempt, failure.instance_id) == ("charge", 2, "order-1")
    twice = exception_of(failure, converter=CONVERTER)
    assert twice.__notes__ == once.__notes__
    assert type(twice) is Plain
    assert "It was caught, and raised again" in failure.traceback
    assert failure.traceback.count("Traceback") == 2


# ---- what cannot be carried ------------------------------------------------------------------


class Connection:
    def __repr__(self) -> str:
        return "<Connection to db-1>"


class BadRepr:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


class Uncarried(Exception):
    def __init__(self, connection: object) -> None:
        super().__init__("lost", connection)
        self.connection = connection


def test_what_cannot_be_carried_stands_as_its_repr_and_is_named_in_a_note() -> None:
    arrived: Any = crossed(Uncarried(Connection()))
    assert type(arrived) is Uncarried
    assert arrived.connection == "<Connection to db-1>"
    assert arrived.args == ("lost", "<Connection to db-1>")
    assert arrived.__notes__ == [
        "not carried, stands as text: argument 1 (<Connection to db-1>)",
        "not carried, stands as text: attribute 'connection' (<Connection to db-1>)",
    ]


def test_a_repr_that_fails_is_replaced() -> None:
    arrived: Any = crossed(Uncarried(BadRepr()))
    assert arrived.connection.startswith("<BadRepr")


def test_a_cyclic_attribute_is_cut() -> None:
    loop: list[Any] = []
    loop.append(loop)
    arrived: Any = crossed(Uncarried(loop))
    assert type(arrived) is Uncarried
    assert any("connection" in note for note in arrived.__notes__)


def test_subclass_values_are_not_sliced_silently() -> None:
    class Text(str):
        pass

    arrived: Any = crossed(Uncarried(Text("x")))
    assert "attribute 'connection' ('x')" in arrived.__notes__[1]


def test_a_huge_message_is_cut_and_says_so() -> None:
    failure = recorded(ValueError("x" * 10_000_000))
    assert len(encode_record(failure)) < 200_000
    assert failure.message.endswith("of 10,000,000 characters)")
    arrived = exception_of(failure, converter=CONVERTER)
    assert type(arrived) is ValueError
    assert len(arrived.args[0]) == 64 * 1024
    assert "cut to 65,536 of its 10,000,000 characters" in arrived.__notes__[0]


def test_too_much_state_makes_a_remote_error() -> None:
    arrived = crossed(Plain(*["y" * 60_000] * 10))
    assert type(arrived) is RemoteError
    assert "its state could not be carried" in arrived.__notes__[0]


def test_text_that_is_no_unicode_is_stored_escaped() -> None:
    error = Plain("\udcff")
    error.add_note("\udcfe")
    failure = recorded(error)
    assert failure.message == "\\udcff"
    arrived = exception_of(failure, converter=CONVERTER)
    assert arrived.args == ("\udcff",)
    assert arrived.__notes__ == ["\\udcfe"]


# ---- what arrives as a RemoteError -----------------------------------------------------------


class OwnNew(Exception):
    def __new__(cls, *args: object) -> OwnNew:
        return super().__new__(cls, *args)


class HiddenState(Exception):
    """Its text depends on what is stored nowhere in it."""

    texts: ClassVar[dict[int, str]] = {}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts[id(self)] = text

    def __str__(self) -> str:
        return self.texts.get(id(self), "unknown")


class StrFails(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class StrNeedsAttribute(Exception):
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def __str__(self) -> str:
        return f"on {type(self.connection).__name__} {self.connection.port}"  # type: ignore[attr-defined]


class RewritesArgs(UnicodeDecodeError):
    def __init__(self) -> None:
        super().__init__("utf-8", b"", 0, 1, "x")
        self.args = ("only one",)


class Replaced(Exception):
    pass


replaced = Replaced("old class")


class Replaced(Exception):  # type: ignore[no-redef]
    pass


def local_error() -> BaseException:
    class Local(Exception):
        pass

    return Local("l")


def port_error() -> StrNeedsAttribute:
    connection = Connection()
    connection.port = 5  # type: ignore[attr-defined]
    return StrNeedsAttribute(connection)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (local_error, "defined inside a function"),
        (lambda: OwnNew("x"), "has a __new__ of its own"),
        (lambda: HiddenState("secret"), "its state could not be carried"),
        (lambda: StrFails(), "its state could not be carried"),
        (port_error, "its state could not be carried"),
        (RewritesArgs, "its state could not be carried"),
        (lambda: replaced, "its state could not be carried"),
        (lambda: SystemExit(3), "it would end or cancel"),
        (lambda: KeyboardInterrupt(), "it would end or cancel"),
        (lambda: GeneratorExit(), "it would end or cancel"),
        (lambda: asyncio.CancelledError("c"), "it would end or cancel"),
    ],
)
def test_other_exceptions_arrive_as_remote_errors_that_say_why(
    make: Callable[[], BaseException], why: str
) -> None:
    error = make()
    failure = recorded(error)
    arrived = exception_of(failure, converter=CONVERTER)
    assert type(arrived) is RemoteError
    assert arrived.type_name == name_of(type(error)) == failure.type_name
    assert arrived.message == failure.message
    assert arrived.traceback == failure.traceback
    assert why in arrived.__notes__[-1]
    assert not is_rebuildable(failure)


def test_a_remote_error_can_be_asked_for() -> None:
    failure = recorded(OtherSignature("o", 1))
    arrived = exception_of(failure, converter=CONVERTER, as_remote=True)
    assert type(arrived) is RemoteError
    assert not hasattr(arrived, "__notes__")


def test_a_class_that_is_not_imported_is_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    failure = attrs.evolve(recorded(Plain("p")), type_name="antigravity:Declined")
    assert "antigravity" not in sys.modules
    arrived = exception_of(failure, converter=CONVERTER)
    assert "antigravity" not in sys.modules
    assert type(arrived) is RemoteError
    assert "Write `import antigravity`" in arrived.__notes__[0]
    assert missing_classes(failure) == ("antigravity:Declined",)


def test_a_module_getattr_is_not_called() -> None:
    module = type(sys)("lazy_module")

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} was looked up")

    module.__getattr__ = refuse  # type: ignore[method-assign]
    sys.modules["lazy_module"] = module
    try:
        failure = attrs.evolve(recorded(Plain("p")), type_name="lazy_module:Declined")
        assert type(exception_of(failure, converter=CONVERTER)) is RemoteError
    finally:
        del sys.modules["lazy_module"]


@pytest.mark.parametrize(
    "name", ["builtins:int", "builtins:len", "os:path.join", "nowhere", "", ":", "builtins:"]
)
def test_a_name_of_something_else_gives_a_remote_error(name: str) -> None:
    failure = attrs.evolve(recorded(Plain("p")), type_name=name)
    assert type(exception_of(failure, converter=CONVERTER)) is RemoteError
    assert not is_rebuildable(failure)


def test_a_remote_error_that_goes_on_is_rebuilt_where_its_class_is_known() -> None:
    failure = recorded(OtherSignature("o-1", 250), activity="charge", attempt=1, instance_id="i")
    remote = exception_of(failure, converter=CONVERTER, as_remote=True)
    remote.add_note("seen on the way")
    arrived = crossed(remote)
    assert isinstance(arrived, OtherSignature)
    assert arrived.cents == 250
    assert "seen on the way" in arrived.__notes__
    assert sum("raised by activity" in note for note in arrived.__notes__) == 1


def test_the_reason_for_a_remote_error_does_not_stick_to_it() -> None:
    failure = attrs.evolve(recorded(Plain("p")), type_name="unknown_module:Error")
    again = recorded(exception_of(failure, converter=CONVERTER))
    assert again.notes == ()
    assert again.type_name == "unknown_module:Error"


def test_stop_iteration_becomes_the_cause_of_a_runtime_error() -> None:
    failure = recorded(StopIteration(5))
    arrived = exception_of(failure, converter=CONVERTER)
    assert type(arrived) is RuntimeError
    assert isinstance(arrived.__cause__, StopIteration)
    assert arrived.__cause__.value == 5

    direct = attrs.evolve(failure.cause or failure)
    assert direct.type_name == "builtins:StopIteration"
    wrapped = exception_of(direct, converter=CONVERTER)
    assert type(wrapped) is RuntimeError
    assert failure_of(wrapped) == direct


def test_errors_of_ours_are_rebuilt_from_their_message_alone() -> None:
    failure = Failure(
        type_name="durable_async.errors:WorkerLostError",
        message="5 workers died",
        activity="charge",
        instance_id="i",
    )
    arrived = exception_of(failure, converter=CONVERTER)
    assert type(arrived) is WorkerLostError
    assert arrived.args == ("5 workers died",)
    assert arrived.__notes__ == ["raised by activity 'charge', of instance 'i'"]
    assert is_rebuildable(failure)


# ---- records of what was raised --------------------------------------------------------------


def test_the_mro_names_the_class_and_its_bases() -> None:
    failure = recorded(Multiple(1, "x"))
    assert failure.mro[0] == name_of(Multiple)
    assert failure.mro[-2:] == ("builtins:Exception", "builtins:BaseException")
    assert "builtins:TimeoutError" in failure.mro
    assert name_of(Mixin) in failure.mro


def recursive(depth: int) -> None:
    if depth == 0:
        raise Plain("deep")
    recursive(depth - 1)


def test_a_deep_traceback_is_bounded_and_keeps_both_ends() -> None:
    with pytest.raises(Plain) as caught:
        recursive(500)
    failure = failure_of_exception(caught.value, converter=CONVERTER)
    assert len(failure.traceback) < 20_000
    assert "in test_a_deep_traceback" in failure.traceback
    assert "frames left out" in failure.traceback
    assert failure.traceback.endswith("Plain: deep")


async def test_the_traceback_shows_the_users_frames_only() -> None:
    async def raises() -> None:
        await asyncio.wait_for(inner(), 5)

    async def inner() -> None:
        raise Plain("here")

    with pytest.raises(Plain) as caught:
        await raises()
    failure = failure_of_exception(caught.value, converter=CONVERTER)
    assert "in inner" in failure.traceback
    assert "asyncio/" not in failure.traceback


def test_a_refusal_of_ours_that_met_no_line_of_the_users_has_no_traceback() -> None:
    """As of an input that does not fit: six of our frames would tell nobody anything."""
    refused, broken = (
        caught(lambda: CONVERTER.decode(Payload(b'"x"'), int, what="the input")),
        caught(lambda: CONVERTER.decode(None, int, what="the input")),  # type: ignore[arg-type]
    )
    refused.__traceback__ = without_first_frames(refused, __file__)
    broken.__traceback__ = without_first_frames(broken, __file__)
    assert isinstance(refused, SerializationError)
    assert failure_of_exception(refused, converter=CONVERTER).traceback == ""
    # Of a mistake of ours everything is told.
    failure = failure_of_exception(broken, converter=CONVERTER)
    assert "convert/values.py" in failure.traceback


def test_a_refusal_of_ours_keeps_the_lines_of_the_users() -> None:
    refused = caught(lambda: CONVERTER.decode(Payload(b'"x"'), int, what="the input"))
    failure = failure_of_exception(refused, converter=CONVERTER)
    assert "in caught" in failure.traceback
    assert "convert/values.py" not in failure.traceback


def caught(act: Callable[[], object]) -> BaseException:
    try:
        act()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def without_first_frames(error: BaseException, file: str) -> TracebackType | None:
    """Its traceback from the first frame on that is in another file."""
    found = error.__traceback__
    while found is not None and found.tb_frame.f_code.co_filename == file:
        found = found.tb_next
    return found


def test_an_exception_that_was_never_raised_has_no_traceback() -> None:
    assert failure_of_exception(Plain("x"), converter=CONVERTER).traceback == ""


def test_a_text_that_fails_is_replaced() -> None:
    assert recorded(StrFails()).message == "(its str() raises)"


def test_an_exception_that_never_crossed_has_no_failure() -> None:
    assert failure_of(Plain("x")) is None


def test_an_arrived_exception_prints_with_its_notes() -> None:
    arrived = crossed(Plain("x"), activity="charge", attempt=1, instance_id="i")
    text = "".join(traceback.format_exception(arrived))
    assert "Plain: x\nraised by activity 'charge', in attempt 1, of instance 'i'" in text


# ---- codecs, damage --------------------------------------------------------------------------


class Xor:
    def encode(self, payload: Payload) -> Payload:
        return Payload(bytes(byte ^ 0x55 for byte in payload.data), "xor")

    def decode(self, payload: Payload) -> Payload:
        if payload.encoding != "xor":
            return payload
        return Payload(bytes(byte ^ 0x55 for byte in payload.data))


def test_all_but_the_class_of_an_exception_goes_through_the_codec() -> None:
    converter = CONVERTER.with_codec(Xor())
    error = OtherSignature("o-1", 250)
    error.__cause__ = Plain("the secret cause")
    error.add_note("a secret note")
    failure = failure_of_exception(error, converter=converter, activity="charge")
    assert failure.sealed is not None
    assert failure.sealed.encoding == "xor"
    bare = attrs.evolve(failure, sealed=None)
    assert bare == Failure(type_name=failure.type_name, message="", activity="charge", mro=bare.mro)
    arrived = exception_of(failure, converter=converter)
    assert isinstance(arrived, OtherSignature)
    assert repr(arrived.__cause__) == repr(error.__cause__)
    assert arrived.__notes__[0] == "a secret note"
    known = failure_of(arrived)
    assert known == opened(failure, converter)
    assert known == attrs.evolve(
        failure_of_exception(error, converter=CONVERTER, activity="charge"), sealed=None
    )


def test_the_members_of_a_group_are_sealed_with_it() -> None:
    converter = CONVERTER.with_codec(Xor())
    group = ExceptionGroup("both", [Plain("one"), Plain("two")])
    failure = failure_of_exception(group, converter=converter)
    assert failure.members == ()
    arrived = exception_of(failure, converter=converter)
    assert isinstance(arrived, ExceptionGroup)
    assert [str(member) for member in arrived.exceptions] == ["one", "two"]


def test_a_sealed_failure_that_cannot_be_read_says_why() -> None:
    failure = failure_of_exception(Plain("x"), converter=CONVERTER.with_codec(Xor()))
    without = exception_of(failure, converter=CONVERTER)
    assert type(without) is RemoteError
    assert without.type_name == failure.type_name
    assert "no codec" in without.message


def test_a_failure_that_crosses_twice_is_sealed_once_each_time() -> None:
    converter = CONVERTER.with_codec(Xor())
    once = failure_of_exception(Plain("x"), converter=converter, activity="charge")
    again = failure_of_exception(exception_of(once, converter=converter), converter=converter)
    assert opened(again, converter).message == "x"
    assert opened(again, converter).activity is None or again.activity == "charge"
    assert opened(again, converter).sealed is None


class _Broken:
    def encode(self, payload: Payload) -> Payload:
        raise OSError("no, and here is the secret")

    def decode(self, payload: Payload) -> Payload:
        return payload


def test_nothing_of_a_failure_goes_round_a_codec_that_fails() -> None:
    failure = failure_of_exception(Plain("secret"), converter=CONVERTER.with_codec(_Broken()))
    assert "secret" not in repr(failure)
    assert failure.type_name.endswith(":Plain")


def test_a_large_group_is_sealed_without_its_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("durable_async.convert.values.PAYLOAD_LIMIT", 20_000)
    monkeypatch.setattr("durable_async.convert.values.PAYLOAD_WARNING", 20_000)
    converter = CONVERTER.with_codec(Xor())
    group = ExceptionGroup("many", [Plain("x" * 1_000) for _ in range(50)])
    failure = opened(failure_of_exception(group, converter=converter), converter)
    assert failure.message == "many (50 sub-exceptions)"
    assert failure.members == ()


@given(st.binary(max_size=60), st.sampled_from(["json", "xor", ""]))
def test_damaged_arguments_never_raise(data: bytes, encoding: str) -> None:
    failure = attrs.evolve(recorded(Plain("p")), arguments=Payload(data, encoding))
    assert isinstance(exception_of(failure, converter=CONVERTER), Plain | RemoteError)


forms = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "dict",
                    "enum",
                    "class",
                    "fields",
                    "named",
                    "tuple",
                    "bytes",
                    "exception",
                    "x",
                    "repr",
                ]
            ),
            inner,
            max_size=2,
        )
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["args", "fields", "state", "lost"]), forms))
def test_arguments_of_another_shape_never_raise(form: Any) -> None:
    data = json.dumps(form).encode()
    failure = attrs.evolve(recorded(Plain("p")), arguments=Payload(data))
    assert isinstance(exception_of(failure, converter=CONVERTER), Plain | RemoteError)


carried = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters())
    | st.binary()
    | st.datetimes(timezones=st.just(UTC), allow_imaginary=False).map(lambda at: at.replace(fold=0))
    | st.datetimes(
        timezones=st.just(ZoneInfo("Europe/Berlin")),
        min_value=datetime(1950, 1, 1),
        max_value=datetime(2050, 1, 1),
    )
    | st.dates()
    | st.timedeltas()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.uuids()
    | st.sampled_from([Color.RED, Color.BLUE, Item, int, Plain]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
        | st.builds(Point, inner, inner)
        | st.builds(Item, inner, inner)
        | st.builds(Money, inner, inner)
    ),
    max_leaves=12,
)


@given(st.lists(carried, max_size=3), st.dictionaries(st.sampled_from("abc"), carried))
def test_whatever_is_carried_comes_back_equal(args: list[Any], state: dict[str, Any]) -> None:
    error = Plain(*args)
    vars(error).update(state)
    arrived = crossed(error)
    assert type(arrived) is Plain
    assert arrived.args == tuple(args)
    assert state_of(arrived) == state
    assert not hasattr(arrived, "__notes__")


def test_an_error_of_ours_that_code_lets_pass_is_said_to_be_raised_once_with_its_line() -> None:
    failure = Failure(
        type_name="durable_async.errors:InstanceNotFoundError",
        message="there is no i",
        instance_id="i",
    )
    arrived = exception_of(failure, converter=CONVERTER)
    assert arrived.__notes__ == ["raised in instance 'i'"]
    (note,) = crossed(arrived).__notes__
    assert note.startswith("raised in instance 'i', at ")
