from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import durable_async as da

from hiring.agents import Screener, Summariser
from hiring.calendar import free_of, nag, nag_three_times, next_slot
from hiring.mail import invite, reject
from hiring.store import CandidateRepository, SessionLocal, ping, save_score


@dataclass
class Application:
    candidate_id: int
    email: str
    resume: str
    role: str
    tags: list[str] = field(default_factory=list)


@da.orchestrator(name="apply")
async def apply(application: Application) -> str:
    score = await Screener().score(application.resume, application.role)
    await asyncio.to_thread(save_score, application.candidate_id, score)  # expect: DUR131
    if score < 50:
        await reject(application.email)
        return "rejected"
    with SessionLocal() as session:
        stage = CandidateRepository(session).stage(application.candidate_id)
        if stage == "withdrawn" or not CandidateRepository(session).emails("new"):
            return "withdrawn"
    slots = await free_of({"lena": {"mon", "tue"}, "omar": {"tue"}})
    slot = slots[0] if slots else next_slot(set())
    reminder = asyncio.create_task(nag("lena"))
    invite(application.email, slot)  # expect: DUR133
    try:
        verdict = await da.wait_for_event("verdict", str)
    finally:
        reminder.cancel()
    summary = await Summariser().summary(application.resume)
    return f"{verdict}: {summary}"


@da.orchestrator(name="outreach")
async def outreach(emails: list[str]) -> int:
    alive = ping()
    waves = [emails[i : i + 20] for i in range(0, len(emails), 20)]
    for wave in waves:
        async with asyncio.TaskGroup() as group:
            for email in wave:
                group.create_task(invite(email, "open day"))
        await nag_three_times("outreach")
    return len(emails) if alive else 0
