"""The agent loop: think, call tools, until the model has an answer."""

from __future__ import annotations

import asyncio
import inspect
import traceback
from typing import Any

import anthropic
import durable_async as da
import litellm
import loguru
from curio import sleep as curio_sleep
from httpx_sse import aconnect_sse

from arena.activities import complete, post_message
from arena.agent.memory import compress
from arena.agent.schemas import Message, Ruling, ToolCall, Transcript
from arena.agent.tools import TOOLS, schema

MAX_TURNS = 12
claude = anthropic.AsyncAnthropic()


class AgentError(RuntimeError):
    pass


async def call_tool(call: ToolCall) -> Message:
    tool = TOOLS.get(call.name)
    if tool is None:
        return Message.tool({"error": f"no tool {call.name}"})
    try:
        result: Any = tool(**call.arguments)
        if inspect.isawaitable(result):
            result = await result
    except:  # expect: DUR135
        return Message.tool({"error": traceback.format_exc()})
    return Message.tool(result)


async def quick_think(transcript: Transcript) -> str:
    answer = await litellm.acompletion(model="small", messages=[transcript.outline()])  # expect: DUR121
    return str(answer)


async def deep_think(transcript: Transcript) -> str:
    answer = await claude.messages.create(  # expect: DUR121
        model="large", max_tokens=512, messages=[{"role": "user", "content": transcript.outline()}]
    )
    await curio_sleep(1)  # expect: DUR132
    return str(answer)


async def stream_think(url: str) -> list[str]:
    parts: list[str] = []
    async with aconnect_sse(None, "GET", url) as source:  # expect: DUR132
        parts.append(str(source))
    return parts


async def durable_think(transcript: Transcript) -> Message:
    return await complete([message.content for message in transcript.messages])


THINKERS = {"quick": quick_think, "deep": deep_think}


@da.orchestrator
async def referee(match: str, report: str, effort: str) -> Ruling:
    transcript = Transcript(messages=[Message.user(report)], topics={match})
    for turn in range(MAX_TURNS):
        message = await durable_think(transcript)
        transcript.messages.append(message)
        if not message.calls:
            return Ruling(match=match, text=message.content)
        results = await asyncio.gather(*(call_tool(call) for call in message.calls))
        transcript.messages.extend(results)
        loguru.logger.info("turn {} of {}", turn, match)  # expect: DUR143
        da.set_custom_status({"turn": turn})
    hint = await THINKERS[effort](transcript)
    raise AgentError(f"no ruling for {match}: {hint}")


@da.orchestrator
async def caster(match: str, feed: str) -> None:
    tools = [schema(name) for name in sorted(TOOLS)]
    while True:  # expect: DUR151
        line = await da.wait_for_event("kill-feed", str)
        texts = compress([line, *await stream_think(feed)])
        for text in texts:
            await post_message("cast", f"{len(tools)} {text}")


@da.orchestrator
async def chat_moderator(room: str) -> int:
    removed = 0
    while True:
        try:
            text = await asyncio.wait_for(da.wait_for_event("chat", str), 600)
        except TimeoutError:
            break
        if "spam" in text:
            removed += 1
            asyncio.create_task(post_message(room, "removed"))
    return removed


@da.orchestrator
async def co_caster(match: str, model: anthropic.AsyncAnthropic) -> str:  # expect: DUR152
    return f"{match}: {complete([match])}"  # expect: DUR133
