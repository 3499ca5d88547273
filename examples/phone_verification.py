"""Verify a phone number: three tries, a minute and a half in all, whatever comes first.

The classic of human interaction: the code goes out as a text message, the person types it in
somewhere, and what they typed arrives as an external event.
"""

import asyncio
import os
import secrets
from datetime import timedelta

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")

TRIES = 3


@da.activity
async def send_code(number: str) -> int:
    """Send a code of four digits. The code is a result, so it is made once, and recorded."""
    code = secrets.randbelow(9_000) + 1_000
    print(f"to {number}: your code is {code}")
    return code


@da.orchestrator
async def verify_phone(number: str, patience: timedelta = timedelta(seconds=90)) -> bool:
    """Whether the person typed the right code in time."""
    code = await send_code(number)
    try:
        async with asyncio.timeout(patience.total_seconds()):
            for left in range(TRIES, 0, -1):
                da.set_custom_status({"tries_left": left})
                if await da.wait_for_event("code", int) == code:
                    return True
    except TimeoutError:
        return False
    return False


async def main() -> None:
    async with da.Client(URL) as client, da.Worker(client, [verify_phone, send_code]):
        clumsy = await client.start(verify_phone("+49 30 901820"))
        for guess in (1, 2, 3):
            await clumsy.raise_event("code", guess)
        print("three wrong codes:", await clumsy.result())

        absent = await client.start(verify_phone("+49 30 901821", timedelta(seconds=0.2)))
        print("no code in time:", await absent.result())


if __name__ == "__main__":
    asyncio.run(main())
