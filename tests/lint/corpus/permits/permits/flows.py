from __future__ import annotations

import asyncio
from datetime import timedelta

import durable_async as da

from . import fees, hearings
from .acts import invoice, land_registry, send_letter
from .context import abort, acting_as, acting_as_operator, note, origin
from .register import Parcel

TABLE = {
    "waive": fees.waive,
    "plain": lambda cents: cents,
    "double": lambda cents: cents * 2,
}


@da.orchestrator(version="2")
async def apply(applicant: str, parcel: str, kinds: list[str], fee_rule: str = "plain") -> str:
    ref = da.entity_ref(Parcel, parcel)
    with acting_as(applicant):
        deed = await land_registry(parcel)
        cents = sum(fees.rate(kind) for kind in kinds) * fees.zone_factor(parcel)
        cents = TABLE[fee_rule](int(cents))
        lines = fees.collect_lines(kinds[0]) + fees.described(kinds)
    number = await ref.call(Parcel.grant, kinds[0])
    with acting_as_operator() as operator:
        note("granted", operator=operator, deed=deed["deed"], dearest=fees.dearest(kinds))
    body = f"{fees.template('grant')}\n{fees.shown(cents)}\n{fees.shown_plain(cents)}\n{lines}"
    await send_letter(applicant, number, body)
    ref.signal(Parcel.touch)
    return fees.region() + number


@da.orchestrator
async def hearing(parcel: str, neighbours: frozenset[str], days: int = 14) -> list[str]:
    people = frozenset(hearings.Neighbour(name, "10.0.0.1") for name in neighbours)
    async with hearings.announced(parcel):
        reached = sum(1 for person in people if person.reachable())
        invited = await hearings.invite(people, parcel)
        heard = await hearings.objections(parcel, days)
        heard += await hearings.objections_until_closed(parcel)
    await hearings.retrying(lambda subject: send_letter("board", subject, origin()), parcel)
    await hearings.saga(parcel)
    if reached > invited:
        abort("more reached than invited")
    return heard


@da.orchestrator
async def remind(applicant: str, cents: int) -> str:
    bill = asyncio.ensure_future(invoice(applicant, cents))
    da.sleep(timedelta(days=14))  # expect: DUR133
    paid = da.wait_for_event("paid", bool)
    try:
        async with asyncio.timeout(86_400):
            await paid
    except TimeoutError:
        unpaid = invoice(applicant, cents * 2)  # expect: DUR133
    return await bill


@da.orchestrator
async def office_hours(office: str) -> None:
    while 1:  # expect: DUR151
        try:
            await da.wait_for_event("visitor", str)
        except Exception:
            continue
        for _ in range(3):
            await send_letter(office, "visitor", "")
            break


async def _preview(applicant: str) -> None:
    da.sleep(1)
    print(applicant)
