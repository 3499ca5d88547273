from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading

import durable_async as da
from ci import pipeline, steps
from ci.util.shell import shell_for_host

_stop = threading.Event()


def _on_signal(signum: int, frame: object) -> None:
    logging.info("agent %d stops on %d", os.getpid(), signum)
    _stop.set()


async def serve(url: str) -> None:
    async with da.Client(url) as client:
        worker = da.Worker(client, [pipeline, steps.build, steps.checkout], identity=f"{pipeline.AGENT}/{shell_for_host()}")
        async with worker:
            await asyncio.to_thread(_stop.wait)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _on_signal)
    asyncio.run(serve(os.environ["DURABLE_URL"]))
