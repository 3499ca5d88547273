from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from functools import reduce
from operator import add
from typing import Any

from privacy import audit
from privacy._durable import engine, process, reporting, step
from privacy.stores import Registry, Store, StoreError, registry
from privacy.stores.base import Erased

LEGAL_DEADLINE = timedelta(days=30)
REMIND_EVERY = timedelta(days=5)


@dataclass
class Case:
    subject: str
    mail: str
    stores: list[str] = field(default_factory=lambda: list(registry))
    notes: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return audit.pseudonym(self.subject)[:16]


@step
def send_mail(to: str, template: str, **values: str) -> None:
    print("mail", to, template, values)


@reporting
async def _confirm(subject: str, mail: str) -> bool:
    secret = audit.token()
    await send_mail(mail, "confirm", token=secret)
    try:
        return await asyncio.wait_for(engine.wait_for_event(f"confirm-{secret}", bool), 7 * 86_400)
    except TimeoutError:
        return False


@reporting
async def _erase_one(subject: str, name: str, trail: audit.Trail) -> Erased:
    store = registry[name]
    try:
        erased = await store.erase(subject)
    except StoreError as refusal:
        trail.add("refused", store=name, subject=str(refusal))
        return Erased(name, 0)
    trail.add("erased", store=name, rows=erased.rows)
    return erased


async def _nag(mail: str) -> None:
    while True:
        await engine.sleep(REMIND_EVERY)
        await send_mail(mail, "still-working")
        if engine.info().history_length > 10_000:
            return


@process
async def erase(case: Case) -> Erased:
    async with audit.Trail(case.key) as trail:
        trail.add("opened", number=audit.next_sequence(), salt=audit.salted(case.subject))
        if not await _confirm(case.subject, case.mail):
            trail.add("not confirmed")
            return Erased("none", 0)
        nag = asyncio.create_task(_nag(case.mail))
        total = Erased("none", 0)
        try:
            async with asyncio.timeout(LEGAL_DEADLINE.total_seconds()):
                parts = await asyncio.gather(*(_erase_one(case.subject, name, trail) for name in case.stores))
            total = reduce(add, parts)
        finally:
            nag.cancel()
            await send_mail(case.mail, "done", rows=str(total.rows))
            return total  # expect: DUR135


@process
async def export(case: Case) -> dict[str, Any]:
    stores: list[Store] = [registry[name] for name in case.stores]
    parts = await asyncio.gather(*(store.export(case.subject) for store in stores))
    merged = {part["store"]: part for part in parts}
    line = audit.canonical({"export": case.key, "stores": set(merged)})
    if not await audit.careful(line):
        await audit.best_effort(line.lower())
    case.notes.append(f"exported {len(merged)} of {len(registry)}")
    return {"notes": case.notes, **merged}


@process
async def purge_expired(subjects: list[str], stores) -> int:  # expect: DUR152
    total = 0
    for subject in subjects:
        case = Case(subject, f"{subject}@example.com")
        result = await erase(case)
        if erase(case) == result:  # expect: DUR133
            total += result.rows
    return total


@process(name="erase")
async def erase_everywhere(subject: str) -> int:  # expect: DUR152
    fresh = Registry()
    for name in registry:
        fresh.register(name, type(registry[name]))
    return len(fresh)
