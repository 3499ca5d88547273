"""The orchestrators.  Plain generators; nothing here does I/O."""

import dataclasses
from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any

from durabletask import task

from ingest import activities
from ingest.model import Batch, Feed, Report, Window
from ingest.partners import Globex, Partner, partner_of
from ingest.quality import QualityGate, overlap

RETRY = task.RetryPolicy(first_retry_interval=timedelta(seconds=5), max_number_of_attempts=4)
Steps = Generator[task.Task, Any, Any]


def ingest_feed(ctx: task.OrchestrationContext, given: dict) -> Steps:
    feed = Feed(**given["feed"])
    partner = partner_of(feed, given.get("profile"))
    rows = yield ctx.call_activity(activities.count_rows, input=dataclasses.asdict(feed), retry_policy=RETRY)
    batches = Batch(feed.partner, 0, rows).split(partner.parallelism(feed))
    work = [ctx.call_activity(activities.import_batch, input=dataclasses.asdict(b), retry_policy=RETRY) for b in batches]
    results = yield task.when_all(work)

    report = Report(feed.partner)
    for result in results:
        report = report + Report(feed.partner, host=ctx.instance_id, **result)
    gate = QualityGate(limit=0.05, columns=feed.columns)
    if not gate.accepts(report):
        ctx.set_custom_status("waiting for a data steward")
        verdict = yield ctx.wait_for_external_event("verdict")
        if verdict != "accept":
            return dataclasses.asdict(report)
    yield from settle(ctx, partner)
    yield ctx.call_activity(activities.publish, input=dataclasses.asdict(report))
    return dataclasses.asdict(report)


def settle(ctx: task.OrchestrationContext, partner: Partner) -> Steps:
    yield ctx.create_timer(timedelta(seconds=partner.settle_seconds()))


def backfill(ctx: task.OrchestrationContext, given: dict) -> Steps:
    """One child per day, five at a time."""
    window = Window(datetime.fromisoformat(given["since"]))
    running: list[task.Task] = []
    total = 0
    for day in window:
        running.append(ctx.call_sub_orchestrator(ingest_feed, input={"feed": given["feed"]}, instance_id=f"{ctx.instance_id}:{day:%Y%m%d}"))
        if len(running) >= 5:
            first = yield task.when_any(running)
            running.remove(first)
            total += first.get_result()["rows"]
    rest = yield task.when_all(running)
    total += sum(result["rows"] for result in rest)
    for column in overlap(given["feed"]["columns"], given["expected"]):
        yield ctx.call_activity(activities.publish, input={"feed": column, "rows": total})
    return total


def poll_partner(ctx: task.OrchestrationContext, state: dict) -> Steps:
    """Runs for ever, a generation per day."""
    for _ in range(24):
        names = yield ctx.call_activity(activities.newest, input=state["partner"])
        fresh = set(names) - set(state["seen"])
        for name in sorted(fresh):
            yield ctx.call_sub_orchestrator(ingest_feed, input={"feed": {"partner": state["partner"], "url": name}})
        if ctx.call_activity(activities.count_rows, input={"url": state["partner"]}) == 0:  # expect: DUR133
            ctx.set_custom_status("nothing there")
        state["seen"] = sorted(set(state["seen"]) | fresh)
        ctx.create_timer(timedelta(hours=1))  # expect: DUR133
    ctx.continue_as_new(state)


def describe_all() -> list[str]:
    """`ingest partners` on the command line."""
    return [cls().describe() for cls in set(Partner.registry.values()) if cls is not Globex]
