"""A cart and the shelves, as examples/shopping_cart.py has them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from shopping_cart import CardDeclinedError, Cart, Line, OutOfStockError, Stock, pay, shop

import durable_async as da
from durable_async import testing

TEA, CAKE = Line("tea", 2, 450), Line("cake", 1, 320)


@pytest.fixture
async def env() -> AsyncIterator[testing.Environment]:
    async with testing.environment([shop, pay, Cart, Stock]) as env:
        for article in ("tea", "cake"):
            await env.client.signal_entity(da.entity_ref(Stock, article), Stock.put, 3)
        yield env


def test_an_operation_that_refuses_changes_nothing() -> None:
    stock = Stock(1)
    with pytest.raises(OutOfStockError):
        stock.take(2)
    assert stock == Stock(1)


async def test_what_there_is_is_paid_for(env: testing.Environment) -> None:
    assert await (await env.client.start(shop("ada", [TEA, CAKE]))).result() == 1_220
    assert await env.client.read_entity(Stock, "tea") == Stock(1)
    assert await env.client.read_entity(Cart, "ada") == Cart([])


async def test_what_there_is_not_is_left_out(env: testing.Environment) -> None:
    wanted = [Line("tea", 9, 450), CAKE, Line("gold", 1, 1)]
    assert await (await env.client.start(shop("ada", wanted))).result() == 320


async def test_a_line_that_makes_no_sense_has_all_put_back(env: testing.Environment) -> None:
    handle = await env.client.start(shop("ada", [TEA, Line("cake", 0, 320)]))
    with pytest.raises(ValueError, match="makes no sense"):
        await handle.result()
    await nothing_was_taken(env)


async def test_what_is_not_paid_for_is_put_back(env: testing.Environment) -> None:
    handle = await env.client.start(shop("ada", [TEA, Line("cake", 3, 99_00)]))
    with pytest.raises(CardDeclinedError, match=r"306\.00"):
        await handle.result()
    await nothing_was_taken(env)


async def test_when_it_is_cancelled_all_is_put_back(env: testing.Environment) -> None:
    paying = asyncio.Event()

    async def pay_slowly(customer: str, cents: int) -> None:
        paying.set()
        await asyncio.Event().wait()

    env.replace(pay, pay_slowly)
    handle = await env.client.start(shop("ada", [TEA, CAKE]))
    await paying.wait()
    await handle.cancel("closing time")
    assert (await handle.wait()).status == "CANCELLED"
    await nothing_was_taken(env)


async def nothing_was_taken(env: testing.Environment) -> None:
    await env.advance(0)
    assert await env.client.read_entity(Cart, "ada") == Cart([])
    for article in ("tea", "cake"):
        assert await env.client.read_entity(Stock, article) == Stock(3)


async def test_what_is_given_back_is_on_the_shelves_again(env: testing.Environment) -> None:
    cart = da.entity_ref(Cart, "bob")
    await env.client.signal_entity(cart, Cart.add, TEA)
    await env.client.signal_entity(cart, Cart.give_back)
    await env.advance(0)
    assert await env.client.read_entity(Stock, "tea") == Stock(5)
    assert await env.client.read_entity(Cart, "bob") == Cart([])
