"""HTTP front of the transcoder."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
import uuid
from pathlib import Path

import durable_async as da
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from media.pipeline import transcode, watch_folder

UPLOADS = Path(os.environ.get("UPLOADS", tempfile.gettempdir()))
started_at = time.time()


def _save(upload, name: str) -> int:
    target = UPLOADS / name
    with target.open("wb") as out:
        shutil.copyfileobj(upload, out)
    return target.stat().st_size


async def upload(request: Request) -> JSONResponse:
    form = await request.form()
    name = f"{uuid.uuid4()}{Path(form['file'].filename).suffix}"
    size = await run_in_threadpool(_save, form["file"].file, name)
    client: da.Client = request.app.state.client
    handle = await client.start(transcode(name, {}), id=f"transcode-{secrets.token_urlsafe(8)}")
    return JSONResponse({"id": handle.id, "bytes": size}, status_code=202)


async def status(request: Request) -> JSONResponse:
    handle = request.app.state.client.handle(request.path_params["id"])
    state = await handle.state()
    return JSONResponse({"status": state.status.name, "detail": state.custom_status})


async def health(request: Request) -> JSONResponse:
    usage = shutil.disk_usage(UPLOADS)
    return JSONResponse({"free": usage.free, "uptime": time.time() - started_at})


async def on_start(app: Starlette) -> None:
    call = watch_folder("incoming/")
    await app.state.client.start(call, id="watch-incoming", if_exists="attach")


app = Starlette(
    routes=[
        Route("/uploads", upload, methods=["POST"]),
        Route("/jobs/{id}", status),
        Route("/health", health),
    ]
)
