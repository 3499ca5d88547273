"""Definitions: what decorators accept, and what a definition looks like."""

import asyncio
import inspect
import pickle
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.dsl import shop

import durable_async as da
from durable_async.convert.values import Converter
from durable_async.model.options import ActivityOptions, RetryRule


class Payments:
    """A class whose activity has a dependency."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    @da.activity
    async def charge(self, order_id: str) -> str:
        return self.prefix + order_id

    @da.activity(name="refund-card")
    def refund(self, order_id: str) -> str:
        return self.prefix + order_id


def test_the_default_name_is_the_functions_and_a_methods_with_its_class() -> None:
    assert shop.charge.name == "charge"
    assert Payments.charge.name == "Payments.charge"
    assert Payments.refund.name == "refund-card"
    assert (shop.checkout.name, shop.checkout.version) == ("checkout", "2")


def test_the_undecorated_function_is_at_hand() -> None:
    assert shop.resize.fn("a") == "A"
    assert asyncio.run(shop.charge.fn("o", 5)) == "o/5"


@pytest.mark.parametrize("definition", [shop.charge, shop.resize, shop.checkout])
def test_a_definition_looks_like_its_function(definition: da.Activity[..., str]) -> None:
    assert inspect.signature(definition) == inspect.signature(definition.fn)
    assert inspect.iscoroutinefunction(definition)
    assert asyncio.iscoroutinefunction(definition)
    assert definition.__name__ == definition.fn.__name__
    assert definition.__doc__ == definition.fn.__doc__
    assert inspect.unwrap(definition) is definition.fn
    assert "shop.py" in repr(definition)


@pytest.mark.parametrize("definition", [shop.charge, shop.resize, shop.checkout])
def test_a_definition_pickles_by_its_name(definition: object) -> None:
    assert pickle.loads(pickle.dumps(definition)) is definition


def test_an_orchestrator_is_an_async_def_and_nothing_else() -> None:
    def plain() -> None: ...

    def generator() -> Iterator[int]:
        yield 1

    async def stream() -> AsyncIterator[int]:
        yield 1

    for function, kind in ((plain, "a plain function"), (generator, "a generator")):
        with pytest.raises(TypeError, match=rf"is {kind}: write `async def"):
            da.orchestrator(function)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="an async generator"):
        da.orchestrator(stream)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="written with def"):
        da.orchestrator(print)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="decorated already"):
        da.orchestrator(shop.checkout)
    with pytest.raises(TypeError, match="write @staticmethod above it"):
        da.activity(staticmethod(plain))


def test_an_orchestrator_is_no_method() -> None:
    with pytest.raises(TypeError, match="Move it out of the class"):

        class _Shop:
            @da.orchestrator
            async def checkout(self) -> None: ...


def test_a_generator_is_no_activity() -> None:
    def generator() -> Iterator[int]:
        yield 1

    with pytest.raises(TypeError, match="return a list of what it yields"):
        da.activity(generator)


def test_settings_of_an_activity_are_checked_where_they_are_written() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        da.activity(timeout=-1)(shop.charge.fn)
    with pytest.raises(ValueError, match='on_lost is "retry" or "fail"'):
        da.activity(on_lost="never")(shop.charge.fn)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="max_attempts"):
        da.RetryPolicy(max_attempts=0)
    with pytest.raises(ValueError, match="jitter"):
        da.RetryPolicy(jitter=2)
    with pytest.raises(ValueError, match="an interval of a RetryPolicy"):
        da.RetryPolicy(initial_interval=-1)
    with pytest.raises(TypeError, match="retry_on must be a tuple of exception classes"):
        da.RetryPolicy(retry_on=ValueError)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="max_attempts is a whole number, not '3'"):
        da.RetryPolicy(max_attempts="3")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="jitter is a number, not None"):
        da.RetryPolicy(jitter=None)  # type: ignore[arg-type]


def test_a_policy_is_written_in_order_or_by_name() -> None:
    assert da.RetryPolicy(5, 2) == da.RetryPolicy(max_attempts=5, initial_interval=2.0)


def test_a_policy_is_stored_by_class_names_and_seconds() -> None:
    policy = da.RetryPolicy(
        initial_interval=timedelta(minutes=1), timeout=60, non_retryable=(KeyError,)
    )
    assert policy.rule() == RetryRule(
        initial_interval=60, timeout=60, non_retryable=("builtins:KeyError",)
    )


def test_options_give_the_same_activity_with_other_settings() -> None:
    slow = shop.charge.options(queue="slow", timeout=5, tags={"team": "a"}, summary="x")
    assert slow.name == "charge" and slow.fn is shop.charge.fn
    assert slow.stored_options == ActivityOptions(
        queue="slow", timeout=5, tags={"team": "a"}, summary="x"
    )
    assert shop.charge.stored_options is None
    assert slow.options(retry=da.RetryPolicy()).retry == da.RetryPolicy()
    assert slow.options(queue="slow").stored_options == slow.stored_options
    with pytest.raises(TypeError, match="it was given queue='slow' before"):
        slow.options(queue="fast")
    with pytest.raises(TypeError, match="Write it into @activity"):
        shop.charge.options(retry=da.RetryPolicy(should_retry=lambda failure: True))


def test_options_of_an_orchestrator_belong_to_its_starts() -> None:
    policy = da.RetryPolicy(max_attempts=9)
    named = shop.checkout.options(id="order-1", tags={"a": "b"}, retry=policy)
    assert (named.id, named.tags, named.version) == ("order-1", {"a": "b"}, "2")
    other = named.options(version="5", queue="slow", id="order-1")
    assert (other.version, other.queue, other.retry) == ("5", "slow", policy)
    assert other.base is shop.checkout and shop.checkout.version == "2"
    assert shop.checkout.id is None and shop.checkout.queue is None
    for again in (
        {"id": "order-2"},
        {"version": "6"},
        {"queue": "fast"},
        {"tags": {}},
        {"retry": da.RetryPolicy()},
    ):
        with pytest.raises(TypeError, match=r"before\. Say it once"):
            other.options(**again)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"id": ""}, ValueError, "an instance id must not be empty"),
        ({"id": "x" * 256}, ValueError, "at most 255 characters"),
        ({"version": ""}, ValueError, "the version of checkout must not be empty"),
        ({"queue": 5}, TypeError, "the queue of checkout must be a str"),
        ({"tags": {"a": 5}}, TypeError, "tag 'a' must be a str"),
        ({"retry": 3}, TypeError, "write retry=da.RetryPolicy"),
        (
            {"retry": da.RetryPolicy(should_retry=lambda _: True)},
            TypeError,
            "should_retry would run again at each replay",
        ),
        (
            {"id": "x" * 254, "retry": da.RetryPolicy()},
            ValueError,
            "the last attempt would have the id",
        ),
    ],
)
def test_options_of_an_orchestrator_that_cannot_be_are_refused(
    options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=re.escape(message)):
        shop.checkout.options(**options)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"queue": ""}, ValueError, "the queue of charge must not be empty"),
        ({"queue": 5}, TypeError, "the queue of charge must be a str"),
        ({"tags": {"a": 5}}, TypeError, "tag 'a' must be a str"),
        ({"summary": 5}, TypeError, "the summary of charge must be a str"),
        ({"cancel": "later"}, ValueError, 'cancel is "now" or "wait", not \'later\''),
        ({"retry": 3}, TypeError, "write retry=da.RetryPolicy"),
    ],
)
def test_options_of_an_activity_that_cannot_be_are_refused(
    options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=re.escape(message)):
        shop.charge.options(**options)


@pytest.mark.parametrize(
    ("decorator", "kind", "message"),
    [
        (lambda: da.orchestrator(name=""), ValueError, "the name of an orchestrator must not be"),
        (lambda: da.orchestrator(version=1), TypeError, "the version of an orchestrator must be a"),
        (lambda: da.orchestrator(version=""), ValueError, "the version of an orchestrator must"),
        (lambda: da.activity(name="a\n"), ValueError, "the name of an activity has a control"),
        (lambda: da.activity(name=5), TypeError, "the name of an activity must be a str"),
        (lambda: da.activity_named("", int), ValueError, "the name of an activity must not be"),
    ],
)
def test_names_and_versions_that_cannot_be_found_again_are_refused(
    decorator: Any, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        decorator()


def test_what_decides_on_a_retry_is_a_function() -> None:
    should_retry: Any = 5
    with pytest.raises(TypeError, match=r"RetryPolicy\.should_retry is a function"):
        da.RetryPolicy(should_retry=should_retry)

    async def later(_: da.Failure) -> bool:
        return True

    should_retry = later
    with pytest.raises(TypeError, match=r"RetryPolicy\.should_retry .* write it as a plain `def`"):
        da.RetryPolicy(should_retry=should_retry)


def test_options_pickle_as_the_definition_and_share_what_it_knows() -> None:
    named = shop.checkout.options(id="order-1")
    assert inspect.signature(named) == inspect.signature(shop.checkout)
    converter = Converter()
    assert named.arguments(converter) is shop.checkout.arguments(converter)
    assert "checkout" in repr(named)


def test_a_method_is_called_on_its_class_without_self_and_on_an_instance_as_it_is() -> None:
    async def main() -> list[str]:
        payments = Payments("p-")
        return [await payments.charge("1"), await payments.refund("2")]

    assert asyncio.run(main()) == ["p-1", "p-2"]
    assert Payments.charge is Payments.charge

    async def unbound() -> None:
        await Payments.charge("1")

    with pytest.raises(TypeError, match="call it on an instance"):
        asyncio.run(unbound())


def test_a_named_orchestrator_is_the_newest_unless_a_version_is_said() -> None:
    named = da.orchestrator_named("elsewhere", int)
    assert (named.name, named.version, named.newest) == ("elsewhere", None, True)
    assert not named.options(version="2").newest and not shop.checkout.newest
    assert named.options(id="x").newest
    assert repr(named) == "<orchestrator 'elsewhere', known by its name>"
    with pytest.raises(ValueError, match="the name of an orchestrator must not be empty"):
        da.orchestrator_named("", int)


def test_a_named_orchestrator_cannot_run_as_plain_code() -> None:
    async def main() -> None:
        await da.orchestrator_named("elsewhere", int)(1)

    with (
        pytest.warns(da.NotDurableWarning),
        pytest.raises(da.NotRegisteredError, match="known by its name only"),
    ):
        asyncio.run(main())


def test_a_named_activity_cannot_run_as_plain_code() -> None:
    async def main() -> None:
        await shop.elsewhere(1)

    with pytest.raises(da.NotRegisteredError, match="known by its name only"):
        asyncio.run(main())
