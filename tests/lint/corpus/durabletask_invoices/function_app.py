"""Invoices: read, check, approve, pay."""

import datetime
import json
import logging
import os
import random
import time
import uuid

import azure.durable_functions as df
import azure.functions as func

from shared.activities import bp as activities
from shared.amounts import Invoice, late_fee, rate_for, split_by_vendor
from shared.approvals import approval_deadline, ask_for_approval
from shared.approvals import bp as approvals

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
app.register_functions(activities)
app.register_functions(approvals)
RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=3)
RECIPIENT = os.environ.get("AP_RECIPIENT", "ap@example.com")


@app.route(route="invoices", methods=["POST"])
@app.durable_client_input(client_name="client")
async def receive(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    instance = await client.start_new("process_batch", str(uuid.uuid4()), req.get_json())
    logging.info("started %s at %s", instance, datetime.datetime.now())
    return client.create_check_status_response(req, instance)


@app.timer_trigger(schedule="0 0 6 * * *", arg_name="timer")
@app.durable_client_input(client_name="client")
async def nightly(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:
    time.sleep(random.random())
    await client.start_new("month_end", None, {"day": datetime.date.today().isoformat()})


@app.orchestration_trigger(context_name="context")
def process_batch(context: df.DurableOrchestrationContext):
    invoices = [Invoice(**raw) for raw in context.get_input()]
    batch_id = uuid.uuid4().hex  # expect: DUR112
    checks = [context.call_activity_with_retry("check_invoice", RETRY, invoice.number) for invoice in invoices]
    verdicts = yield context.task_all(checks)
    approved = []
    for invoice, fine in zip(invoices, verdicts):
        if not fine:
            context.call_activity("notify", f"{invoice.number} is not in order")  # expect: DUR133
            continue
        if invoice.cents > 500_000:
            decision = yield from ask_for_approval(context, invoice)
            if not decision:
                continue
        approved.append(invoice)
    for vendor, group in split_by_vendor(approved).items():
        total = sum(invoice.cents + late_fee(invoice, context.current_utc_datetime) for invoice in group)
        euros = total * rate_for("USD")
        receipt = yield context.call_activity("pay", {"vendor": vendor, "cents": int(euros), "batch": batch_id})
        context.set_custom_status({"vendor": vendor, "receipt": receipt})
    if not context.is_replaying:
        logging.info("%d of %d paid", len(approved), len(invoices))
    print("batch", batch_id, "is done")  # expect: DUR143
    return [invoice.number for invoice in approved]


@app.orchestration_trigger(context_name="context")
def month_end(context: df.DurableOrchestrationContext):
    day = context.get_input()["day"]
    opened = datetime.datetime.utcnow()  # expect: DUR101
    vendors = set((yield context.call_activity("list_vendors", day)))
    tasks = [context.call_sub_orchestrator("statement", v) for v in vendors]  # expect: DUR134
    yield context.task_all(tasks)
    pause = approval_deadline(context.current_utc_datetime, days=1)
    context.create_timer(pause)  # expect: DUR133
    recipient = os.environ["AP_RECIPIENT"]  # expect: DUR124
    yield context.call_activity("notify", json.dumps({"to": recipient, "opened": opened.isoformat()}))
    yield context.call_activity("notify", RECIPIENT)


@app.orchestration_trigger(context_name="ctx", orchestration="statement")
def vendor_statement(ctx: df.DurableOrchestrationContext):
    vendor = ctx.get_input()
    for attempt in range(3):
        text = yield ctx.call_activity("render_statement", vendor)
        if text:
            return f"{vendor}: {len(text)} ({ctx.new_uuid()})"
        time.sleep(5)  # expect: DUR102
        wait = ctx.current_utc_datetime + datetime.timedelta(minutes=random.randint(1, 5))  # expect: DUR111
        yield ctx.create_timer(wait)
    return ""


@app.orchestration_trigger(context_name="context")
def watch_inbox(context: df.DurableOrchestrationContext):
    """Eternal: starts over after every look."""
    found = yield context.call_activity("list_inbox", None)
    for name in sorted(set(found)):
        yield context.call_sub_orchestrator("process_batch", name)
    yield context.create_timer(context.current_utc_datetime + datetime.timedelta(minutes=10))
    context.continue_as_new(None)


@app.entity_trigger(context_name="context")
def vendor_balance(context: df.DurableEntityContext):
    balance = context.get_state(lambda: 0)
    if context.operation_name == "add":
        balance += context.get_input()
    context.set_state(balance)
    context.set_result(balance)
