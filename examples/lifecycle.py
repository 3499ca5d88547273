"""What an operator can do to an instance: look, pause, cancel, mend, repeat and clear away.

The same verbs are commands: `durable suspend`, `resume`, `cancel`, `terminate`, `rewind`,
`restart`, `purge`, `list`, `show`.
"""

import asyncio
import os

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


class PrinterError(Exception):
    """It is out of paper, or worse."""


class Office:
    """paper: sheets left in the printer."""

    def __init__(self) -> None:
        self.paper = 0
        self.log: list[str] = []

    @da.activity
    async def write(self, text: str) -> None:
        self.log.append(text)

    @da.activity
    async def print_letter(self, text: str) -> None:
        if self.paper == 0:
            raise PrinterError("out of paper")
        self.paper -= 1
        self.log.append(f"printed {text!r}")


@da.orchestrator
async def letter(text: str) -> str:
    """Write a letter, wait until it may go, print it. Cancelled while it waits, it says so."""
    await Office.write(text)
    try:
        await da.wait_for_event("signed")
    except asyncio.CancelledError:
        await Office.write(f"tore up {text!r}")
        raise
    await Office.print_letter(text)
    return "on its way"


async def main() -> None:
    office = Office()
    async with da.Client(URL) as client, da.Worker(client, [letter, office]):
        # Suspended, an instance takes in what happens, and waits.
        first = await client.start(letter("Dear Ada"), id="letter-1", tags={"to": "Ada"})
        await first.suspend("the boss is away")
        await first.raise_event("signed")
        print("1:", (await first.state()).status)
        await first.resume("she is back")

        # It failed, for want of paper: filled up, and rewound, it goes on from the failed step.
        failed = await first.wait()
        assert failed.failure is not None
        print(f"1: {failed.status}, {failed.failure.message}")
        office.paper = 100
        await first.rewind("there is paper again")
        print("1:", await first.result())

        # Cancelled, an instance cleans up; terminated, it does not.
        second = await client.start(letter("Dear Bob"), id="letter-2")
        while not (await second.state()).pending:
            await asyncio.sleep(0.01)
        await second.cancel("Bob has moved away")
        print("2:", (await second.wait()).status, "-", office.log[-1])
        third = await client.start(letter("Dear Eve"), id="letter-3")
        await third.terminate("a mistake")
        print("3:", (await third.wait()).status)

        # The same once more, under another id; and in the end, the ended ones go.
        again = await third.restart(id="letter-3-again")
        await again.raise_event("signed")
        print("3 again:", await again.result())
        async for state in client.list(id_prefix="letter-"):
            print(f"  {state.id}: {state.status}")
        print("cleared away:", await client.purge(id_prefix="letter-"))


if __name__ == "__main__":
    asyncio.run(main())
