"""Calls: who awaits one decides what it means."""

import asyncio
import copy
import inspect
import pickle
import warnings
from typing import Any

import anyio
import pytest
from tests.unit.dsl import shop

import durable_async as da


def test_a_call_is_a_coroutine_that_nothing_has_started() -> None:
    call = shop.charge("o")
    assert asyncio.iscoroutine(call)
    assert inspect.isawaitable(call)
    assert "activity 'charge' made at" in repr(call) and __file__ in repr(call)
    call.close()


async def test_an_activity_runs_here_and_now_in_plain_code() -> None:
    assert await shop.charge("o", 5) == "o/5"
    assert await shop.resize("a") == "A"
    assert await asyncio.gather(shop.charge("a"), asyncio.create_task(shop.charge("b"))) == [
        "a/100",
        "b/100",
    ]
    assert await asyncio.wait_for(shop.charge("c"), 5) == "c/100"
    assert await asyncio.shield(shop.charge("d")) == "d/100"
    assert [await each for each in asyncio.as_completed([shop.charge("e")])] == ["e/100"]
    async with asyncio.TaskGroup() as group:
        task = group.create_task(shop.charge("f"))
    assert task.result() == "f/100"
    async with anyio.create_task_group() as scope:
        scope.start_soon(shop.charge, "g")


async def test_an_orchestrator_in_plain_code_warns_once_per_line_and_runs() -> None:
    async def plain() -> str:
        return await shop.checkout("o")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        assert await plain() == "o/100"
        assert await plain() == "o/100"
    assert [each.category for each in caught] == [da.NotDurableWarning]
    assert "client.start" in str(caught[0].message) and "checkout.fn(...)" in str(caught[0].message)
    assert caught[0].filename == __file__
    assert await shop.checkout.fn("o") == "o/100"


@pytest.mark.parametrize("arguments", [(), ("o", 5, 6)])
def test_wrong_arguments_are_a_type_error_at_the_call(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="charge"):
        shop.charge(*arguments)
    with pytest.raises(TypeError, match="unexpected keyword argument 'euros'"):
        shop.charge("o", euros=5)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="checkout"):
        shop.checkout()  # type: ignore[call-arg]


async def test_a_second_await_is_refused() -> None:
    call = shop.charge("o")
    await call
    with pytest.raises(RuntimeError, match="was awaited before: make a new call"):
        await call
    closed = shop.charge("o")
    closed.close()
    with pytest.raises(RuntimeError, match="was awaited before"):
        closed.send(None)


def test_a_call_refuses_pickle_and_copy() -> None:
    call = shop.charge("o")
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled or copied"):
            attempt(call)
    call.close()


def test_a_dropped_call_warns_with_the_line_that_made_it() -> None:
    with pytest.warns(
        RuntimeWarning, match="activity 'charge' made at .* was never awaited"
    ) as seen:
        shop.charge("o")
    assert seen[0].filename == __file__


def test_throwing_into_a_call_that_has_not_begun_ends_it() -> None:
    call = shop.charge("o")
    with pytest.raises(KeyError):
        call.throw(KeyError("x"))
    with pytest.raises(KeyError):
        shop.charge("o").throw(KeyError)


async def test_throwing_into_a_call_that_has_begun_reaches_its_function() -> None:
    @da.activity
    async def patient() -> str:
        try:
            await asyncio.get_running_loop().create_future()
        except KeyError:
            return "reached"
        return "not reached"

    call = patient()
    call.send(None)
    assert inspect.getcoroutinestate(call) == inspect.CORO_SUSPENDED  # type: ignore[arg-type]
    with pytest.raises(StopIteration) as stop:
        call.throw(KeyError("x"))
    assert stop.value.value == "reached"
    begun = patient()
    begun.send(None)
    begun.close()
