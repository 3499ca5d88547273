"""Model calls and storage.  All I/O of the review lives here."""

import random
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone

import orjson
import structlog
from openai import AsyncOpenAI
from temporalio import activity

from review.prompts import cache_slot, list_prompts

log = structlog.get_logger()


@dataclass
class Completion:
    text: str
    tokens: int
    request_id: str


@dataclass
class ModelRequest:
    prompt: str
    model: str = "gpt-4o-mini"
    temperature: float = 0.0


class ModelActivities:
    def __init__(self, client: AsyncOpenAI) -> None:
        self._client = client
        self._seen: dict[str, str] = {}

    @activity.defn(name="review.complete")
    async def complete(self, request: ModelRequest) -> Completion:
        started = time.monotonic()
        answer = await self._client.chat.completions.create(
            model=request.model,
            temperature=request.temperature,
            messages=[{"role": "user", "content": request.prompt}],
            seed=random.getrandbits(31),
        )
        log.info("completed", slot=cache_slot(request.prompt), seconds=time.monotonic() - started)
        return Completion(answer.choices[0].message.content or "", answer.usage.total_tokens, uuid.uuid4().hex)


@activity.defn
async def load_document(uri: str) -> str:
    with open(uri.removeprefix("file://"), encoding="utf-8") as source:
        return source.read()


@activity.defn
def store_verdict(document_id: str, verdict: str) -> str:
    path = f"/var/lib/review/{document_id}-{int(time.time())}.json"
    with open(path, "wb") as target:
        target.write(orjson.dumps({"verdict": verdict, "at": datetime.now(timezone.utc), "prompts": list_prompts()}))
    print("stored", path)
    return path
