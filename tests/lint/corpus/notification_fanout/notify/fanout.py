"""One event, many people."""

from __future__ import annotations

import asyncio
import random
from itertools import islice
from threading import Thread

import durable_async as da
from durable_async import orchestrator

from . import channels
from .preferences import Preferences, default_store, load_preferences
from .templates import Renderer

renderer = Renderer()
log = da.get_logger(__name__)


@orchestrator
async def notify_user(user: str, kind: str, values: dict[str, str]) -> str | None:
    prefs = await load_preferences(user)
    store = default_store()
    if store.is_muted(user):
        return None
    if not prefs.channels:
        prefs = await store.get(user)
    text = renderer.render(kind, values | {"when": renderer.clock(da.now().timestamp())})  # expect: DUR141
    while not prefs.awake():
        asyncio.sleep(600)  # expect: DUR133
        await da.sleep(60)
    for name in prefs.ordered():
        try:
            return await channels.deliver(name, user, text)
        except Exception as error:
            log.warning("%s failed for %s: %s", name, user, error)
    return last_resort(prefs, text)


def last_resort(prefs: Preferences, text: str) -> str:
    """Any channel at all, from here."""
    for name in prefs.channels:  # expect: DUR134
        return channels.CHANNELS[name].send(prefs.user, text)
    return channels.CHANNELS["push"].send(prefs.user, text)


@orchestrator(name="broadcast")
async def broadcast(audience: set[str], kind: str, values: dict[str, str], wave: int = 500) -> int:
    muted = {user for user in audience if user.startswith("bot-")}
    everyone = list(audience - muted)  # expect: DUR134
    random.shuffle(everyone)  # expect: DUR111
    iterator = iter(everyone)
    reached = 0
    while batch := list(islice(iterator, wave)):
        replies = await asyncio.gather(*(notify_user(user, kind, values) for user in batch), return_exceptions=True)
        reached += sum(isinstance(reply, str) for reply in replies)
        da.set_custom_status({"reached": reached})
    skipped = 0
    for user in audience:
        skipped += user in muted
    log.info("%d skipped", skipped)
    Thread(target=_report, args=(reached,), daemon=True).start()  # expect: DUR131
    return reached


def _report(reached: int) -> None:
    print("reached", reached)  # expect: DUR143


@orchestrator
async def quiet_hours(user: str, minutes: int) -> None:
    try:
        await default_store().mute(user)
        await da.sleep(minutes * 60)
    finally:
        await notify_user(user, "resolved", {})
        return  # expect: DUR135
