"""A person in the loop: wait for a decision, but not for ever.

`asyncio.timeout` is a durable timer here. It may last for weeks and needs no process meanwhile; a
decision that came in time counts, even if no worker ran when it came.
"""

import asyncio
import os
from datetime import timedelta

import attrs

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


@attrs.frozen
class Expense:
    employee: str
    cents: int


@attrs.frozen
class Decision:
    """The data of the external event "decision of " and who was asked."""

    approved: bool
    by: str


@da.activity
async def ask_for_approval(manager: str, expense: Expense) -> None:
    print(f"to {manager}: {expense.employee} asks for {expense.cents / 100:.2f}")


@da.activity
async def pay(expense: Expense) -> None:
    print(f"to {expense.employee}: {expense.cents / 100:.2f} are on their way")


@da.orchestrator
async def reimburse(expense: Expense, patience: timedelta = timedelta(days=3)) -> str:
    """Pay an expense if the manager approves it; without an answer, ask the director."""
    for approver in ("manager", "director"):
        await ask_for_approval(approver, expense)
        try:
            async with asyncio.timeout(patience.total_seconds()):
                # With the name in it, the manager's answer is not taken for the director's if it
                # comes too late.
                decision = await da.wait_for_event(f"decision of {approver}", Decision)
        except TimeoutError:
            continue
        if not decision.approved:
            return f"refused by {decision.by}"
        await pay(expense)
        return f"paid, approved by {decision.by}"
    return "nobody decided"


async def main() -> None:
    async with (
        da.Client(URL) as client,
        da.Worker(client, [reimburse, ask_for_approval, pay]),
    ):
        taxi = await client.start(reimburse(Expense("Ada", 31_80)))
        await taxi.raise_event("decision of manager", Decision(approved=True, by="Grace"))
        print("taxi:", await taxi.result())

        yacht = await client.start(reimburse(Expense("Ada", 950_000_00), timedelta(seconds=0.5)))
        print("yacht:", await yacht.result())


if __name__ == "__main__":
    asyncio.run(main())
