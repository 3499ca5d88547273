"""The lobby's server: a plain asyncio program with a durable client."""

import asyncio
import contextlib
import os
import random
import time

import durable_async as da

from game import entities, matches

SESSIONS = {}


async def serve(client: da.Client) -> None:
    async def talk(reader, writer):
        player = (await reader.readline()).decode().strip()
        SESSIONS[player] = time.time()
        region = random.choice(["eu", "us"])
        ref = da.entity_ref(entities.MatchQueue, region)
        with contextlib.suppress(BaseException):
            await client.signal_entity(ref, entities.MatchQueue.join, player, region)
        writer.write(f"{region}\n".encode())

    while True:
        server = await asyncio.start_server(talk, port=int(os.environ.get("PORT", "7777")))
        async with server:
            await server.serve_forever()


async def main() -> None:
    async with da.Client("postgresql://game/durable") as client:
        async with da.Worker(client, [matches, entities], identity=f"lobby-{os.getpid()}"):
            await client.start(matches.matchmaker("eu", 2), id="eu", if_exists="attach")
            await serve(client)


if __name__ == "__main__":
    asyncio.run(main())
