"""A cart and the shelves, as examples/shopping_cart.py has them."""

from collections.abc import AsyncIterator

import pytest
from shopping_cart import Cart, Line, OutOfStockError, Stock, shop

import durable_async as da
from durable_async import testing

TEA, CAKE = Line("tea", 2, 450), Line("cake", 1, 320)


@pytest.fixture
async def env() -> AsyncIterator[testing.Environment]:
    async with testing.environment([shop, Cart, Stock]) as env:
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


async def test_a_line_that_makes_no_sense_leaves_the_cart_as_it_was(
    env: testing.Environment,
) -> None:
    handle = await env.client.start(shop("ada", [TEA, Line("cake", 0, 320)]))
    with pytest.raises(ValueError, match="make no sense"):
        await handle.result()
    assert await env.client.read_entity(Cart, "ada") == Cart([TEA])


async def test_what_is_given_back_is_on_the_shelves_again(env: testing.Environment) -> None:
    cart = da.entity_ref(Cart, "bob")
    await env.client.signal_entity(cart, Cart.add, TEA)
    await env.client.signal_entity(cart, Cart.give_back)
    await env.advance(0)
    assert await env.client.read_entity(Stock, "tea") == Stock(5)
    assert await env.client.read_entity(Cart, "bob") == Cart([])
