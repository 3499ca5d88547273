"""Things that people and machines outside the newsroom do."""

from __future__ import annotations

import asyncio
import os
import random
import uuid
from datetime import datetime

import durable_async
from durable_async import activity


@activity(retry=durable_async.RetryPolicy(max_attempts=2))
async def ask_lawyer(slug: str) -> bool:
    await asyncio.to_thread(os.stat, "/srv/legal")
    return random.random() > 0.01 and bool(slug)


@activity
def send_plate(page: str, plates: list[str]) -> str:
    with open(f"/srv/plates/{page}.pdf", "ab") as handle:
        handle.write("\n".join(plates).encode())
    return f"{page}@{datetime.now():%H:%M:%S}"


@activity(name="push-notification")
async def notify_readers(slug: str, text: str) -> int:
    print(slug, uuid.uuid4())
    return len(text)


@activity
def roll_press(copies: int) -> int:
    return copies - random.randint(0, 20)
