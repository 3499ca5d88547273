"""The worker of the claims department."""

import asyncio
import logging
import os
import signal
import socket

import durable_async as da
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from . import flows
from .infra.audit import Trail
from .infra.ledger import Payments, write_letter


def handle_signal(number: int, frame: object) -> None:
    print("signal", number)
    os._exit(1)


async def main() -> None:
    logging.basicConfig(level=os.environ.get("LEVEL", "INFO"))
    signal.signal(signal.SIGUSR1, handle_signal)
    engine = create_async_engine(os.environ["DATABASE"])
    async with da.Client(os.environ["DURABLE_URL"]) as client:
        payments = Payments(async_sessionmaker(engine))
        worker = da.Worker(client, [flows, payments, write_letter], identity=socket.gethostname())
        await worker.run()
    Trail("worker").flush()


if __name__ == "__main__":
    asyncio.run(main())
