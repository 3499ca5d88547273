"""People decide about large amounts."""

import datetime
import logging
import threading

import azure.durable_functions as df

from shared.amounts import Invoice

bp = df.Blueprint()
APPROVERS = ("cfo", "controller")


def approval_deadline(start: datetime.datetime, days: int = 3) -> datetime.datetime:
    return start + datetime.timedelta(days=days)


def ask_for_approval(context: df.DurableOrchestrationContext, invoice: Invoice):
    """A part of an orchestrator: used by `yield from`."""
    for person in APPROVERS:
        yield context.call_activity("notify", f"{person}: approve {invoice.checksum}?")
        event = context.wait_for_external_event(f"approval-{invoice.number}")
        timer = context.create_timer(approval_deadline(context.current_utc_datetime))
        winner = yield context.task_any([event, timer])
        if winner == event:
            timer.cancel()
            _audit(invoice, person)
            return bool(event.result)
    return False


def _audit(invoice: Invoice, person: str) -> None:
    with open("/home/data/approvals.log", "a", encoding="utf-8") as trail:  # expect: DUR122
        trail.write(f"{invoice.number} {person}\n")
    threading.Timer(5.0, logging.info, ("approved %s", invoice.number)).start()  # expect: DUR131


@bp.orchestration_trigger(context_name="context")
def remind_approvers(context: df.DurableOrchestrationContext):
    invoice = Invoice(**context.get_input())
    while True:  # expect: DUR151
        for person in APPROVERS:
            yield context.call_activity("notify", f"{person}: {invoice.number} waits")
        yield context.create_timer(approval_deadline(context.current_utc_datetime, days=1))
