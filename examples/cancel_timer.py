"""Cancel a timer: a reminder that is not sent, because what it reminds of was done.

A task that sleeps is a durable timer. Cancelling the task cancels the timer: it neither fires
later nor keeps the instance open.
"""

import asyncio
import os

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


@da.activity
async def remind(person: str, what: str) -> None:
    print(f"to {person}: please {what}")


async def remind_later(person: str, what: str, every: float) -> None:
    while True:  # durable: ignore[DUR151] the chore cancels it when it is done
        await asyncio.sleep(every)
        await remind(person, what)


@da.orchestrator
async def chore(person: str, what: str, every: float = 86_400) -> str:
    """Remind a person, day by day, until they say that it is done."""
    reminders = asyncio.create_task(remind_later(person, what, every))
    note = await da.wait_for_event("done", str)
    reminders.cancel()
    return f"{person}: {what} - {note}"


async def main() -> None:
    async with da.Client(URL) as client, da.Worker(client, [chore, remind]):
        quick = await client.start(chore("Ada", "water the plants"))
        await quick.raise_event("done", "of course")
        print(await quick.result())

        slow = await client.start(chore("Bob", "take out the bins", every=0.05))
        await asyncio.sleep(0.3)
        await slow.raise_event("done", "yes, yes")
        print(await slow.result())


if __name__ == "__main__":
    asyncio.run(main())
