"""A saga: several steps in different systems, all done or all undone.

`contextlib.AsyncExitStack` *is* the saga: each step puts its undoing on the stack, and an
exception undoes them in reverse order. The undoing is durable as well: it goes on after a crash.
"""

import asyncio
import os
from contextlib import AsyncExitStack

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


class FullyBookedError(Exception):
    """There is no room left, and asking again will not make any."""


class Agency:
    """Books in three systems. rooms: how many bookings each can still take."""

    def __init__(self, rooms: dict[str, int]) -> None:
        self.rooms = rooms
        self.booked: list[tuple[str, str]] = []

    @da.activity(retry=da.RetryPolicy(non_retryable=(FullyBookedError,)))
    async def book(self, trip: str, what: str) -> None:
        """Book once, however often it is asked for."""
        if (trip, what) in self.booked:
            return
        if self.rooms[what] == 0:
            raise FullyBookedError(f"no {what} left for {trip}")
        self.rooms[what] -= 1
        self.booked.append((trip, what))
        print(f"{trip}: {what} booked")

    @da.activity(retry=da.RetryPolicy(max_attempts=1_000_000))
    async def cancel(self, trip: str, what: str) -> None:
        """Cancel what was booked. Does no harm if it was not."""
        if (trip, what) in self.booked:
            self.booked.remove((trip, what))
            self.rooms[what] += 1
            print(f"{trip}: {what} cancelled")


@da.orchestrator
async def book_trip(trip: str) -> str:
    """Book all that a trip needs, or nothing."""
    try:
        async with AsyncExitStack() as undo:
            for what in ("hotel", "car", "flight"):
                # First the undoing, then the step: a step that fails may yet have been done.
                undo.push_async_callback(Agency.cancel, trip, what)
                await Agency.book(trip, what)
            undo.pop_all()  # all is booked: from here on nothing is undone
    except FullyBookedError as error:
        return f"not booked: {error}"
    return "booked"


async def main() -> None:
    agency = Agency({"hotel": 2, "car": 2, "flight": 1})
    async with (
        da.Client(URL) as client,
        da.Worker(client, [book_trip, agency]),
    ):
        for trip in ("Lisbon", "Oslo"):
            handle = await client.start(book_trip(trip))
            print(f"{trip}: {await handle.result()}")


if __name__ == "__main__":
    asyncio.run(main())
