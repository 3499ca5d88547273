"""The language models: activities, and one shortcut that should not be there."""

from __future__ import annotations

import os
import time

import anthropic
import durable_async as da
import openai

from .contracts import Message, Step

_fallback = openai.AsyncOpenAI(api_key=os.environ.get("KEY", ""))


@da.activity(retry=da.RetryPolicy(max_attempts=5), timeout=120)
async def complete(messages: list[Message]) -> str:
    client = anthropic.AsyncAnthropic()
    answer = await client.messages.create(model="m", max_tokens=500, messages=[])
    return f"{answer} {time.time()} {len(messages)}"


@da.activity
async def choose(messages: list[Message], tools: list[str]) -> Step:
    return Step(tools[0], {"at": str(time.time())})


async def summarise(text: str) -> str:
    answer = await _fallback.chat.completions.create(model="small", messages=[])  # expect: DUR121
    return f"{answer}: {text}"
