from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import durable_async as da

from .. import audience, delivery
from ..audience import Subscriber
from ..common import Throttle, audit, get_logger, tracking_pixel, unsubscribe_link
from ..common.throttle import provider_slot

log = get_logger("newsletter.campaign")
PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
QUIET = (time(21), time(7))


def fill(template: str, **values: str) -> str:
    return PLACEHOLDER.sub(lambda m: values.get(m[1], m[0]), template)


def after_quiet_hours(at: datetime, zone: str) -> datetime:
    local = at.astimezone(ZoneInfo(zone))
    start, end = QUIET
    if local.time() >= start:
        local = datetime.combine(local.date() + timedelta(days=1), end, tzinfo=local.tzinfo)
    elif local.time() < end:
        local = datetime.combine(local.date(), end, tzinfo=local.tzinfo)
    return local


def compress(text: str) -> str:
    import htmlmin

    return htmlmin.minify(text) if len(text) > 100_000 else text


@da.orchestrator(name="newsletter.group", version="3")
async def send_group(list_id: str, subject: str, body: str, people: list[Subscriber]) -> dict[str, int]:
    """One language's share of a campaign."""
    throttle = Throttle(50)
    counts = {"sent": 0, "bounced": 0, "failed": 0}

    async def one(person: Subscriber) -> None:
        async with throttle:
            text = fill(body, name=person.address.partition("@")[0], out=unsubscribe_link(person.address, list_id))
            try:
                await delivery.send(person.address, subject, text)
            except delivery.Bounced as err:
                counts["bounced"] += 1
                delivery.mark(err.address, "bounced")  # expect: DUR133
            except Exception as err:
                counts["failed"] += 1
                log.error("not sent", to=person.address, why=str(err))
            else:
                counts["sent"] += 1

    for start in range(0, len(people), 500):
        await asyncio.gather(*map(one, people[start : start + 500]))
        da.set_custom_status(dict(counts))
        await provider_slot(600)
    return counts


@da.orchestrator(name="newsletter.campaign")
async def campaign(
    list_id: str,
    template: str,
    subjects: dict[str, str],
    expressions: list[str],
    on_progress: Callable[[int], None] | None = None,  # expect: DUR152
) -> dict[str, dict[str, int]]:
    run = log.bind(campaign=da.info().instance_id)
    people = audience.select(expressions, await delivery.subscribers(list_id), legacy=template.startswith("v1/"))
    if not people:
        run.info("nobody to write to")
        return {}
    run.info("selected", n=len(people), tags=audience.all_tags(people))
    da.set_custom_status({"selected": len(people), "tag": audience.top_tag(people)})
    await da.sleep_until(after_quiet_hours(da.now(), os.environ["TZ_MARKET"]))  # expect: DUR124

    found = audience.languages(people)
    bodies = {}
    for language in found:  # expect: DUR134
        bodies[language] = await delivery.render(template, language)
    groups = audience.by_language(people)
    pixel = tracking_pixel(da.info().instance_id)
    children = {
        language: asyncio.create_task(
            send_group(list_id, subjects.get(language, subjects["en"]), compress(bodies[language] + pixel), members)
        )
        for language, members in groups.items()
    }
    done, late = await asyncio.wait(children.values(), timeout=6 * 3600)
    if late:
        audit("campaign.late", languages=sorted(k for k, t in children.items() if t in late))
    results = {}
    for language, task in children.items():
        if task in done and task.exception() is None:
            results[language] = task.result()
        else:
            task.cancel()
    return results


@da.orchestrator(name="newsletter.nightly")
async def nightly(list_ids: list[str]) -> None:
    results = await asyncio.gather(*(campaign(i, "nightly", {"en": "News"}, ["opened > 3"]) for i in list_ids))
    sizes = await asyncio.to_thread(lambda: [len(r) for r in results])  # expect: DUR131
    log.info("nightly", sizes=sizes)
    tomorrow = da.now() + timedelta(days=1)
    await da.sleep_until(tomorrow.replace(hour=3, minute=0, second=0, microsecond=0))
    da.continue_as_new(nightly(list_ids))
