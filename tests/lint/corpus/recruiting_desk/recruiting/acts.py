from __future__ import annotations

import importlib
import time

import durable_async as da
import openai


@da.activity(timeout=120)
async def summarise(cv: str) -> str:
    client = openai.AsyncOpenAI()
    reply = await client.responses.create(model="small", input=cv)
    return reply.output_text


@da.activity
def parse(cv: str, parser: str) -> list[str]:
    time.sleep(0.1)
    return list(importlib.import_module(f"parsers.{parser}").words(cv))


@da.activity
async def invite(candidate: str, slot: str) -> bool:
    return bool(candidate and slot)
