"""`python -m fnol_claims.worker`"""

import asyncio
import os
import socket
import sys

import durable_async as da

from . import flow, settlement
from .schemas import LossReport

URL = os.environ.get("CLAIMS_DB", "sqlite:///claims.db")


async def submit(client: da.Client, report: LossReport) -> str:
    handle = await client.start(flow.handle_loss(report), id=f"fnol-{report.claim_id}", if_exists="attach")
    return handle.id


async def main() -> None:
    identity = f"{socket.gethostname()}:{os.getpid()}"
    async with da.Client(URL) as client:
        worker = da.Worker(client, [flow, settlement], identity=identity)
        print("claims worker", identity, *sys.argv[1:])
        await worker.run()


if __name__ == "__main__":
    asyncio.run(main())
