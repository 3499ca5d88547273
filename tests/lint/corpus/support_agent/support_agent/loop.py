from __future__ import annotations

import asyncio
import json
import logging
import uuid
from typing import Any

import durable_async as da

from .model import Summarizer, complete
from .tools import TOOLS, describe
from .tools.crm import refund, reply_to, set_labels
from .tools.registry import all_tags
from .types import Outcome, ToolCall, Transcript

logger = logging.getLogger(__name__)

NAMESPACE = uuid.UUID("7c1b3a52-7a0e-4a9e-9a37-9f5ac0c8a7f1")
LIMIT_CENTS = 10_000
_failures: dict[str, int] = {}


async def _invoke(call: ToolCall) -> str:
    spec = TOOLS.get(call["name"])
    if spec is None:
        return f"no such tool: {call['name']}"
    try:
        result: Any = await spec.function(**call["arguments"])
    except asyncio.CancelledError:
        logger.warning("tool %s cancelled", spec.name)
        raise
    except Exception as error:
        _failures[spec.name] = _failures.get(spec.name, 0) + 1  # expect: DUR141
        return f"error: {error}"
    return json.dumps(result, default=str)


async def _approved(call: ToolCall) -> bool:
    if call["name"] != refund.name or call["arguments"].get("cents", 0) <= LIMIT_CENTS:
        return True
    key = uuid.uuid5(NAMESPACE, call["id"])
    try:
        async with asyncio.timeout(86_400):
            return await da.wait_for_event(f"approve-{key}", bool)
    except TimeoutError:
        return False


async def _run_tools(transcript: Transcript, calls: list[ToolCall]) -> None:
    allowed = [call for call in calls if await _approved(call)]
    for call, content in zip(allowed, await asyncio.gather(*map(_invoke, allowed))):
        transcript.answer(call, content)


def _labels(text: str) -> list[str]:
    words = {word.strip("#.,").lower() for word in text.split() if word.startswith("#")}
    return list(words | {"agent"})  # expect: DUR134


@da.orchestrator
async def answer_ticket(ticket: str, question: str, budget: int = 12) -> Outcome:
    transcript = Transcript(ticket)
    transcript.say("user", question)
    summarizer = Summarizer()
    trace = uuid.uuid4()  # expect: DUR112
    da.set_custom_status({"trace": str(trace), "tools": sorted(all_tags())})

    while (budget := budget - 1) >= 0:
        completion = await complete(transcript.messages, describe())
        transcript.say("assistant", completion["text"])
        match completion:
            case {"stop": "end", "text": text}:
                labels = _labels(text)
                await asyncio.gather(reply_to(ticket, text), set_labels(ticket, labels))
                return Outcome(ticket, text, labels)
            case {"stop": "length"}:
                transcript = await summarizer.compress(transcript)
            case {"calls": [_, *_] as calls}:
                await _run_tools(transcript, calls)
        if summarizer.due(transcript):
            transcript = await summarizer.compress(transcript)

    bucket = hash(question) % 4  # expect: DUR125
    set_labels(ticket, ["escalated", f"queue-{bucket}"])  # expect: DUR133
    return Outcome(ticket, transcript.last, [], escalated=True)


@da.orchestrator
async def triage_inbox(inbox, since: str) -> int:  # expect: DUR152
    handled = 0
    async for ticket in da.events("ticket", dict[str, str]):
        await da.start(answer_ticket(ticket["id"], ticket["text"]), id=f"{inbox}-{ticket['id']}")
        handled += 1
        if handled == 500:
            da.continue_as_new(triage_inbox(inbox, ticket["id"]))
    print("inbox closed", inbox, since)  # expect: DUR143
    return handled
