"""The agent: a loop over plan, act, observe."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator

import durable_async as da

from .budget import BudgetedMixin
from .contracts import Memory, Message, Role, Step
from .memory import RemoteMemory, ScratchMemory, ShelfMemory
from .models import choose, complete, summarise
from .tools import TOOLS


class Agent(BudgetedMixin):
    def __init__(self, owner: str, memory: Memory) -> None:
        self.owner = owner
        self.memory = memory
        self.messages: list[Message] = []
        self.used: set[str] = set()

    def rate(self) -> int:
        return 2 if (os.cpu_count() or 1) > 8 else 1  # expect: DUR125

    async def steps(self, limit: int) -> AsyncIterator[Step]:
        for _ in range(limit):
            step = await choose(self.messages, sorted(TOOLS))
            if step.tool == "stop":
                return
            yield step

    async def act(self, step: Step) -> str:
        self.used.add(step.tool)
        try:
            return await TOOLS[step.tool](step)
        except Exception as problem:
            return f"failed: {problem}"

    async def run(self, question: str, limit: int) -> str:
        self.messages.append(Message(Role.USER, question))
        for text in await self.memory.recall(question):
            self.messages.append(Message(Role.USER, text))
        async with contextlib.aclosing(self.steps(limit)) as steps:
            async for step in steps:
                if not await self.pay(self.price(question)):
                    break
                self.messages.append(Message(Role.TOOL, await self.act(step)))
        self.memory.remember(question, self.messages[-1].text)
        return await complete(self.messages)

    def trace(self) -> str:
        return " > ".join(self.used)  # expect: DUR134


def memory_for(kind: str) -> Memory:
    match kind:
        case "shelf":
            return ShelfMemory("/var/lib/agents")
        case "remote":
            from .wiring import shared_redis

            return RemoteMemory(shared_redis)
        case _:
            return ScratchMemory()


@da.orchestrator
async def answer_question(question: str, owner: str, kind: str = "scratch") -> str:
    agent = Agent(owner, memory_for(kind))
    try:
        async with asyncio.timeout(3_600):
            text = await agent.run(question, 10)
    except TimeoutError:
        text = "no answer in time"
    finally:
        da.set_custom_status({"messages": len(agent.messages)})
    return f"{await summarise(text)} {agent.trace()}"


@da.orchestrator
async def debate(question: str, owners: list[str]) -> list[str]:
    answers = await asyncio.gather(*(answer_question(question, owner) for owner in owners), return_exceptions=True)
    return [text for text in answers if isinstance(text, str)]


@da.orchestrator
async def assistant(owner: str) -> None:
    async for request in da.requests("ask", str):
        try:
            request.reply(await answer_question(request.data, owner))
        except asyncio.CancelledError:  # expect: DUR135
            request.reject("stopping")
            break
        except ValueError as problem:
            request.reject(str(problem))
