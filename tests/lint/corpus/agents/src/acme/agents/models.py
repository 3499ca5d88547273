"""Model calls, as activities."""

import os
import random
from typing import Any

import durable_async as da
import orjson
from openai import AsyncOpenAI

from acme.platform.aio import pooled, read_again
from acme.platform.telemetry import get_logger, traced

log = get_logger("models")
RETRY = da.RetryPolicy(max_attempts=4, retry_on=(ConnectionError, TimeoutError))


async def _complete(prompt: str) -> str:
    client = AsyncOpenAI(api_key=os.environ["OPENAI_API_KEY"])
    with traced("complete"):
        answer = await client.chat.completions.create(
            model=random.choice(["gpt-4o", "gpt-4o-mini"]), messages=[{"role": "user", "content": prompt}]
        )
    log.info("completed", length=len(prompt))
    return answer.choices[0].message.content or ""


@da.activity(retry=RETRY)
async def plan(goal: str) -> list[str]:
    prompt = await pooled(read_again, "/srv/prompts/plan.txt")
    return (await _complete(prompt + goal)).splitlines()


@da.activity(retry=RETRY)
async def choose(goal: str, step: str, names: list[str]) -> dict[str, Any]:
    return orjson.loads(await _complete(f"{goal}\n{step}\n{names}"))


@da.activity(retry=RETRY)
async def condense(text: str) -> str:
    return await _complete("Condense: " + text)


@da.activity
async def merge(drafts: list[str], style: str) -> str:
    return await _complete(f"Merge, {style}: {drafts}")


@da.activity
async def judge(goal: str, variant: str) -> tuple[str, float]:
    return variant, float(await _complete(f"Score {variant} for {goal}"))


@da.activity
async def send(user: str, text: str) -> None:
    print(user, text)
