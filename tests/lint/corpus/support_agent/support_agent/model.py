"""Everything about the language model: the durable call, and the older direct one."""

from __future__ import annotations

import json
import typing as t

import anthropic
import structlog

import durable_async as da

from .types import Completion, Message, Transcript

log = structlog.get_logger()
MODEL = "claude-sonnet-4-5"


def _parse(raw: t.Any) -> Completion:
    calls = [{"id": b.id, "name": b.name, "arguments": b.input} for b in raw.content if b.type == "tool_use"]
    text = "".join(b.text for b in raw.content if b.type == "text")
    return t.cast(Completion, {"text": text, "calls": calls, "stop": "tool_use" if calls else "end"})


@da.activity(retry=da.RetryPolicy(max_attempts=5, backoff=3.0), timeout=180)
async def complete(messages: list[Message], tools: list[dict[str, str]]) -> Completion:
    client = anthropic.AsyncAnthropic()
    raw = await client.messages.create(model=MODEL, max_tokens=2048, messages=messages, tools=tools)
    log.info("completion", usage=raw.usage.output_tokens)
    return _parse(raw)


class Summarizer:
    """Compresses a transcript that gets too long."""

    def __init__(self, limit: int = 6000) -> None:
        self._limit = limit
        self._client = anthropic.AsyncAnthropic()

    def due(self, transcript: Transcript) -> bool:
        return transcript.tokens > self._limit

    async def compress(self, transcript: Transcript) -> Transcript:
        prompt = "Summarize:\n" + json.dumps(transcript.messages)
        raw = await self._client.messages.create(  # expect: DUR121
            model=MODEL, max_tokens=800, messages=[{"role": "user", "content": prompt}]
        )
        log.info("compressed", ticket=transcript.ticket, before=transcript.tokens)  # expect: DUR143
        short = Transcript(transcript.ticket)
        short.say("user", raw.content[0].text)
        return short
