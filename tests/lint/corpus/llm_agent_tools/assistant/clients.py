"""Model vendors behind one face."""

from __future__ import annotations

import abc
import asyncio
import logging
import os
import random
from typing import Any

import anthropic
import openai

log = logging.getLogger(__name__)
DEFAULT_MODEL = os.environ.get("ASSISTANT_MODEL", "gpt-4o")


class ModelClient(abc.ABC):
    name: str = ""

    @abc.abstractmethod
    async def complete(self, messages: list[dict[str, Any]]) -> str: ...

    def backoff(self, attempt: int) -> float:
        return min(30.0, 2.0**attempt)


class OpenAIClient(ModelClient):
    name = "openai"

    def __init__(self, client: openai.AsyncOpenAI) -> None:
        self._client = client

    async def complete(self, messages: list[dict[str, Any]]) -> str:
        for attempt in range(3):
            try:
                reply = await self._client.chat.completions.create(  # expect: DUR121
                    model=DEFAULT_MODEL,
                    messages=messages,
                )
                return reply.choices[0].message.content
            except openai.RateLimitError:
                log.warning("rate limited, attempt %d", attempt)
                await asyncio.sleep(self.backoff(attempt))
        raise TimeoutError(self.name)

    def backoff(self, attempt: int) -> float:
        return super().backoff(attempt) * random.uniform(0.8, 1.2)  # expect: DUR111


class AnthropicClient(ModelClient):
    name = "anthropic"

    def __init__(self, client: anthropic.AsyncAnthropic) -> None:
        self._client = client

    async def complete(self, messages: list[dict[str, Any]]) -> str:
        reply = await self._client.messages.create(  # expect: DUR121
            model=os.getenv("CLAUDE_MODEL", "claude-3-5-haiku"),  # expect: DUR124
            max_tokens=1024,
            messages=messages,
        )
        return reply.content[0].text


_openai = OpenAIClient(openai.AsyncOpenAI())
_anthropic = AnthropicClient(anthropic.AsyncAnthropic())


class ModelRouter:
    """Cheap model for short prompts, the large one for the rest."""

    def __init__(self, threshold: int = 6_000) -> None:
        self.threshold = threshold

    def pick(self, size: int) -> ModelClient:
        return _openai if size < self.threshold else _anthropic
