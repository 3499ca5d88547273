from __future__ import annotations

import json
import uuid
from datetime import timedelta

import azure.durable_functions as df

from . import catalog, shipping
from .audit import audited, trail

bp = df.Blueprint()


@bp.orchestration_trigger(context_name="context")
def monthly_box(context: df.DurableOrchestrationContext):
    wish = context.get_input()
    member = wish["member"]
    items = yield context.call_activity("list_items", member)
    items = catalog.shuffled_for(member, catalog.ranked(items))
    best = catalog.heaviest(items)
    with audited(f"{member}:{best['sku']}"):
        yield context.call_activity("pack", [item["sku"] for item in items])
    number = yield from shipping.parcel(context, member)
    reference = f"{context.new_guid()}/{uuid.uuid4()}"  # expect: DUR112
    context.call_activity("notify", [member, number])  # expect: DUR133
    winner = yield context.task_any(
        [context.wait_for_external_event("returned"), context.create_timer(shipping.due(context))]
    )
    context.set_custom_status(json.dumps({"reference": reference, "season": catalog.season("winter")}))
    return winner.result if winner else trail()


@bp.orchestration_trigger(context_name="ctx", orchestration="yearly")
def yearly_gift(ctx):
    rows = catalog.tidy(catalog.stock_table())
    for row in catalog.shuffled(rows):
        yield ctx.call_sub_orchestrator("monthly_box", row)
    catalog.remember(rows[0]["sku"])
    tasks = [ctx.call_activity("notify", [number, ""]) for number in shipping.tracked(ctx.get_input())]
    yield ctx.task_all(tasks)
    more = [ctx.call_activity("pack", number) for number in shipping.tracked_in_order(ctx.get_input())]
    yield ctx.task_all(more)
    return shipping.due_locally().isoformat()


@bp.orchestration_trigger(context_name="context")
def churn_watch(context: df.DurableOrchestrationContext):
    while True:  # expect: DUR151
        yield context.create_timer(context.current_utc_datetime + timedelta(days=1))
        yield context.call_activity("notify", ["manager", "daily"])


@bp.orchestration_trigger(context_name="context")
def refill_watch(context: df.DurableOrchestrationContext):
    attempt = context.get_input() or 0
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=shipping.backoff(attempt)))
    stock = yield context.call_activity("list_items", "all")
    if len(stock) < 10:
        yield context.call_activity("pack", [])
    context.continue_as_new(attempt + 1)


@bp.activity_trigger(input_name="member")
def list_items(member: str) -> list:
    return catalog.stock_table() if catalog.leaflets() else []


@bp.activity_trigger(input_name="skus")
def pack(skus: list) -> str:
    return str(uuid.uuid4())
