from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import durable_async

from .activities import cancel_hotel, hold_seat, issue_voucher, reprotect
from .exceptions import NoSeat
from .handlers import BusinessHandler, FamilyHandler, UnaccompaniedMinorHandler
from .inventory.search import FareSearch, cabin_order

_HANDLERS = {"family": FamilyHandler, "business": BusinessHandler, "um": UnaccompaniedMinorHandler}


@durable_async.orchestrator
async def handle_cancellation(flight: str, parties: dict[str, str]) -> dict[str, str]:
    log = durable_async.get_logger("irrops")
    outcome: dict[str, str] = {}
    for pnr, kind in parties.items():
        handler = _HANDLERS[kind](pnr, flight)
        try:
            outcome[pnr] = await handler.run()
        except NoSeat as error:
            log.warning("no seat for %s: %s", pnr, error)
            await issue_voucher(pnr, 60_000)
            outcome[pnr] = "voucher"
        except:  # expect: DUR135
            outcome[pnr] = "manual"
    return outcome


@durable_async.orchestrator
async def monitor_hub(hub: str, on_change: Callable[[str], None]) -> None:  # expect: DUR152
    search = FareSearch(hub)
    while True:  # expect: DUR151
        delayed = await search.delayed()
        for flight in delayed:
            reprotect(flight)  # expect: DUR133
        await asyncio.sleep(300)


@durable_async.orchestrator
async def overnight(pnr: str, hub: str) -> bool:
    watchdog = threading.Timer(30, lambda: None)  # expect: DUR131
    watchdog.daemon = True
    held = hold_seat(pnr, "next-morning")
    if f"{hold_seat(pnr, 'evening')}" == "ok":  # expect: DUR133
        return False
    try:
        return await held == "ok"
    except asyncio.CancelledError:
        await cancel_hotel(pnr)
        raise
    finally:
        for cabin in cabin_order(hub):
            log_cabin(cabin)


def log_cabin(cabin: str) -> None:
    durable_async.get_logger("irrops.cabin").debug("%s", cabin)
