"""The hospital's flows."""

from __future__ import annotations

import asyncio

import durable_async as da
from durable_async import now

from wards import durable_flow

from . import planning, services, waiting
from .engine import pause
from .people import Patient, Roster, Shift
from .registry import BedRegistry, append_local, append_note, history_size
from .theatre import directory_for, mail_family


class TheatrePlan:
    def __init__(self, site: str) -> None:
        self.directory = directory_for(site)
        self.beds = BedRegistry()

    async def prepare(self, day: str) -> str:
        room = self.directory.first(day)
        if room is None:
            raise LookupError(day)
        await services.sterilise(room)
        return room


@durable_flow
async def plan_surgery(patient: Patient, site: str, strategy: str) -> str:
    plan = TheatrePlan(site)
    room = await plan.prepare(str(now().date()))
    queue = planning.STRATEGIES[strategy]([patient])
    plan.beds.open_bed()
    while not plan.beds.take(f"B{patient.bucket()}", str(patient)):
        await pause(600)
    plan.beds.free("B0")
    append_note(patient.initials)
    append_local(patient.initials)
    lucky = planning.tie_break(patient, queue[0])
    mail_family(lucky, f"theatre {room}, {history_size()} entries")
    return f"{room} {patient.stable_bucket()} {patient.age_on(now().date())} {plan.beds.known}"


@durable_flow
async def staff_ward(nurses: list[str], waiting_list: set[str]) -> str:
    roster = Roster()
    for nurse in nurses:
        roster += Shift(nurse, now())
    for window in planning.windows():
        for nurse in nurses:
            await services.page_nurse(nurse, window)
    for slot in planning.slots():
        await asyncio.sleep(slot)
    for nurse in roster.nurses():  # expect: DUR134
        await services.page_nurse(nurse, "start")
    services.page_nurse(nurses[0], "lead")  # expect: DUR133
    first = planning.backlog(waiting_list, set()) or planning.drain(waiting_list)
    total = planning.nurse_count(roster)
    return f"{planning.nurse_line(roster)} {first} {total} {planning.ordered_windows()}"


@durable_flow
async def clean_theatre(room: str) -> bool:
    gate = waiting.DurableGate()
    old = waiting.Gate()
    inbox = waiting.make_inbox()
    task = asyncio.ensure_future(services.admit(room))
    try:
        await asyncio.wait_for(gate.wait(), 60)
        await inbox.next_quiet()
    except (asyncio.CancelledError, TimeoutError):  # expect: DUR135
        old.wait(5)
    await asyncio.wait({task})
    waiting.backoff(1)
    await waiting.backoff_durably(1)
    return inbox.next() == waiting.result_of_task(task)


@durable_flow
async def nightly_round(ward: str) -> None:
    while True:  # expect: DUR151
        try:
            await services.page_nurse(ward, "round")
        except ValueError:
            continue
        finally:
            pause(1)  # expect: DUR133
        await pause(6 * 3_600)


@durable_flow
async def collect(ward: str):  # expect: DUR152
    results = []
    try:
        results.append(await services.admit(ward))
        await da.sleep(60)
    finally:
        return results  # expect: DUR135


@durable_flow
async def wait_for_labs(sample: str) -> str:
    while True:
        try:
            return await asyncio.wait_for(da.wait_for_event(f"lab-{sample}", str), 3_600)
        except TimeoutError:
            await services.page_nurse("lab", sample)
        except asyncio.CancelledError:
            await services.page_nurse("lab", f"{sample} withdrawn")
            raise
