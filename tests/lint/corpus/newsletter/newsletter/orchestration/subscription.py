"""Double opt-in and everything that comes later in a subscriber's life."""
from __future__ import annotations

import asyncio
from typing import Any

import durable_async as da

from ..common import get_logger, unsubscribe_link
from ..common.tokens import Confirmation
from ..delivery import mark, send

log = get_logger(__name__)
WEEK = 7 * 86_400


async def remind(address: str) -> None:
    await asyncio.sleep(WEEK / 2)
    await send(address, "Please confirm", "You have not confirmed yet.")


@da.orchestrator
async def double_opt_in(address: str, list_id: str) -> bool:
    wanted = Confirmation.fresh(address)
    await send(address, "Please confirm", f"Your code is {wanted.token}")
    reminder = asyncio.create_task(remind(address))
    try:
        async with asyncio.timeout(WEEK):
            async for token in da.events("confirm", str):
                if wanted.matches(token):
                    break
                log.info("wrong code", address=address)
    except TimeoutError:
        return False
    finally:
        reminder.cancel()
    await mark(address, f"confirmed:{list_id}")
    await send(address, "Welcome", unsubscribe_link(address, list_id))
    return True


async def handle_bounce(bounce: dict[str, Any], strikes: dict[str, int]) -> None:
    address = bounce["address"]
    strikes[address] = strikes.get(address, 0) + (3 if bounce.get("permanent") else 1)
    if strikes[address] >= 3:
        await mark(address, "dead")
        del strikes[address]


@da.orchestrator
async def bounce_watch(strikes: dict[str, int]) -> None:
    """Runs for ever; the provider's webhook raises ``bounce``."""
    handled = 0
    while True:
        try:
            bounce = await da.wait_for_event("bounce", dict[str, Any])
            await handle_bounce(bounce, strikes)
        except KeyError as err:
            log.info("odd bounce", missing=str(err))
        except:  # noqa: E722  # expect: DUR135
            log.error("bounce handling failed")
        handled += 1
        if handled >= 1_000:
            da.continue_as_new(bounce_watch(strikes))
