"""Scripts of the back office: inventory, statistics, the morning mail."""

import asyncio
import datetime
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import durable_async as da
from wms.picking import waves
from wms.picking.robots import default_fleet
from wms.stock import Stock

stop = threading.Event()
STARTED = time.time()


def inventory(site: str) -> float:
    stock = Stock(site)
    seconds = stock.recount()
    print(f"{site}: {len(stock)} articles in {seconds:.1f} s on {sys.platform}")
    return seconds


def backup(target: str) -> None:
    shutil.copy("/var/lib/wms/stock.db", os.path.join(target, f"{datetime.date.today()}.db"))
    subprocess.run(["sync"], check=True)


def watch(interval: float) -> None:
    while not stop.wait(interval):
        fleet = default_fleet()
        print(fleet.next_free(), time.time() - STARTED)


async def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threading.Thread(target=watch, args=(60,), daemon=True).start()
    async with da.Client(os.environ["WMS_DB"]) as client, da.Worker(client, [waves]):
        handle = await client.start(waves.night_shift("north", datetime.datetime.now() + datetime.timedelta(hours=8)))
        print(await handle.result())


if __name__ == "__main__":
    asyncio.run(main())
