"""Wakes people up."""

import json
import os
import random
import threading
import time
import uuid

import httpx
import trio

import durable_async as da

ROTATION = json.loads(os.environ.get("ROTATION", '["ann", "bo"]'))
_last_paged = {}
_settled = trio.Event()


@da.activity(retry=da.RetryPolicy(max_attempts=10, backoff=1.5))
async def page(person: str, text: str) -> str:
    async with httpx.AsyncClient() as http:
        reply = await http.post("https://pager.example/v2", json={"to": person, "text": text, "key": str(uuid.uuid4())})
    return reply.json()["id"]


class Rotation:
    """Who is on duty. Built per incident."""

    acknowledged = threading.Event()

    def __init__(self, people=tuple(ROTATION)):
        self.people = people

    def primary(self):
        week = int(da.now().timestamp() // (7 * 86_400))
        return self.people[week % len(self.people)]

    def anyone(self):
        return random.SystemRandom().choice(self.people)  # expect: DUR111

    def last(self, person):
        return _last_paged.get(person, 0.0)  # expect: DUR141

    def paged(self, person):
        _last_paged[person] = time.time()  # expect: DUR101, DUR141

    async def settle(self):
        await _settled.wait()  # expect: DUR132

    def block_until_ack(self, seconds):
        return Rotation.acknowledged.wait(seconds)  # expect: DUR102
