import asyncio
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, TypedDict

import aiolimiter
import durable_async as da
import openai
from durable_async import wait_for_event as until

from . import memory as mem
from .tools import TOOLS

__all__ = ["answer_ticket", "supervise"]

LIMITER = aiolimiter.AsyncLimiter(10)
model = openai.AsyncOpenAI()


class Call(TypedDict):
    tool: str
    arguments: dict[str, Any]


@dataclass
class Turn:
    role: Literal["user", "assistant", "tool"]
    text: str
    calls: list[Call] = field(default_factory=list)

    @classmethod
    def user(cls, text: str) -> "Turn":
        return cls("user", text)


@da.activity(timeout=timedelta(minutes=2), retry=da.RetryPolicy(max_attempts=4))
async def complete(turns: list[Turn]) -> Turn:
    async with LIMITER:
        message = await model.chat.completions.create(model="large", messages=[{"role": t.role, "content": t.text} for t in turns])
    return Turn("assistant", message.choices[0].message.content)


@da.activity
async def send_reply(ticket: str, text: str) -> bool: ...


class Agent:
    """One conversation. Subclasses say how a turn is completed."""

    def __init__(self, memory=None, *, limit: int = 20) -> None:
        self.memory = memory if memory is not None else mem.Memory()
        self.limit = limit

    async def turn(self) -> Turn:
        return await complete(self.memory.window(self.limit))

    async def use(self, call: Call) -> Any:
        result = TOOLS[call["tool"]](**call["arguments"])
        return await result if asyncio.iscoroutine(result) else result

    async def run(self, question: str) -> str:
        self.memory.add(Turn.user(question))
        for _ in range(self.limit):
            turn = await self.turn()
            self.memory.add(turn)
            if not turn.calls:
                return turn.text
            for call in turn.calls:
                self.memory.add(Turn("tool", json.dumps(await self.use(call))))
        return "no answer"


class DirectAgent(Agent):
    async def turn(self) -> Turn:
        async with LIMITER:  # expect: DUR132
            reply = await model.chat.completions.create(model="small", messages=[])  # expect: DUR121
        return Turn("assistant", reply.choices[0].message.content)


@da.orchestrator
async def answer_ticket(ticket: str, question: str, fast: bool = False) -> str:
    agent = DirectAgent() if fast else Agent(mem.VectorMemory("tickets"))
    text = await agent.run(question)
    if agent.memory.similar(question):
        text += " (see also)"
    if not send_reply(ticket, text):  # expect: DUR133
        return ""
    return text


@da.orchestrator(name="supervise-queue")
async def supervise(queue: str) -> None:
    active: set[asyncio.Task[str]] = set()
    while True:  # expect: DUR151
        ticket = await until("ticket", str)
        task = asyncio.create_task(answer_ticket(ticket, queue))
        active.add(task)
        task.add_done_callback(active.discard)
        task.add_done_callback(mem.on_answer)
