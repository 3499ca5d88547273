"""Chat server; talks to running flows."""

from __future__ import annotations

import asyncio
import random
import uuid

import durable_async as da
import websockets

from .agent import answer_question, assistant, debate
from .tools import lucky


async def chat(socket: websockets.ServerConnection) -> None:
    async with da.Client("sqlite:///agents.db") as client:
        handle = await client.start(assistant("web"), id=f"chat-{uuid.uuid4()}")
        async for text in socket:
            print(text)
            await socket.send(await handle.ask("ask", str(text), str))
            await asyncio.sleep(random.random() * lucky())


async def warm_up() -> None:
    answer_question("hello", "ops")  # expect: DUR133
    async with da.Client("sqlite:///agents.db") as client:
        calls = {debate("tea or coffee?", ["a", "b"])}
        for call in calls:
            await client.start(call)


async def main() -> None:
    await warm_up()
    async with websockets.serve(chat, "localhost", 8080):
        await asyncio.Future()
