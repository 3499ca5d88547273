"""The clearing of one shipment, from the booking to the gate."""

import asyncio
import contextlib
import logging
from datetime import timedelta
from decimal import Decimal

import durable_async as da

from . import activities
from .activities import lodge_declaration, notify_broker, vessel_position
from .rules import duty_for, preferential_origin
from .rules.origin import heaviest, origins_text

log = logging.getLogger(__name__)

Position = tuple[float, float]


def _reference(shipment: dict) -> str:
    day = da.now().strftime("%y%m%d")
    return f"{shipment['id']}-{day}-{da.uuid4().hex[:6]}"


async def _inform(broker: str, text: str) -> None:
    with contextlib.suppress(Exception):
        await notify_broker(broker, text)


@da.orchestrator
async def clear_shipment(shipment: dict, broker: str) -> dict:
    reference = _reference(shipment)
    goods = shipment["goods"]
    origin = preferential_origin(goods)
    log.info("clearing %s, origin %s (%s)", reference, origin, origins_text(goods))
    duties = sum(
        (duty_for(good["code"], Decimal(good["value"]), shipment["declared"]) for good in goods),
        Decimal(0),
    )
    activities.render_manifest(reference)  # expect: DUR133
    mrn = await lodge_declaration(reference, goods)
    try:
        async with asyncio.timeout(timedelta(days=3).total_seconds()):
            released = await da.wait_for_event("released", bool)
    except TimeoutError:
        _inform(broker, f"{mrn} is late")  # expect: DUR133
        released = False
    except asyncio.CancelledError:  # expect: DUR135
        await _inform(broker, f"{mrn} was withdrawn")
        return {"mrn": mrn, "released": False, "duties": "0"}
    if heaviest(goods) > 10_000:
        later = asyncio.create_task(_inform(broker, "heavy goods"))
        await later
    return {"mrn": mrn, "released": released, "duties": str(duties)}


def _moved(before: Position, now: Position) -> bool:
    return abs(before[0] - now[0]) + abs(before[1] - now[1]) > 0.05


@da.orchestrator
async def follow_vessel(imo: int, broker: str) -> None:
    last = await vessel_position(imo)
    while True:  # expect: DUR151
        await asyncio.sleep(timedelta(minutes=30).total_seconds())
        here = await vessel_position(imo)
        if _moved(last, here):
            await _inform(broker, f"{imo} is at {here}")
        last = here


@da.orchestrator
async def follow_container(number: str, seen: int = 0) -> int:
    while True:
        event = await da.wait_for_event("gate", str)
        seen += 1
        if seen >= 500:
            da.continue_as_new(follow_container(number, seen))
        log.info("%s passed %s", number, event)
