import datetime
import random

import pytest
from durable_async import testing

from rental import book_car
from rental.adapters.live import FakeAdapters
from rental.booking import deposits
from rental.booking.saga import Booking, reserve


@pytest.fixture
def booking() -> Booking:
    return Booking(f"c-{random.randrange(9)}", "van", datetime.datetime.now() + datetime.timedelta(days=2), 3)


async def test_reserve() -> None:
    assert await reserve(FakeAdapters(), "van")


async def test_book(booking: Booking) -> None:
    async with testing.environment([book_car, deposits]) as env:
        env.replace(deposits.authorise, lambda customer, cents: "hold")
        handle = await env.client.start(book_car(booking, "Lyon"))
        assert await handle.result()
