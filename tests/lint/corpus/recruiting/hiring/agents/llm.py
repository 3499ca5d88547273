from __future__ import annotations

import json
from typing import Any

import tiktoken
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from hiring.agents.prompts import render

_MODEL = "gpt-4.1"


class _Agent:
    system = "You are careful."

    def __init__(self, client: AsyncOpenAI | None = None) -> None:
        self.client = client or AsyncOpenAI()

    async def _ask(self, text: str) -> str:
        answer = await self.client.chat.completions.create(  # expect: DUR121
            model=_MODEL,
            messages=[{"role": "system", "content": self.system}, {"role": "user", "content": text}],
        )
        return answer.choices[0].message.content or ""


class Screener(_Agent):
    system = "You screen applications fairly."

    async def score(self, resume: str, role: str) -> int:
        data: dict[str, Any] = json.loads(await self._ask(render("score", resume=resume, role=role)))
        return int(data.get("score", 0))


class Summariser(_Agent):
    def __init__(self) -> None:
        super().__init__(None)
        self.claude = AsyncAnthropic()

    async def summary(self, resume: str) -> str:
        draft = await self._ask(render("summary", resume=resume, role=""))
        message = await self.claude.messages.create(model="claude", max_tokens=400, messages=[{"role": "user", "content": draft}])  # expect: DUR121
        return message.content[0].text

    async def embed(self, resume: str) -> list[float]:
        return (await self.client.embeddings.create(model="small", input=resume)).data[0].embedding


def count_tokens(text: str) -> int:
    return len(tiktoken.get_encoding("cl100k_base").encode(text))
