"""A saga, as examples/saga.py writes it."""

import pytest
from saga import Agency, book_trip

from durable_async import testing


async def test_a_trip_with_room_everywhere_is_booked() -> None:
    agency = Agency({"hotel": 1, "car": 1, "flight": 1})
    async with testing.environment([book_trip, agency]) as env:
        handle = await env.client.start(book_trip("Oslo"))
        assert await handle.result() == "booked"
    assert agency.booked == [("Oslo", "hotel"), ("Oslo", "car"), ("Oslo", "flight")]
    assert agency.rooms == {"hotel": 0, "car": 0, "flight": 0}


@pytest.mark.parametrize("full", ["hotel", "car", "flight"])
async def test_whichever_step_fails_all_is_as_before(full: str) -> None:
    rooms = {"hotel": 1, "car": 1, "flight": 1} | {full: 0}
    agency = Agency(dict(rooms))
    async with testing.environment([book_trip, agency]) as env:
        handle = await env.client.start(book_trip("Oslo"))
        assert await handle.result() == f"not booked: no {full} left for Oslo"
    assert agency.booked == []
    assert agency.rooms == rooms


async def test_steps_are_undone_in_reverse_order() -> None:
    cancelled: list[str] = []
    agency = Agency({"hotel": 1, "car": 1, "flight": 0})
    async with testing.environment([book_trip, agency]) as env:

        async def cancel(trip: str, what: str) -> None:
            cancelled.append(what)

        env.replace(Agency.cancel, cancel)
        await (await env.client.start(book_trip("Oslo"))).result()
    assert cancelled == ["flight", "car", "hotel"]


async def test_a_crash_while_it_is_undone_does_not_stop_the_undoing() -> None:
    cancelled: list[str] = []
    agency = Agency({"hotel": 1, "car": 1, "flight": 0})
    async with testing.environment([book_trip, agency]) as env:

        async def cancel_and_crash(trip: str, what: str) -> None:
            cancelled.append(what)
            if cancelled == ["flight", "car"]:
                await env.crash()

        env.replace(Agency.cancel, cancel_and_crash)
        handle = await env.client.start(book_trip("Oslo"))
        assert await handle.result() == "not booked: no flight left for Oslo"
    assert cancelled == ["flight", "car", "car", "hotel"]


async def test_a_cancel_that_fails_is_tried_until_it_succeeds() -> None:
    attempts = 0
    agency = Agency({"hotel": 1, "car": 0, "flight": 0})
    async with testing.environment([book_trip, agency]) as env:

        async def cancel(trip: str, what: str) -> None:
            nonlocal attempts
            attempts += 1
            if attempts < 20:
                raise ConnectionError("the hotel does not pick up the phone")

        env.replace(Agency.cancel, cancel)
        handle = await env.client.start(book_trip("Oslo"))
        assert await handle.result() == "not booked: no car left for Oslo"
    assert attempts == 21  # of the car's once more, and of the hotel's one
