"""Values of your own types: what goes in comes out, as its type hint says.

attrs classes, dataclasses, pydantic models, enums, dates, unions: whatever an annotation can say
is stored as JSON and read back. What does not fit is refused where it is passed, on your line.
"""

import asyncio
import dataclasses
import enum
import os
from datetime import date, timedelta
from decimal import Decimal

import attrs
import pydantic

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


class Tariff(enum.Enum):
    ECONOMY = "economy"
    FLEX = "flex"


@attrs.frozen
class Passenger:
    name: str
    born: date


@dataclasses.dataclass(frozen=True)
class Flight:
    number: str
    day: date
    duration: timedelta


@dataclasses.dataclass(frozen=True)
class Train:
    number: str
    day: date


class Fare(pydantic.BaseModel):
    tariff: Tariff
    price: Decimal = pydantic.Field(gt=0)


@attrs.frozen
class Ticket:
    passenger: Passenger
    journey: Flight | Train
    fare: Fare | None


@da.activity
async def find_fare(journey: Flight | Train, tariff: Tariff) -> Fare | None:
    match journey:
        case Flight(duration=duration):
            hours = Decimal(duration.total_seconds()) / 3_600
            return Fare(tariff=tariff, price=Decimal("49.90") * hours)
        case Train():
            return None


@da.orchestrator
async def book(passenger: Passenger, journeys: list[Flight | Train]) -> list[Ticket]:
    """A ticket for each part of a journey."""
    fares = await asyncio.gather(*[find_fare(each, Tariff.FLEX) for each in journeys])
    return [Ticket(passenger, *each) for each in zip(journeys, fares, strict=True)]


async def main() -> None:
    ada = Passenger("Ada", date(1985, 12, 10))
    journeys: list[Flight | Train] = [
        Flight("DA 101", date(2027, 3, 1), timedelta(hours=2)),
        Train("ICE 10", date(2027, 3, 1)),
    ]
    async with da.Client(URL) as client, da.Worker(client, [book, find_fare]):
        handle = await client.start(book(ada, journeys))
        for ticket in await handle.result():
            print(ticket.journey, ticket.fare and f"{ticket.fare.price:.2f}")
        try:
            await client.start(book("Ada", journeys))  # type: ignore[arg-type]
        except da.SerializationError as error:
            print("refused:", str(error).partition(":")[0])


if __name__ == "__main__":
    asyncio.run(main())
