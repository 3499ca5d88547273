"""Closing the year: reminders until everything is signed."""

import socket
from datetime import datetime, timedelta, timezone

import azure.durable_functions as df

from .calc import parse_stamp

bp = df.Blueprint()
EPOCH = datetime(2020, 1, 1, tzinfo=timezone.utc)


class Ledger:
    def __init__(self, context):
        self.context = context
        self.entries = []

    def post(self, text):
        stamp = self.context.current_utc_datetime
        self.entries.append(f"{(stamp.replace(tzinfo=timezone.utc) - EPOCH).days}:{text}")

    def host(self):
        return socket.gethostname()  # expect: DUR125

    def age(self, text):
        year = parse_stamp(text).tm_year
        return datetime.today().year - year  # expect: DUR101


@bp.orchestration_trigger(context_name="ctx")
def close_year(ctx: df.DurableOrchestrationContext):
    ledger = Ledger(ctx)
    state = ctx.get_input() or {"rounds": 0, "opened": "2024-01-01"}
    ledger.post(f"opened {ledger.age(state['opened'])} years ago")
    response = yield ctx.call_http("GET", "https://tax.example/open")
    if response["status_code"] != 200:
        ledger.post(ledger.host())
    deadline = ctx.current_utc_datetime + timedelta(days=7)
    yield ctx.create_timer(deadline)
    if state["rounds"] < 52:
        state["rounds"] += 1
        ctx.continue_as_new(state)
        return None
    return ledger.entries
