"""Worker process of the dispatch centre, with a small health endpoint."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import durable_async as da

from freight import carriers, documents, tracking
from freight.routing import profile_tours

STARTED = time.time()


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        body = f"up {time.time() - STARTED:.0f}s, {usage.ru_maxrss} KiB, pid {os.getpid()}\n".encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


def serve_health(port: int) -> threading.Thread:
    server = HTTPServer(("0.0.0.0", port), Health)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    return thread


async def ship_one(client: da.Client, parcel_id: str) -> None:
    handle = await client.start(tracking.ship(parcel_id, 900, "FR", ["books"]), id=f"ship-{parcel_id}")
    with contextlib.suppress(TimeoutError):
        print(await handle.result(timeout=5))


async def run(url: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with da.Client(url) as client, da.Worker(client, [tracking, carriers, documents]):
        while not stop.is_set():
            for parcel_id in set(sys.stdin.readline().split()):
                await ship_one(client, parcel_id)


if __name__ == "__main__":
    if "--profile" in sys.argv:
        sys.exit(f"{profile_tours(1000):.2f} s")
    serve_health(int(os.environ.get("HEALTH_PORT", "8081")))
    asyncio.run(run(os.environ["DURABLE_URL"]))
