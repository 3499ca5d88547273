"""What type checkers refuse, at the call. Never run: each line that must be refused says so, and a
checker that would accept one complains that the comment is not needed.
"""

import asyncio

import durable_async as da


@da.activity
async def charge(order_id: str, cents: int) -> str:
    return f"{order_id}/{cents}"


@da.activity
def resize(path: str, *, width: int = 100) -> bytes:
    return path.encode() * width


class Payments:
    @da.activity
    async def refund(self, order_id: str) -> bool:
        return bool(order_id)


@da.orchestrator
async def checkout(order_id: str, items: list[int]) -> list[str]:
    await charge(order_id, "5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await charge(order_id)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await resize("a.png", height=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await Payments.refund(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    wrong: int = await charge(order_id, 5)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    many: list[int] = await asyncio.gather(charge(order_id, 1), charge(order_id, 2))  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    sent: int = await da.wait_for_event("approved", bool | str)  # type: ignore[arg-type]  # pyright: ignore[reportAssignmentType]
    charge.options(cancel="later")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    return [str(wrong), str(many), str(sent)]


@da.orchestrator  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def not_async(order_id: str) -> str:
    return order_id


async def main(client: da.Client) -> None:
    await client.start(checkout("o-1", ["1"]))  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    handle = await client.start(checkout("o-1", [1]))
    result: list[int] = await handle.result()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    print(result)
