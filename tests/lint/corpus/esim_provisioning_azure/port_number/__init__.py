import logging
from datetime import timedelta

import azure.durable_functions as df


def _steps(order: dict) -> list[str]:
    return sorted({"donor", "recipient"} | set(order.get("extra", [])))


def _try_port(context, order):
    for attempt in range(5):
        answer = yield context.call_activity("port", order)
        if answer == "accepted":
            return attempt
        yield context.create_timer(context.current_utc_datetime + timedelta(minutes=2**attempt))
    return -1


def orchestrator_function(context: df.DurableOrchestrationContext):
    order = context.get_input()
    try:
        attempts = yield from _try_port(context, order)
    except Exception:
        logging.warning("could not port %s", order)
        attempts = -1
    for step in _steps(order):
        yield context.call_activity("confirm", step)
    context.create_timer(context.current_utc_datetime + timedelta(hours=1))  # expect: DUR133
    while True:
        event = yield context.wait_for_external_event("complaint")
        if event is None:
            break
    return {"attempts": attempts, "again": id(order)}  # expect: DUR125


main = df.Orchestrator.create(orchestrator_function)
