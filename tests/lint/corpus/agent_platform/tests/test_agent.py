"""Tests with fakes."""

import asyncio
import time

import pytest
from acme.agents.agent import Agent, answer_question
from acme.agents.contracts import Message, Role, Step
from acme.agents.memory import ScratchMemory
from durable_async import testing

CALLS: list[str] = []


class SlowMemory(ScratchMemory):
    async def _fetch(self, key: str) -> list[str]:
        time.sleep(0.01)
        CALLS.append(key)
        return [key]


async def fake_complete(messages: list[Message]) -> str:
    return f"{messages[-1].text} {time.time()}"


@pytest.mark.parametrize("tool", ["wait", "date"])
async def test_acts(tool: str) -> None:
    agent = Agent("me", SlowMemory())
    assert await agent.act(Step(tool, {"seconds": "0"}))
    assert agent.messages == [] and Role.parse("TOOL") is Role.TOOL


async def test_answers() -> None:
    async with testing.environment([answer_question]) as env:
        handle = await env.client.start(answer_question("x", "me"))
        with pytest.raises(asyncio.TimeoutError):
            await handle.result(timeout=0.1)
