"""Command line for the platform team."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
import time
from datetime import datetime

import durable_async as da

from provision.naming import free_port
from provision.providers import aws, gcp
from provision.stacks import create_stack, destroy_stack, keep_warm, resize_stack


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="provision")
    parser.add_argument("team")
    parser.add_argument("project")
    parser.add_argument("--cloud", choices=["aws", "gcp"], default="aws")
    parser.add_argument("--region", default="eu-west-1")
    parser.add_argument("--sizes", nargs="+", default=["small"])
    parser.add_argument("--url", default="sqlite:///provision.db")
    return parser.parse_args(argv)


async def create(options: argparse.Namespace) -> None:
    started = time.monotonic()
    async with da.Client(options.url) as client:
        handle = await client.start(
            create_stack(options.team, options.project, options.cloud, options.region, options.sizes),
            tags={"by": getpass.getuser(), "on": datetime.now().date().isoformat()},
        )
        result = await handle.result()
    print(result, f"{time.monotonic() - started:.1f}s")


async def work(url: str) -> None:
    async with da.Client(url) as client:
        flows = [create_stack, destroy_stack, resize_stack, keep_warm]
        print("metrics on port", free_port())
        await da.Worker(client, [*flows, aws, gcp]).run()


if __name__ == "__main__":
    arguments = parse(sys.argv[1:])
    asyncio.run(create(arguments))
