"""A conversation: questions answered while it runs, a step added with a patch, a fresh history."""

import asyncio

import durable_async as da


@da.activity
async def look_up(question: str) -> str:
    return question.upper()


@da.activity
async def check(answer: str) -> str:
    return answer


@da.activity
async def archive(turns: int) -> str:
    return f"{turns} turns"


@da.orchestrator
async def assistant(turns: int) -> str:
    async for request in da.requests("question", str):
        answer = await look_up(request.data)
        if da.patched("check-answers"):
            answer = await check(answer)
        request.reply(answer)
        turns += 1
        if turns >= 2:
            break
    await asyncio.sleep(60)
    topic = await da.wait_for_event("topic", str)
    if topic == "again":
        da.continue_as_new(assistant(0))
    return await archive(turns)
