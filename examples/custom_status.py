"""Custom status: let the outside see how far an orchestrator is.

A status is visible as soon as the step is recorded that it belongs to: nobody ever sees a status
that a crash takes back.
"""

import asyncio
import os

import attrs

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


@attrs.frozen
class Progress:
    done: int
    of: int
    doing: str


@da.activity
async def copy_table(table: str) -> int:
    """The number of rows copied."""
    await asyncio.sleep(0.2)
    return len(table) * 1_000


@da.orchestrator
async def migrate(tables: list[str]) -> int:
    """Copy tables, one after another; the number of rows in all."""
    rows = 0
    for number, table in enumerate(tables):
        da.set_custom_status(Progress(done=number, of=len(tables), doing=table))
        rows += await copy_table(table)
    da.set_custom_status(None)
    return rows


async def main() -> None:
    async with (
        da.Client(URL) as client,
        da.Worker(client, [migrate, copy_table]),
    ):
        handle = await client.start(migrate(["customers", "orders", "invoices"]))
        shown = None
        while not (state := await handle.state()).status.has_ended:
            if state.custom_status != shown:
                shown = state.custom_status
                print(shown)
            await asyncio.sleep(0.02)
        print(f"{await handle.result()} rows")


if __name__ == "__main__":
    asyncio.run(main())
