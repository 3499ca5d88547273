"""Calls that mean the same are stored as the same bytes, and wrong calls fail as Python's do."""

from __future__ import annotations

import functools
import inspect
import json
import logging
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypedDict, TypeVar, Union, Unpack

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_async.convert.arguments import ArgumentsConverter, ResultConverter
from durable_async.convert.values import Converter
from durable_async.errors import PayloadTooLargeError, SerializationError
from durable_async.model.payload import PAYLOAD_WARNING, Payload

CONVERTER = Converter()
AT = datetime(2026, 1, 31, tzinfo=UTC)
T = TypeVar("T")


@attrs.define
class Order:
    id: str
    at: datetime | None = None


class Extra(TypedDict, total=False):
    note: str
    at: datetime


Json = Union[dict[str, "Json"], list["Json"], str, int, None]  # noqa: UP007


def nothing() -> None: ...
def plain(order_id: str, cents: int) -> str: ...
def defaults(a: int, b: int = 2, c: datetime | None = None) -> None: ...
def positional_only(a: int, /, b: int = 2, **more: int) -> None: ...
def keyword_only(a: int, *, at: datetime, note: str = "") -> None: ...
def many(first: str, *rest: datetime, flag: bool = False) -> None: ...
def anything(*args: Any, **kwargs: Any) -> Any: ...
def unpacked(a: int, **more: Unpack[Extra]) -> None: ...
def rest_of_both(*rest: *tuple[int, datetime]) -> None: ...
def rest_of_one(*rest: *tuple[datetime, ...]) -> None: ...
def unannotated(a, b=1): ...  # type: ignore[no-untyped-def]
def ordered(order: Order, ratio: float = 1.0) -> Order: ...
def recursive(it: Json) -> Json: ...
def generic(it: list[T]) -> T: ...
def late(it: Later) -> Later: ...
def unknown(it: Nowhere) -> Nowhere: ...  # type: ignore[name-defined]  # noqa: F821


@attrs.define
class Later:
    at: datetime


class Service:
    def charge(self, order_id: str, cents: int = 5) -> str: ...


def arguments(function: Callable[..., Any], **settings: Any) -> ArgumentsConverter:
    return ArgumentsConverter(CONVERTER, function, name=function.__name__, **settings)


def stored(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    payload, fingerprint = arguments(function).encode(args, kwargs)
    assert fingerprint == zlib.crc32(payload.data)
    return json.loads(payload.data)


CALLS: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any], Any]] = [
    (nothing, (), {}, []),
    (plain, ("o", 5), {}, ["o", 5]),
    (plain, ("o",), {"cents": 5}, ["o", 5]),
    (plain, (), {"cents": 5, "order_id": "o"}, ["o", 5]),
    (plain, ("", 0), {}, ["", 0]),
    (defaults, (1,), {}, [1]),
    (defaults, (1, 2), {}, [1, 2]),
    (defaults, (1, 2, None), {}, [1, 2, None]),
    (defaults, (1,), {"c": AT}, {"args": [1], "kwargs": {"c": AT.isoformat()}}),
    (defaults, (), {"b": 3, "a": 1}, [1, 3]),
    (positional_only, (1,), {"a": 5}, {"args": [1], "kwargs": {"a": 5}}),
    (keyword_only, (1,), {"at": AT}, {"args": [1], "kwargs": {"at": AT.isoformat()}}),
    (
        keyword_only,
        (),
        {"note": "n", "at": AT, "a": 1},
        {"args": [1], "kwargs": {"at": AT.isoformat(), "note": "n"}},
    ),
    (many, ("a",), {}, ["a"]),
    (many, ("a", AT, AT), {}, ["a", AT.isoformat(), AT.isoformat()]),
    (
        many,
        ("a", AT),
        {"flag": True},
        {"args": ["a", AT.isoformat()], "kwargs": {"flag": True}},
    ),
    (anything, (1, "a", None), {}, [1, "a", None]),
    (anything, (), {"x": [1]}, {"args": [], "kwargs": {"x": [1]}}),
    (unpacked, (1,), {"note": "n"}, {"args": [1], "kwargs": {"note": "n"}}),
    (unpacked, (1,), {"at": AT}, {"args": [1], "kwargs": {"at": AT.isoformat()}}),
    (rest_of_both, (1, AT), {}, [1, AT.isoformat()]),
    (rest_of_one, (AT, AT), {}, [AT.isoformat(), AT.isoformat()]),
    (unannotated, ([1], {"a": 2}), {}, [[1], {"a": 2}]),
    (ordered, (Order("o", AT),), {}, [{"id": "o", "at": AT.isoformat()}]),
    (ordered, (Order("o"), 2.0), {}, [{"id": "o", "at": None}, 2.0]),
    (recursive, ([{"a": [1, None]}],), {}, [[{"a": [1, None]}]]),
    (generic, ([1, "a"],), {}, [[1, "a"]]),
    (late, (Later(AT),), {}, [{"at": AT.isoformat()}]),
]


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "form"), CALLS, ids=[f"{c[0].__name__}" for c in CALLS]
)
def test_a_call_is_stored_in_one_form_and_comes_back(
    function: Callable[..., Any], args: Any, kwargs: Any, form: Any
) -> None:
    assert stored(function, *args, **kwargs) == form
    converter = arguments(function)
    payload, fingerprint = converter.encode(args, kwargs)
    back = converter.decode(payload)
    bind = inspect.signature(function).bind
    assert bind(*back[0], **back[1]) == bind(*args, **kwargs)
    # Again, now that the types of the arguments are known.
    assert converter.encode(args, kwargs) == (payload, fingerprint)
    assert converter.decode(payload) == back
    assert arguments(function).decode(payload) == back


WRONG: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = [
    (nothing, (1,), {}),
    (nothing, (), {"x": 1}),
    (plain, (), {}),
    (plain, ("o",), {}),
    (plain, ("o", 1, 2), {}),
    (plain, ("o", 1, 2, 3), {}),
    (plain, ("o", 1), {"cents": 2}),
    (plain, ("o",), {"cent": 2}),
    (defaults, (1, 2, None, 4), {}),
    (defaults, (), {"b": 1}),
    (keyword_only, (1,), {}),
    (keyword_only, (1, AT), {}),
    (keyword_only, (1,), {"note": "n"}),
    (positional_only, (), {"a": 1}),
    (many, (), {}),
]


@pytest.mark.parametrize(
    ("function", "args", "kwargs"), WRONG, ids=[f"{n}-{c[0].__name__}" for n, c in enumerate(WRONG)]
)
def test_a_wrong_call_raises_what_the_function_would(
    function: Callable[..., Any], args: Any, kwargs: Any
) -> None:
    with pytest.raises(TypeError) as original:
        function(*args, **kwargs)
    converter = arguments(function)
    for attempt in (converter.bind, converter.encode):
        with pytest.raises(TypeError) as ours:
            attempt(args, kwargs)
        assert str(ours.value) == str(original.value)


def test_binding_turns_keywords_into_positions() -> None:
    bind = arguments(plain).bind
    assert bind(("o",), {"cents": 5}) == (("o", 5), {})
    args = ("o", 5)
    assert bind(args, {})[0] is args


def test_a_method_is_bound_without_self() -> None:
    converter = ArgumentsConverter(CONVERTER, Service.charge, name="charge", skip_first=True)
    assert converter.encode(("o",), {"cents": 7})[0].data == b'["o",7]'
    assert converter.decode(Payload(b'["o"]')) == (("o",), {})
    with pytest.raises(TypeError, match=r"Service.charge\(\) missing 1 required"):
        converter.encode((), {})
    with pytest.raises(TypeError, match="takes no `self`"):
        ArgumentsConverter(CONVERTER, nothing, name="nothing", skip_first=True)


def test_a_function_without_a_signature_is_refused() -> None:
    class Signless:
        __signature__ = 5

        def __call__(self) -> None: ...

    with pytest.raises(TypeError):
        ArgumentsConverter(CONVERTER, Signless(), name="x")


def test_parameters_may_have_any_names() -> None:
    def odd(bound: int, MISSING: int = 1, *, args: int = 2, kwargs: int = 3) -> None: ...

    assert stored(odd, 1, kwargs=5) == {"args": [1], "kwargs": {"kwargs": 5}}
    assert stored(odd, bound=0) == [0]


def test_an_untyped_function_takes_anything() -> None:
    converter = ArgumentsConverter.untyped(CONVERTER, name="elsewhere")
    payload, _ = converter.encode((1, (2, AT)), {"x": Order("o")})
    assert json.loads(payload.data) == {
        "args": [1, [2, AT.isoformat()]],
        "kwargs": {"x": {"id": "o", "at": None}},
    }


# ---- checks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "text"),
    [
        (plain, ("o", "5"), {}, "argument 'cents' of plain is '5' (str); expected int"),
        (plain, (5, 5), {}, "argument 'order_id' of plain is 5 (int)"),
        (plain, ("o", True), {}, "argument 'cents' of plain is True (bool)"),
        (many, ("a", 5), {}, "argument '*rest' of many is 5"),
        (many, ("a",), {"flag": 1}, "argument 'flag' of many is 1"),
        (positional_only, (1,), {"x": "y"}, "argument '**more' of positional_only is 'y'"),
        (unpacked, (1,), {"note": 5}, "argument 'note' of unpacked is 5"),
        (unpacked, (1,), {"other": 5}, "unpacked has no parameter 'other'"),
        (ordered, (Order(5),), {}, "argument 'order' of ordered, at .id, is 5"),
        (ordered, (Order("o"), float("nan")), {}, "argument 'ratio' of ordered is nan"),
        (plain, ("\ud800", 5), {}, "lone surrogate"),
        (unannotated, (object(),), {}, "argument 'a' of unannotated is <object"),
    ],
)
def test_an_argument_that_does_not_fit_is_named(
    function: Callable[..., Any], args: Any, kwargs: Any, text: str
) -> None:
    converter = arguments(function)
    for _ in range(2):
        with pytest.raises(SerializationError) as caught:
            converter.encode(args, kwargs)
        assert text in str(caught.value)


def test_what_is_plain_for_some_values_is_still_checked_for_others() -> None:
    def ratio(value: float, text: str) -> None: ...

    converter = arguments(ratio)
    assert converter.encode((1.5, "null"), {})[0].data == b'[1.5,"null"]'
    assert converter.encode((2.5, "null"), {})[0].data == b'[2.5,"null"]'
    assert converter.encode((2, ""), {})[0].data == b'[2.0,""]'
    with pytest.raises(SerializationError, match="argument 'value' of ratio is nan"):
        converter.encode((float("nan"), "x"), {})
    with pytest.raises(SerializationError, match="argument 'value' of ratio is True"):
        converter.encode((True, "x"), {})
    with pytest.raises(SerializationError, match="surrogate"):
        converter.encode((1.5, "\ud800"), {})


def test_ints_of_any_size_are_arguments() -> None:
    converter = arguments(plain)
    for value in (1, 2**63, 2**64, -(10**30), 10**5000):
        payload, _ = converter.encode(("o", value), {})
        assert converter.decode(payload) == (("o", value), {})
        assert arguments(plain).decode(payload) == (("o", value), {})


def test_a_name_that_cannot_be_resolved_says_which() -> None:
    for attempt in (
        lambda: arguments(unknown).encode((1,), {}),
        lambda: arguments(unknown).decode(Payload(b"[1]")),
        lambda: ResultConverter(CONVERTER, unknown, name="unknown").encode(1),
    ):
        with pytest.raises(SerializationError) as caught:
            attempt()
        assert "the type hints of unknown cannot be resolved: name 'Nowhere'" in str(caught.value)
        assert "TYPE_CHECKING" in str(caught.value)


Broken = Union[list["Broken"], "Missing", int]  # type: ignore[name-defined]  # noqa: F821


def broken(it: Broken) -> None: ...


def test_a_recursive_alias_whose_names_are_missing_says_which() -> None:
    with pytest.raises(SerializationError, match="cannot be resolved: name 'Missing'"):
        arguments(broken).encode((5,), {})


def test_partial_and_wrapped_functions_keep_their_hints() -> None:
    @functools.wraps(ordered)
    def wrapped(*args: Any, **kwargs: Any) -> Any: ...

    assert arguments(wrapped).encode((Order("o"),), {})[0].data == b'[{"id":"o","at":null}]'
    partial = ArgumentsConverter(CONVERTER, functools.partial(plain, "o"), name="partial")
    assert partial.encode((5,), {})[0].data == b"[5]"
    with pytest.raises(SerializationError, match="argument 'cents' of partial"):
        partial.encode(("x",), {})


def test_names_of_the_scope_around_a_function_are_found() -> None:
    @attrs.define
    class Local:
        a: int

    def closed(it: Local) -> Local:
        return Local(it.a)

    def open_(it: Local) -> None: ...

    assert arguments(closed).encode((Local(1),), {})[0].data == b'[{"a":1}]'
    assert arguments(open_, local={"Local": Local}).encode((Local(1),), {})[0].data == b'[{"a":1}]'
    with pytest.raises(SerializationError, match="name 'Local' is not defined"):
        arguments(open_).encode((Local(1),), {})


# ---- stored calls of another release ---------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("[]", "missing 2 required positional arguments"),
        ('["o"]', "missing 1 required positional argument: 'cents'"),
        ('["o", 1, 2]', "has no place for 2"),
        ('["o", "1"]', "the stored form of argument 'cents' of plain is '1' (str)"),
        ('{"args": ["o"], "kwargs": {"cent": 1}}', "has no place for"),
        ('{"args": ["o", 1], "kwargs": {"cents": 1}}', "multiple values for argument 'cents'"),
        ('{"args": ["o", 1]}', "they are no list of arguments"),
        ('{"args": ["o", 1], "kwargs": {}, "x": 1}', "they are no list of arguments"),
        ("5", "they are no list of arguments but int"),
        ("null", "they are no list of arguments"),
        ("[", "the stored form of the arguments of plain is no JSON"),
        ("[" * 10_000 + "]" * 10_000, "nested too deeply"),
    ],
)
def test_stored_arguments_that_do_not_fit_are_refused(data: str, text: str) -> None:
    with pytest.raises(SerializationError) as caught:
        arguments(plain).decode(Payload(data.encode()))
    assert text in str(caught.value)


def test_a_parameter_with_a_default_can_be_added_later() -> None:
    def before(a: int) -> None: ...
    def after(a: int, b: str = "") -> None: ...

    payload, _ = arguments(before).encode((1,), {})
    assert arguments(after).decode(payload) == ((1,), {})


def test_the_list_and_the_object_form_both_read() -> None:
    converter = arguments(defaults)
    assert converter.decode(Payload(b'{"args":[1],"kwargs":{"b":5}}')) == ((1,), {"b": 5})
    assert converter.decode(Payload(b"[1,5]")) == ((1, 5), {})


# ---- sizes and codecs ------------------------------------------------------------------------


def test_too_large_arguments_name_the_largest() -> None:
    big = "x" * 3_000_000
    with pytest.raises(PayloadTooLargeError) as caught:
        arguments(plain).encode((big, 5), {})
    assert "the arguments of plain (the largest is 'order_id' with 3,000,002 bytes)" in str(
        caught.value
    )
    converter = arguments(generic)
    for _ in range(2):
        with pytest.raises(PayloadTooLargeError, match="argument 'it' of generic takes 3,000,006"):
            converter.encode(([big],), {})


def test_large_arguments_are_logged_every_time(caplog: pytest.LogCaptureFixture) -> None:
    converter = arguments(plain)
    converter.encode(("small", 5), {})
    with caplog.at_level(logging.WARNING, logger="durable_async.convert"):
        converter.encode(("x" * PAYLOAD_WARNING, 5), {})
        converter.encode(("x" * PAYLOAD_WARNING, 5), {})
    assert len(caplog.messages) == 2
    assert "the largest is 'order_id'" in caplog.text


class Reversing:
    def encode(self, payload: Payload) -> Payload:
        return Payload(payload.data[::-1], "reversed")

    def decode(self, payload: Payload) -> Payload:
        return Payload(payload.data[::-1]) if payload.encoding == "reversed" else payload


def test_the_fingerprint_is_of_the_bytes_before_the_codec() -> None:
    coded = ArgumentsConverter(CONVERTER.with_codec(Reversing()), plain, name="plain")
    for _ in range(2):
        payload, fingerprint = coded.encode(("o", 5), {})
        assert payload == Payload(b']5,"o"[', "reversed")
        assert fingerprint == arguments(plain).encode(("o", 5), {})[1]
        assert coded.decode(payload) == (("o", 5), {})
    unread = "cannot read the arguments of plain, encoded as 'reversed'"
    with pytest.raises(SerializationError, match=unread):
        arguments(plain).decode(payload)


# ---- results ---------------------------------------------------------------------------------


def test_results_go_by_the_return_annotation() -> None:
    results = ResultConverter(CONVERTER, ordered, name="ordered")
    payload = results.encode(Order("o", AT))
    assert results.decode(payload) == Order("o", AT)
    with pytest.raises(SerializationError, match="the result of ordered is 5"):
        results.encode(5)
    with pytest.raises(SerializationError, match="the stored form of the result of ordered is 5"):
        results.decode(Payload(b"5"))


def test_a_result_without_an_annotation_is_plain_json() -> None:
    results = ResultConverter(CONVERTER, unannotated, name="unannotated")
    assert results.decode(results.encode((1, AT))) == [1, AT.isoformat()]


@pytest.mark.parametrize("value", [0, "", False, None, [], {}, 0.0])
def test_falsy_results_survive(value: Any) -> None:
    results = ResultConverter(CONVERTER, anything, name="anything")
    arrived = results.decode(results.encode(value))
    assert arrived == value
    assert type(arrived) is type(value)


# ---- properties ------------------------------------------------------------------------------

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False)
)


@given(st.lists(scalars, max_size=4), st.dictionaries(st.sampled_from("xyz"), scalars))
def test_any_plain_arguments_cross(args: list[Any], kwargs: dict[str, Any]) -> None:
    converter = arguments(anything)
    for _ in range(2):
        payload, _ = converter.encode(tuple(args), kwargs)
        assert repr(converter.decode(payload)) == repr((tuple(args), kwargs))


@given(st.data())
def test_a_remembered_shortcut_never_changes_what_is_stored(data: st.DataObject) -> None:
    def shortcut(a: int | None, b: float, c: str | bool = "") -> None: ...

    known = arguments(shortcut)
    for _ in range(6):
        args = tuple(data.draw(st.lists(scalars, min_size=1, max_size=4)))
        outcomes = []
        for converter in (known, arguments(shortcut)):
            try:
                payload, _ = converter.encode(args, {})
                outcomes.append((payload, repr(converter.decode(payload))))
            except (TypeError, SerializationError) as error:
                outcomes.append((type(error), str(error)))
        assert outcomes[0] == outcomes[1]


@given(st.binary(max_size=30))
def test_any_stored_bytes_are_read_or_refused(data: bytes) -> None:
    for function in (plain, defaults, anything, keyword_only):
        try:
            arguments(function).decode(Payload(data))
        except SerializationError:
            continue


# ---- values without a hint -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Order("o"), "Order"),
        ([1, Order("o")], "Order"),
        ({"first": {"of": [Order("o")]}}, "Order"),
        ((1, 2), "tuple"),
        (AT, "datetime"),
    ],
)
def test_a_value_that_will_not_come_back_as_it_was_is_told_once_where_no_hint_is_written(
    value: object, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    arguments = ArgumentsConverter(CONVERTER, unannotated, name="unannotated")
    arguments.encode((value,), {})
    arguments.encode((value,), {})
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    message = record.getMessage()
    assert message.startswith(f"argument 'a' of unannotated ({__file__}:")
    assert f"a value of type {kind} was given" in message
    assert f"Write the hint, e.g. `a: {kind}`, or `a: Any`" in message
    arguments.encode((1, value), {})
    assert len(caplog.records) == 2


@pytest.mark.parametrize(
    ("function", "value"),
    [(unannotated, [1, {"a": None}, 2.5, "x", True]), (anything, Order("o"))],
)
def test_plain_values_and_any_are_nothing_to_tell(
    function: Callable[..., Any], value: object, caplog: pytest.LogCaptureFixture
) -> None:
    ArgumentsConverter(CONVERTER, function, name="f").encode((value,), {})
    assert not caplog.records


def test_a_result_without_a_hint_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    results = ResultConverter(CONVERTER, unannotated, name="unannotated")
    results.encode(1)
    results.encode(Order("o"))
    results.encode(Order("o"))
    (record,) = caplog.records
    assert record.getMessage().startswith("the result of unannotated (")
    assert "`-> Order`" in record.getMessage()
