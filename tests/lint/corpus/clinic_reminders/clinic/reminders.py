from __future__ import annotations

import asyncio
import typing as t
from datetime import date, datetime, timedelta

import durable_async

from clinic import gateway, messaging
from clinic.messaging.templates import render_custom
from clinic.scheduling import Slot, greeting, next_working_day, now_local, quiet_hours, stamp
from clinic.scheduling.slots import Throttle, rooms
from clinic.scheduling.timeutil import after_quiet, age_of, durable_now_local

LEADS: t.Final = (timedelta(days=7), timedelta(days=1), timedelta(hours=2))


class Patient(t.TypedDict):
    name: str
    number: str
    mail: t.NotRequired[str]
    born: date
    template: t.NotRequired[str]


async def _tell(patient: Patient, text: str) -> None:
    moment = durable_async.now()
    if quiet_hours(moment):
        await durable_async.sleep_until(after_quiet(moment))
    jobs: list[t.Awaitable[t.Any]] = [gateway.send_sms(patient["number"], text)]
    if mail := patient.get("mail"):
        jobs.append(gateway.send_mail(mail, text))
    await asyncio.gather(*jobs)


@durable_async.orchestrator
async def remind(appointment: str, patient: Patient) -> str:
    slot = await gateway.load_slot(appointment)
    for lead in LEADS:
        due = slot.begin - lead
        if due < now_local():
            continue
        await durable_async.sleep_until(due)
        fresh = await gateway.load_slot(appointment)
        if fresh != slot:
            durable_async.continue_as_new(remind(appointment, patient))
        text = messaging.render("reminder", greeting=greeting(), name=patient["name"], when=fresh)
        await _tell(patient, text)
    try:
        async with asyncio.timeout(slot.minutes * 60):
            await durable_async.wait_for_event("checked-in", datetime)
    except TimeoutError:
        minor = age_of(patient["born"]) < 18
        await _tell(patient, messaging.render("missed", greeting="Hello", name=patient["name"], when=slot.minutes))
        return "missed (minor)" if minor else "missed"
    return f"seen {stamp(slot.begin.timestamp())}"


@durable_async.orchestrator
async def offer_replacement(patient: Patient, taken: list[Slot], closed: list[date]) -> str | None:
    day = next_working_day(durable_now_local().date(), set(closed))
    if name := patient.get("template"):
        await _tell(patient, render_custom(name, day=day, rooms=rooms(taken)))
    answer = await durable_async.wait_for_event("answer", str | None)
    return answer and f"{answer} ({stamp()})"


@durable_async.orchestrator
async def morning_round(numbers: dict[str, str]) -> int:
    ids = await gateway.todays_appointments()
    throttle = Throttle(5)
    for appointment in ids:
        with throttle:
            await gateway.send_sms(numbers[appointment], "See you today")
    gateway.send_mail("desk@clinic.example", f"{len(ids)} reminded")  # expect: DUR133
    return len(ids)


async def preview(patient: Patient) -> str:
    """For the admin page; ordinary code."""
    today = date.today()
    slot = Slot(datetime.now() + timedelta(days=1))
    return messaging.render("reminder", greeting=f"{today:%A}", name=patient["name"], when=slot)
