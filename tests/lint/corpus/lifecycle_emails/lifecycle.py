"""E-mails along a user's life: one eternal orchestrator per user."""

from __future__ import annotations

import asyncio
import random
from datetime import date, timedelta

import durable_async as da
from durable_async import continue_as_new, orchestrator, wait_for_event

import mailing
import segments
from mailing import render, send_mail

CAMPAIGNS = ("welcome", "tips", "upgrade")


@orchestrator
async def user_lifecycle(user_id: str, cycle: int = 0) -> None:
    """One cycle a month; the history stays short."""
    profile = await segments.load_profile(user_id)
    campaign = CAMPAIGNS[cycle % len(CAMPAIGNS)]
    experiment = random.getrandbits(1)  # expect: DUR111
    if segments.wants_mail(profile) and not segments.holiday(date.today()):  # expect: DUR101
        await send_mail(profile.email, render(campaign, profile, variant=experiment))
    try:
        async with asyncio.timeout(30 * 86_400):
            await wait_for_event("unsubscribed", bool)
            return
    except TimeoutError:
        continue_as_new(user_lifecycle(user_id, cycle + 1))


@orchestrator
async def trial_reminders(user_id: str, ends: date) -> int:
    sent = 0
    while True:
        left = ends - da.now().date()
        if left <= timedelta(0):
            break
        profile = await segments.load_profile(user_id)
        await send_mail(profile.email, f"{left.days} days left")
        sent += 1
        await da.sleep(timedelta(days=3))
    mailing.track("trial-over", user_id)
    return sent


@orchestrator
async def win_back(segment: str) -> None:
    members = await segments.members(segment)
    while True:  # expect: DUR151
        for user_id in members:
            try:
                async with asyncio.timeout(60):
                    await user_lifecycle(user_id)
            except TimeoutError:
                break
        await asyncio.sleep(90 * 86_400)
        members = segments.lapsed(await segments.members(segment))


@orchestrator
async def digest_loop(list_name: str, sent_before: int = 0) -> None:
    """Weekly; starts over after a year."""
    weeks = 0
    while True:
        await da.sleep(7 * 86_400)
        subscribers = segments.subscribers(list_name)
        for address in subscribers:  # expect: DUR134
            await send_mail(address, f"digest {weeks}")
        weeks += 1
        if weeks == 52:
            continue_as_new(digest_loop(list_name, sent_before + weeks))


def make_campaign(name: str) -> object:
    @orchestrator(name=f"campaign-{name}")
    async def campaign(user_id: str) -> None:  # expect: DUR152
        profile = await segments.load_profile(user_id)
        await send_mail(profile.email, name)

    return campaign


@orchestrator
async def reactivate(user_id: str) -> bool:
    profile = await segments.load_profile(user_id)
    done = send_mail(profile.email, "We miss you")  # expect: DUR133
    try:
        clicked = await wait_for_event("clicked", bool)
    except BaseException:
        mailing.track("reactivation-stopped", user_id)
        raise
    return clicked
