"""The process that runs it all."""

import asyncio
import os
import socket
import sys

import durable_async as da

from . import flows
from .gateways.network import HttpNetwork, Network, notify


async def main() -> int:
    network = HttpNetwork(os.environ["NETWORK_URL"], os.environ["NETWORK_TOKEN"])
    async with da.Client(os.getenv("DURABLE_URL", "sqlite:///cards.db")) as client:
        print("worker on", socket.gethostname())
        worker = da.Worker(client, [flows.authorise, flows.dispute, Network(network), notify])
        await worker.run()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
