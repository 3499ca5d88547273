"""HTTP front of the agents."""

import os
import time
import uuid
from contextlib import asynccontextmanager

import durable_async as da
from fastapi import FastAPI, HTTPException

from acme.agents import loop, models
from acme.agents.tools import files, shell, web
from acme.platform.caching import SharedCache, key_of
from acme.platform.telemetry import banner, timed


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with da.Client(os.environ["DURABLE_URL"]) as client:
        async with da.Worker(client, [loop, models, files, shell, web]):
            app.state.client = client
            app.state.cache = SharedCache()
            yield
            await app.state.cache.close()


app = FastAPI(lifespan=lifespan)


@app.post("/agents")
async def create(goal: str, wait: bool = False) -> dict[str, str]:
    banner(goal)
    with timed("start"):
        handle = await app.state.client.start(loop.run_agent(goal), id=f"agent-{uuid.uuid4()}")
    await app.state.cache.put(key_of("goal", goal), handle.id.encode())
    if wait:
        try:
            return {"id": handle.id, "answer": await handle.result(timeout=20)}
        except TimeoutError:
            raise HTTPException(202, handle.id) from None
    return {"id": handle.id, "at": str(time.time())}


@app.post("/notes/archive")
async def archive() -> dict[str, str]:
    files.archive_notes("today")  # expect: DUR133
    return {"state": "started"}
