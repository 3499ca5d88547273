"""Ported from Azure Durable Functions (Python v2 model). `yield context.call_activity(...)` became `await ...`."""
import asyncio
import json
import logging
from datetime import timedelta

import durable_async as da

from function_app.activities import (
    charge_fee,
    check_zoning,
    inspect_site,
    load_application,
    notify_applicant,
    publish_notice,
)
from function_app.shared import config, gis, tracing
from function_app.shared.compat import RetryOptions, current_utc_datetime

FIRST_RETRY_MS = 5_000


@da.orchestrator(name="PermitOrchestrator")
async def permit_orchestrator(application_id: str) -> dict:
    logging.info("orchestrating %s", application_id)
    started = current_utc_datetime()
    application = await load_application(application_id)
    tracing.track_event("started", application_id)

    checks = [check_zoning(application, zone) for zone in application["zones"]]
    checks.append(inspect_site(application))
    results = await asyncio.gather(*checks)
    if not all(r["ok"] for r in results):
        await notify_applicant(application_id, "rejected")
        return {"status": "rejected"}

    fee = await charge_fee.options(retry=RetryOptions(FIRST_RETRY_MS, 3).policy())(application_id, gis.area(application))
    limit = config.get("APPEAL_DAYS", 30)
    timeout = asyncio.create_task(asyncio.sleep(timedelta(days=limit).total_seconds()))
    objection = asyncio.create_task(da.wait_for_event("Objection", str))
    winner, losers = await asyncio.wait({timeout, objection}, return_when=asyncio.FIRST_COMPLETED)
    for loser in losers:
        loser.cancel()
    if objection in winner:
        hearing = hearing_orchestrator(application_id, objection.result())
        return json.loads(await hearing)
    publish_notice(application_id)  # expect: DUR133
    return {"status": "granted", "fee": fee, "since": started.isoformat()}


@da.orchestrator(name="HearingOrchestrator")
async def hearing_orchestrator(application_id: str, objection: str) -> str:
    parties = gis.neighbours(application_id)
    for party in parties:
        await notify_applicant(party, objection)
    votes = [await da.wait_for_event(f"Vote{n}", bool) for n in range(3)]
    return json.dumps({"status": "granted" if sum(votes) >= 2 else "rejected"})


@da.orchestrator(name="HearingOrchestrator")
async def second_hearing(application_id: str, objection: str) -> str:  # expect: DUR152
    async with asyncio.timeout(timedelta(days=60).total_seconds()):
        return await da.wait_for_event("Ruling", str)


@da.orchestrator(name="Watchdog")
async def watchdog(district: str) -> None:
    """Eternal orchestration."""
    for _ in tracing.forever():
        backlog = gis.backlog(district)
        if backlog:
            await notify_applicant(district, f"{backlog} waiting")
        await da.sleep(timedelta(hours=1))
        da.continue_as_new(watchdog(district))


@da.orchestrator(name="Reminder")
async def reminder(application_id: str):  # expect: DUR152
    while 1:  # expect: DUR151
        await da.sleep(timedelta(days=7))
        await notify_applicant(application_id, config.reminder_text())
