"""estatectl: start generated flows, reset guards."""

import argparse
import asyncio
import getpass
import subprocess
import sys

import durable_async as da

from estate.gen import flow_lease_gen, flow_repair_gen, steps_gen
from estate.gen.flow_repair_gen import node_0005
from estate.gen.models_gen import make_ticket
from estate.rt.guards import E_RESET
from estate.rt.values import V_LEGACY


async def run(arguments: argparse.Namespace) -> None:
    async with da.Client(arguments.url) as client:
        if arguments.reset:
            E_RESET()
        ticket = make_ticket(arguments.flat, arguments.kind)
        handle = await client.start(flow_repair_gen.flow_repair_0001(ticket.flat, ticket.kind), id=ticket.id)
        print(getpass.getuser(), await handle.result(), V_LEGACY())
        print(await node_0005(ticket.flat, ticket.kind))
        flow_lease_gen.flow_lease_0002("L-1", ticket.flat, [])  # expect: DUR133


def serve(url: str) -> None:
    async def main() -> None:
        async with da.Client(url) as client, da.Worker(client, [flow_lease_gen, flow_repair_gen, steps_gen]) as worker:
            await worker.run()

    asyncio.run(main())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="sqlite:///estate.db")
    parser.add_argument("--reset", action="store_true")
    parser.add_argument("flat")
    parser.add_argument("kind")
    subprocess.run(["systemctl", "status", "estate"], check=False)
    sys.exit(asyncio.run(run(parser.parse_args())))
