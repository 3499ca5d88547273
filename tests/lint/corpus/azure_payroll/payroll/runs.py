"""Monthly runs."""

import json
import logging
from datetime import timedelta
from decimal import Decimal

import azure.durable_functions as df

from .activities import bp
from .calc import Payslip, batch_id, month_of, tax_for, working_days

RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=3)


def _slips(rows):
    for row in rows:
        gross = Decimal(row["gross"])
        yield Payslip(row["employee"], gross, tax_for(gross))


def _approval(context, limit):
    """Either the approval or the timer, whichever is first."""
    approved = context.wait_for_external_event("Approved")
    timer = context.create_timer(context.current_utc_datetime + limit)
    winner = yield context.task_any([approved, timer])
    if winner == approved:
        timer.cancel()
        return True
    return False


@bp.orchestration_trigger(context_name="context")
def payroll_run(context: df.DurableOrchestrationContext):
    request = context.get_input()
    month = request.get("month") or month_of()
    batch = batch_id(month)
    context.set_custom_status({"batch": batch, "days": working_days(month)})

    rows = yield context.call_activity_with_retry("load_employees", RETRY, month)
    slips = list(_slips(rows))
    stored = yield context.task_all(
        [context.call_activity("store_slip", {"employee": s.employee, "line": s.line()}) for s in slips]
    )
    approved = yield from _approval(context, timedelta(days=3))
    if not approved:
        return {"batch": batch, "state": "rejected"}

    departments = {row["department"] for row in rows}
    for department in departments:  # expect: DUR134
        yield context.call_sub_orchestrator("close_department", {"department": department})
    logging.info("done with %s", json.dumps(stored))
    return {"batch": batch, "state": "paid", "id": str(context.new_uuid())}


@bp.orchestration_trigger(context_name="context", orchestration="close_department")
def close(context: df.DurableOrchestrationContext):
    payload = context.get_input()
    context.call_activity("transfer", payload)  # expect: DUR133
    total = 0
    for attempt in range(3):
        try:
            reply = yield context.call_activity("transfer", {**payload, "attempt": attempt})
        except Exception:
            yield context.create_timer(context.current_utc_datetime + timedelta(minutes=1))
            continue
        total += 1
        if reply["ok"]:
            break
    return total
