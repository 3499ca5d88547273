from __future__ import annotations

import asyncio
import os
import typing as t

import durable_async as da
import redis.asyncio

from modq.entities import Reputation, StrikeBook
from modq.gateway import fetch_messages, mute
from modq.shared import Notifier, ThrottledNotifier, metrics, words
from modq.shared.actors import quiet

Verdict = t.Literal["ok", "muted", "banned"]


@da.orchestrator
async def moderate(user: str, text: str) -> Verdict:
    reputation = da.entity_ref(Reputation, user)
    book = da.entity_ref(StrikeBook, "all")
    async with da.lock(reputation, book):
        await book.call(StrikeBook.strike, user, text)
        points = await reputation.call(Reputation.add, -10)
    if os.environ.get("MODQ_DRY_RUN"):  # expect: DUR124
        return "ok"
    async with Notifier("cases") as notifier:
        if points > 50:
            await notifier.tell(user, words.worst(text) or "?")
            return "ok"
    if points > 0:
        await quiet(user, 600)
        return "muted"
    await mute(user, True)
    reputation.signal(Reputation.reset)
    return "banned"


@da.orchestrator
async def sweep_channel(channel: str, since: str) -> dict[str, int]:
    messages = await fetch_messages(channel, since)
    total = sum(metrics.remember(m) for m in messages)
    notifier = ThrottledNotifier(channel, redis.asyncio.Redis())
    ranked = [word for m in words.once_each(messages) for word in words.ranked(m)]
    await notifier.tell("mods", f"{total} characters, {len(ranked)} words")
    return words.once_each_flagged(messages)


@da.orchestrator
async def appeal(user: str, moderators: list[str]) -> bool:
    """Eternal until somebody answers."""
    while True:
        votes = await asyncio.gather(*[da.wait_for_event(f"vote-{m}", bool) for m in moderators])
        if any(votes):
            da.continue_as_new(appeal(user, moderators))
        da.entity_ref(Reputation, user).signal(Reputation.add, 1)


@da.orchestrator
async def heartbeat(channel: str) -> None:
    while True:  # expect: DUR151
        try:
            await fetch_messages(channel, da.now().isoformat())
        except Exception:
            metrics.bump("heartbeat")
        await asyncio.sleep(30)
