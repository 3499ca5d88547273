from typing import Any

from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from .durable import llm_step

_PROVIDERS = {"claude": AsyncAnthropic, "gpt": AsyncOpenAI}


@llm_step
async def complete(provider: str, prompt: str, tools: list[str]) -> dict[str, Any]:
    client = _PROVIDERS[provider]()
    if isinstance(client, AsyncAnthropic):
        reply = await client.messages.create(model="x", max_tokens=500, messages=[])
        return reply.model_dump()
    return (await client.chat.completions.create(model="y", messages=[])).model_dump()


async def embed(text: str) -> list[float]:
    client = AsyncOpenAI()
    reply = await client.embeddings.create(model="small", input=text)  # expect: DUR121
    return reply.data[0].embedding


def rank(query: list[float], rows: list[list[float]]) -> list[int]:
    scores = [(sum(a * b for a, b in zip(query, row)), i) for i, row in enumerate(rows)]
    return [i for _, i in sorted(scores, reverse=True)]
