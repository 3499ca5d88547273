from __future__ import annotations

import asyncio
import datetime
import sys
import uuid

import aiohttp

import durable_async as da
from porting import flow, switch
from porting.messages import PortRequest


async def main(number: str) -> None:
    request = PortRequest(number, "nordtel", "voxa", wish=datetime.datetime.now(datetime.timezone.utc))
    async with aiohttp.ClientSession() as session, da.Client("sqlite:///porting.db") as client:
        async with da.Worker(client, [flow, switch, switch.Gateway(session)]):
            handle = await client.start(flow.port(request, urgent=True), id=f"port-{uuid.uuid4()}")
            async for state in client.list(name="port"):
                print(state.id, state.status)
            print(await handle.result())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
