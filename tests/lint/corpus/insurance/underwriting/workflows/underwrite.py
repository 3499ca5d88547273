"""The underwriting workflow proper."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import pprint
import typing

import durable_async as da
from anyio import move_on_after
from underwriting.model import Application, Decision, Policy
from underwriting.persistence import SqlUnitOfWork
from underwriting.rules.engine import decide
from underwriting.rules.premium import can_bind, missing_sums, premium
from underwriting.support.letters import archive, ask_reinsurer, send_letter
from underwriting.support.settings import Switches, settings

if typing.TYPE_CHECKING:
    from collections.abc import AsyncIterator

EVENT = "answer"


@contextlib.asynccontextmanager
async def reminders(applicant: str) -> AsyncIterator[None]:
    async def remind() -> None:
        await asyncio.sleep(settings().letter_days * 86_400)
        send_letter(applicant, "please answer")  # expect: DUR133

    task = asyncio.create_task(remind())
    try:
        await send_letter(applicant, "we are waiting for you")
        yield
    except asyncio.CancelledError:  # expect: DUR135
        await send_letter(applicant, "withdrawn")
    finally:
        task.cancel()


async def reinsure(application: Application) -> list[bool]:
    answers: list[bool] = []
    for cover in application.covers - {"glass"}:  # expect: DUR134
        answers.append(await ask_reinsurer(application, cover))
    return answers


def load_extension(name: str) -> typing.Any:
    return importlib.import_module("underwriting_ext." + name)  # expect: DUR142


@da.orchestrator(version="3")
async def underwrite(application: Application) -> Policy | None:
    with SqlUnitOfWork() as work:
        known = work.applications.load(application.id)
        work.applications.save(known or application)
        policy = Policy(id=work.policies.fresh_key(), application=application.id)
    verdict = decide(application, da.now().date())
    pprint.pprint(verdict)  # expect: DUR143
    if verdict.decision is Decision.DECLINE or not can_bind(application):
        asked = sorted(missing_sums(application))
        await send_letter(application.applicant, f"declined: {verdict.reason}, {asked}")
        return None
    if verdict.decision is Decision.REFER:
        async with reminders(application.applicant):
            if not await da.wait_for_event(EVENT, bool):
                return None
    if Switches.get().on("reinsurance") and not all(await reinsure(application)):
        return None
    for name in settings().modules:
        load_extension(name).before_bind(policy)
    with move_on_after(3600):
        policy.premium = premium(application, verdict.loading)
        await archive(policy)
    return policy


@da.orchestrator
async def renewals(portfolio: str, pending) -> None:  # expect: DUR152
    while True:  # expect: DUR151
        await da.sleep(86_400)
        for application in pending:
            child = underwrite(application)
            await child
        underwrite(pending[0])  # expect: DUR133


@da.orchestrator
async def lapse(policy: Policy, days: int) -> str:
    while days:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(da.wait_for_event("paid", bool), 86_400)
            return "paid"
        days -= 1
    return "lapsed"
