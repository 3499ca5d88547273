"""Values of many types, as examples/typed_values.py passes them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from typed_values import Fare, Flight, Passenger, Tariff, Ticket, Train, book, find_fare

import durable_async as da
from durable_async import testing

ADA = Passenger("Ada", date(1985, 12, 10))
FLIGHT = Flight("DA 101", date(2027, 3, 1), timedelta(minutes=90))
TRAIN = Train("ICE 10", date(2027, 3, 1))


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
async def test_what_comes_out_is_of_the_types_that_went_in(rebuild: bool) -> None:
    async with testing.environment([book, find_fare], rebuild=rebuild) as env:
        tickets = await (await env.client.start(book(ADA, [FLIGHT, TRAIN]))).result()
    assert tickets == [
        Ticket(ADA, FLIGHT, Fare(tariff=Tariff.FLEX, price=Decimal("74.85"))),
        Ticket(ADA, TRAIN, None),
    ]


@pytest.mark.parametrize(
    "arguments",
    [("Ada", [FLIGHT]), (ADA, FLIGHT), (ADA, ["ICE 10"]), (ADA, [None])],
    ids=["no passenger", "no list", "no journey", "nothing in it"],
)
async def test_what_does_not_fit_is_refused_before_anything_is_recorded(
    arguments: tuple[Any, ...],
) -> None:
    async with testing.environment([book, find_fare]) as env:
        with pytest.raises(da.SerializationError):
            await env.client.start(book(*arguments))
        assert await env.client.count() == 0
