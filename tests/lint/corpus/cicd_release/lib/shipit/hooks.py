"""The webhook endpoint that starts trains; runs beside the worker."""

import asyncio
import hmac
import os
import secrets
import time
from hashlib import sha256

import durable_async as da
from fastapi import FastAPI, HTTPException, Request

from shipit.train import nightly_build, release_train, train_loop

app = FastAPI()
SECRET = os.environ.get("HOOK_SECRET", secrets.token_hex(16)).encode()
_recent: dict[str, float] = {}


def _verify(body: bytes, signature: str) -> None:
    expected = hmac.new(SECRET, body, sha256).hexdigest()
    if not hmac.compare_digest(expected, signature):
        raise HTTPException(401, "bad signature")


def _duplicate(delivery: str) -> bool:
    now = time.time()
    for key, seen in list(_recent.items()):
        if now - seen > 600:
            del _recent[key]
    return _recent.setdefault(delivery, now) != now


@app.post("/hooks/git")
async def pushed(request: Request) -> dict[str, str]:
    body = await request.body()
    _verify(body, request.headers.get("x-signature", ""))
    if _duplicate(request.headers["x-delivery"]):
        return {"status": "duplicate"}
    payload = await request.json()
    client: da.Client = request.app.state.client
    handle = await client.start(release_train(payload["before"], payload["after"], False), if_exists="attach")
    return {"status": "started", "id": handle.id}


@app.post("/nightly/{component}")
async def nightly(component: str, request: Request) -> dict[str, str]:
    call = nightly_build(component, ["HEAD"])
    handle = await request.app.state.client.start(call, id=f"nightly-{component}-{int(time.time())}")
    return {"id": handle.id}


@app.post("/loops/{branch}")
async def loop(branch: str, request: Request) -> dict[str, str]:
    train_loop(branch)  # expect: DUR133
    await asyncio.sleep(0)
    return {"status": "looping"}
