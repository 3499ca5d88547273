from __future__ import annotations

import asyncio
import sqlite3
import urllib.request
from datetime import timedelta

import azure.durable_functions as df

bp = df.Blueprint()
retry = df.RetryOptions(5_000, 3)


class Ledger:
    def __init__(self, path: str = "ledger.db") -> None:
        self.path = path

    def balance(self, member: str) -> int:
        query = "select cents from balance where member = ?"
        row = sqlite3.connect(self.path).execute(query, (member,)).fetchone()  # expect: DUR121
        return row[0]

    @staticmethod
    def parse(error: sqlite3.Error) -> str:
        return str(error)


def rounded(cents: int, *steps: int) -> int:
    return min(steps, key=lambda step: abs(step - cents), default=cents)


@bp.orchestration_trigger(context_name="context")
def bill(context: df.DurableOrchestrationContext):
    member, cents = context.get_input()
    ledger = Ledger()
    if ledger.balance(member) < rounded(cents, 500, 1000):
        yield context.create_timer(context.current_utc_datetime + timedelta(days=3))
    try:
        receipt = yield context.call_activity_with_retry("charge", retry, [member, cents])
    except Exception as error:
        yield context.call_activity("notify", [member, str(error)])
        raise
    return receipt


@bp.activity_trigger(input_name="order")
def charge(order: list) -> str:
    with urllib.request.urlopen("https://pay.example.com/charge") as reply:
        return reply.read().decode()


@bp.activity_trigger(input_name="message")
async def notify(message: list) -> None:
    await asyncio.to_thread(print, *message)
