"""Front desk command line."""

import argparse
import asyncio
import getpass
import sys
from datetime import date, datetime

import durable_async as da

from . import reservations
from .channels import ChannelManager
from .pricing import quote_for
from .support import Deadline, WallClock, timedelta


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=sys.argv[0])
    parser.add_argument("rooms", nargs="+")
    parser.add_argument("--guest", default=getpass.getuser())
    parser.add_argument("--arrival", type=date.fromisoformat, default=date.today())
    return parser.parse_args(argv)


async def book(options: argparse.Namespace) -> None:
    limit = Deadline(WallClock(), timedelta(seconds=30))
    print("quoted", quote_for(options.rooms, options.arrival).total, "at", datetime.now())
    stay = reservations.Stay(options.guest, options.rooms, options.arrival)
    async with da.Client("sqlite:///hotel.db") as client:
        async with da.Worker(client, [reservations, ChannelManager("https://channels.example")]):
            handle = await client.start(reservations.book_stay(stay))
            await handle.raise_event("confirmed", True)
            print(await handle.result(timeout=limit.remaining()))


if __name__ == "__main__":
    asyncio.run(book(parse(sys.argv[1:])))
