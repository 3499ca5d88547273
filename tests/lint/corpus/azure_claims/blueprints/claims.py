"""Orchestration of a claim: triage, documents, adjuster, payout."""

import logging
import os
from datetime import datetime, timedelta
from random import choice

import azure.durable_functions as df

from domain import payouts, triage
from domain.texts import letter

bp = df.Blueprint()
RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=3)
log = logging.getLogger("claims")


@bp.orchestration_trigger(context_name="context")
def handle_claim(context: df.DurableOrchestrationContext):
    claim = context.get_input()
    if not context.is_replaying:
        log.info("claim %s", claim["number"])
    received = context.current_utc_datetime

    score = triage.score(claim)
    context.set_custom_status({"score": score, "since": received.isoformat()})
    required = triage.required_documents(claim)
    tasks = [context.call_sub_orchestrator("collect_document", {"claim": claim["number"], "kind": kind}) for kind in required]
    documents = yield context.task_all(tasks)

    if score > triage.MANUAL_ABOVE:
        decision = yield from ask_adjuster(context, claim)
    else:
        decision = {"approved": True, "by": "rules"}
    if not decision["approved"]:
        yield context.call_activity("send_letter", letter("rejected", claim, received))
        return {"status": "rejected", "documents": len(documents)}

    amount = payouts.amount(claim, received)
    reference = payouts.reference(claim["number"], context.new_guid())
    try:
        yield context.call_activity_with_retry("pay_out", RETRY, {"amount": amount, "reference": reference})
    except Exception as error:
        log.warning("payout of %s failed: %s", claim["number"], error)
        yield context.call_activity("notify_ops", str(error))
        return {"status": "payout-failed"}
    context.signal_entity(df.EntityId("Ledger", claim["product"]), "add", amount)
    yield context.call_activity("send_letter", letter("paid", claim, received))
    return {"status": "paid", "amount": amount, "reference": reference}


def ask_adjuster(context: df.DurableOrchestrationContext, claim: dict):
    """Waits ten days, reminding twice, then escalates."""
    team = os.environ.get("ADJUSTER_TEAM", "default")  # expect: DUR124
    adjuster = choice(["mia", "jon", "eva"])  # expect: DUR111
    yield context.call_activity("assign", {"claim": claim["number"], "to": adjuster, "team": team})
    decided = context.wait_for_external_event("AdjusterDecision")
    for days in (4, 3, 3):
        due = context.current_utc_datetime + timedelta(days=days)
        timer = context.create_timer(due)
        winner = yield context.task_any([decided, timer])
        if winner is decided:
            timer.cancel()
            return decided.result
        yield context.call_activity("remind", adjuster)
    # give the mail a moment before the escalation is seen
    context.create_timer(context.current_utc_datetime + timedelta(minutes=5))  # expect: DUR133
    escalated_at = datetime.utcnow()  # expect: DUR101
    yield context.call_activity("escalate", {"claim": claim["number"], "at": escalated_at.isoformat()})
    return {"approved": False, "by": "timeout"}


@bp.activity_trigger(input_name="payment")
def pay_out(payment: dict) -> str:
    import requests

    answer = requests.post(os.environ["PAYOUT_URL"], json={**payment, "sent": datetime.utcnow().isoformat()}, timeout=20)
    answer.raise_for_status()
    return answer.json()["id"]


@bp.activity_trigger(input_name="assignment")
def assign(assignment: dict) -> None:
    log.info("%s goes to %s (%s)", assignment["claim"], assignment["to"], choice(["desk A", "desk B"]))


@bp.activity_trigger(input_name="message")
def notify_ops(message: str) -> None:
    print(datetime.now(), message)
