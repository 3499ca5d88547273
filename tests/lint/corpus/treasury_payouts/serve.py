import asyncio
import os
import time

import durable_async as da
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from treasury import nightly_payouts, payouts
from treasury.accounts import reset_attempts
from treasury.bank import rotate_keys, self_test
from treasury.clock import banner
from treasury.settings import pause


async def switch(request: Request) -> JSONResponse:
    pause()
    reset_attempts()
    return JSONResponse({"paused": time.time(), "by": os.environ.get("USER")})


async def rotate(request: Request) -> JSONResponse:
    key = rotate_keys()  # expect: DUR133
    return JSONResponse({"rotated": True})


async def tonight(request: Request) -> JSONResponse:
    async with da.Client(os.environ["TREASURY_DB"]) as client:
        call = nightly_payouts(await request.json(), time.strftime("%Y-%m-%d"))
        handle = await client.start(call, id=f"payouts-{time.strftime('%Y%m%d')}")
        return JSONResponse({"id": handle.id})


app = Starlette(routes=[Route("/pause", switch), Route("/rotate", rotate), Route("/tonight", tonight)])


async def worker() -> None:
    async with da.Client(os.environ["TREASURY_DB"]) as client:
        await da.Worker(client, [payouts, rotate_keys]).run()


if __name__ == "__main__":
    print(banner(), self_test("smoke.py"))
    asyncio.run(worker()) if os.environ.get("ROLE") == "worker" else uvicorn.run(app)
