"""The worker process. Run as many as you like, on the same URL; kill any of them at any time.

python worker.py --url sqlite:///shop.db --warehouse warehouse.db --payments http://...
"""

from __future__ import annotations

import argparse
import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import durable_async as da
from fulfilment import Payments, Stock, fulfil
from processes import end_with_parent
from warehouse import Warehouse


async def work(url: str, warehouse: Path, payments: str) -> None:
    """Run orders until SIGINT or SIGTERM."""
    async with da.Client(url) as client:
        worker = da.Worker(client, [fulfil, Stock(Warehouse(warehouse)), Payments(payments)])
        await worker.run()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="The worker of the order-fulfilment example.")
    parser.add_argument("--url", required=True, help="of the engine, as in sqlite:///shop.db")
    parser.add_argument("--warehouse", type=Path, required=True, help="the warehouse's file")
    parser.add_argument("--payments", required=True, help="URL of the payment service")
    parser.add_argument("--attached", action="store_true", help="end when standard input closes")
    options = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if options.attached:
        end_with_parent()
    asyncio.run(work(options.url, options.warehouse, options.payments))


if __name__ == "__main__":
    main()
