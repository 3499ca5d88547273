"""Routes tickets to bots and people."""

from __future__ import annotations

import asyncio
import itertools
import warnings
from collections import Counter

import durable_async as da

from support.bots import BOTS, Bot, BotContext
from support.models import Priority, Ticket, Verdict


@da.activity(retry=da.RetryPolicy(max_attempts=3))
async def classify(subject: str, body: str) -> Verdict:
    import openai

    reply = await openai.AsyncOpenAI().responses.create(model="gpt-4o-mini", input=f"{subject}\n{body}")
    return Verdict(reply.output_text, 0.9)


@da.activity
async def assign(ticket_id: str, queue: str) -> None:
    print(f"{ticket_id} -> {queue}")


def escalation_path(ticket: Ticket) -> list[str]:
    path = [f"lead-{tag}" for tag in ticket.tags]  # expect: DUR134
    return [*path, "duty-manager"]


def by_rule(ticket: Ticket) -> Verdict:
    words = Counter(ticket.body.lower().split())
    if words["refund"] > 1:
        return Verdict("refunds", 1.0, sorted(ticket.tags))
    return Verdict.unsure()


def make_bot(name: str, ticket: Ticket) -> Bot | None:
    kind = BOTS.get(name)
    return kind(BotContext(ticket)) if kind else None


@da.orchestrator
async def triage(ticket: Ticket) -> str:
    verdict = by_rule(ticket)
    if verdict.confidence < 0.5:
        verdict = await classify(ticket.subject, ticket.body)
    bot = make_bot(verdict.queue, ticket)
    if bot is not None:
        try:
            return await bot.handle()
        except BaseException as error:  # expect: DUR135
            warnings.warn(f"{verdict.queue}: {error}", stacklevel=1)
    await assign(ticket.id, verdict.queue)
    return await escalate(ticket)


async def escalate(ticket: Ticket) -> str:
    deadline = ticket.due(da.now())
    for person in escalation_path(ticket):
        await assign(ticket.id, person)
        try:
            async with asyncio.timeout((deadline - da.now()).total_seconds()):
                return await da.wait_for_event("resolved", str)
        except TimeoutError:
            deadline += Priority.URGENT.value
    return "unresolved"


@da.orchestrator
async def nag_until_closed(ticket: Ticket) -> None:
    for round_ in itertools.count():  # expect: DUR151
        triage(ticket)  # expect: DUR133
        await asyncio.sleep(3600 * min(round_, 24))
        if ticket.priority is Priority.URGENT:
            continue
        await assign(ticket.id, "backlog")
