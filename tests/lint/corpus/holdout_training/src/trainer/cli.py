from __future__ import annotations

import argparse
import glob
import random

import durable_async as da

from . import flow, steps


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser("trainer")
    parser.add_argument("dataset")
    parser.add_argument("--parts", default="/data/*.parquet")
    parser.add_argument("--shuffle", action="store_true")
    options = parser.parse_args(argv)
    parts = glob.glob(options.parts)
    if options.shuffle:
        random.shuffle(parts)
    print(da.run(flow.sweep(options.dataset, parts)))


async def worker(url: str) -> None:
    async with da.Client(url) as client:
        await da.Worker(client, [flow, steps]).run()


if __name__ == "__main__":
    main()
