"""The agent loop: think, act, remember, until done or out of budget."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from durable_async import events, now, orchestrator, patched, sleep, uuid4
from openai import AsyncOpenAI

from acme.agents import models, tools
from acme.platform import aio, telemetry
from acme.platform.caching import LocalCache, SharedCache, memoised

BUDGET = 40
openai = AsyncOpenAI()


@dataclass
class Turn:
    role: str
    text: str
    at: datetime = field(default_factory=now)
    turn_id: str = field(default_factory=lambda: str(uuid4()))


@dataclass
class Session:
    goal: str
    privileged: bool = False
    turns: list[Turn] = field(default_factory=list)

    def say(self, role: str, text: str) -> None:
        self.turns.append(Turn(role, text))


@memoised
async def plan_for(goal: str) -> list[str]:
    return await models.plan(goal)


@orchestrator
async def run_agent(goal: str, privileged: bool = False) -> str:
    telemetry.correlate(str(uuid4()))
    telemetry.banner(goal)
    session = Session(goal, privileged)
    session.say("system", tools.privileged_hint() if privileged else "be brief")
    cache = SharedCache() if patched("shared-cache") else LocalCache()
    async with AsyncExitStack() as stack:
        stack.callback(telemetry.count, "agents.finished")
        for step in await plan_for(goal):
            with telemetry.timed(step):
                if (known := await cache.get(step)) is not None:
                    session.say("tool", known.decode())
                    continue
                await take(session, step)
    return await summarise(session)


async def take(session: Session, step: str) -> None:
    for _ in range(BUDGET):
        action = await aio.with_backoff(lambda: models.choose(session.goal, step, tools.catalogue(session.privileged)))
        if action["name"] == "done":
            return
        try:
            result = await asyncio.wait_for(tools.dispatch(action["name"], action["arguments"]), 120)
        except TimeoutError:
            result = {"error": "timed out"}
        except Exception as error:
            telemetry.report(error)
            result = {"error": str(error)}
        session.say("tool", str(result))
    sleep(1)  # expect: DUR133


async def summarise(session: Session) -> str:
    texts = [turn.text for turn in session.turns]
    drafts = await aio.map_bounded(models.condense, texts, limit=3)
    best = await aio.first_result(models.merge(drafts, "short"), models.merge(drafts, "long"))
    best = await aio.protected(lambda: models.condense(best))
    return await aio.in_background(str.strip, best)


@orchestrator(name="converse")
async def converse(user: str) -> None:
    """Never ends by itself: one instance per user."""
    async for message in incoming(user):
        reply = await run_agent(message)
        await models.send(user, reply)


async def incoming(user: str) -> AsyncIterator[str]:
    async for text in aio.merged(events("message", str), reminders(user)):
        if text.strip():
            yield text


async def reminders(user: str) -> AsyncIterator[str]:
    while True:
        await sleep(86_400)
        yield f"anything new, {user}?"


@orchestrator
async def compare(goal: str, variants: list[str]) -> dict[str, Any]:
    scores: dict[str, Any] = {}
    for finished in asyncio.as_completed([models.judge(goal, v) for v in variants]):
        variant, score = await finished
        scores[variant] = score
    opinion = await openai.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": str(scores)}])  # expect: DUR121
    return {**scores, "opinion": opinion.choices[0].message.content}
