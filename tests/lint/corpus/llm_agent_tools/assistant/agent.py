"""The conversation itself."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from .clients import ModelRouter
from .durable import continue_as_new, get_logger, wait_for_event, workflow
from .memory import Transcript
from .tools import call_model, run_tool

if TYPE_CHECKING:
    from datetime import datetime

    import redis

log = get_logger(__name__)
MAX_TURNS = 40


@workflow
async def chat_agent(session_id: str, goal: str) -> str:
    """Runs until the model answers without asking for a tool."""
    transcript = Transcript(session_id)
    transcript.add("user", goal)
    started = time.perf_counter()  # expect: DUR101
    for turn in range(MAX_TURNS):
        reply = await call_model("gpt-4o", transcript.as_messages())
        calls: list[dict[str, Any]] = reply.get("tool_calls", [])
        if not calls:
            took = time.perf_counter() - started  # expect: DUR101
            log.info("answered after %d turns, %.1f s", turn, took)
            return reply["content"]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(run_tool(c["name"], c["argument"])) for c in calls]
        for task in tasks:
            transcript.add("tool", task.result())
    return await give_up(transcript)


async def give_up(transcript: Transcript) -> str:
    router = ModelRouter()
    client = router.pick(transcript.size())
    try:
        return await client.complete(transcript.as_messages())
    except:  # expect: DUR135
        return transcript.summary()


@workflow(name="resume-chat", version="2")
async def resume_chat(session_id: str, turns: int = 0) -> None:
    """Goes on whenever the user writes again."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 86_400
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                text = await wait_for_event("message", str)
        except TimeoutError:
            return
        answer = await chat_agent(f"{session_id}-{turns}", text)
        call_model("gpt-4o-mini", [{"role": "system", "content": answer}])  # expect: DUR133
        if turns > 100:
            continue_as_new(resume_chat(session_id))
        turns += 1
