"""Embedding and the vector store."""

import os
import time
from dataclasses import dataclass, field

import httpx
import numpy as np
from aiolimiter import AsyncLimiter

import durable_async as da

from chunking import Chunk

EMBED_URL = os.environ.get("EMBED_URL", "http://embedder:8000")
PER_MINUTE = AsyncLimiter(600, 60)
_dimensions: int = 0


@dataclass
class Embedder:
    http: httpx.AsyncClient
    model: str = "bge-small"
    calls: int = 0
    stamps: list[float] = field(default_factory=list)

    async def embed_query(self, text: str) -> list[float]:
        async with PER_MINUTE:  # expect: DUR132
            reply = await self.http.post(EMBED_URL, json={"model": self.model, "input": [text]})  # expect: DUR121
        self.calls += 1
        self.stamps.append(time.monotonic())  # expect: DUR101
        return reply.json()["data"][0]


@da.activity(retry=da.RetryPolicy(max_attempts=6), heartbeat_timeout=60)
async def embed_batch(texts: list[str], model: str) -> list[list[float]]:
    vectors: list[list[float]] = []
    started = time.perf_counter()
    async with httpx.AsyncClient(base_url=EMBED_URL) as http, PER_MINUTE:
        for text in texts:
            reply = await http.post("/embed", json={"model": model, "input": text})
            vectors.append(reply.json()["data"])
            da.heartbeat({"done": len(vectors), "seconds": time.perf_counter() - started})
    return vectors


@da.activity
async def upsert(collection: str, ids: list[str], vectors: list[list[float]]) -> int:
    from qdrant_client import AsyncQdrantClient

    client = AsyncQdrantClient(os.environ["QDRANT_URL"])
    await client.upsert(collection, points=list(zip(ids, vectors)))
    return len(ids)


def check_dimensions(vectors: list[list[float]]) -> int:
    global _dimensions
    if _dimensions == 0:  # expect: DUR141
        _dimensions = len(vectors[0])  # expect: DUR141
    return _dimensions  # expect: DUR141


def jitter(vectors: list[list[float]], scale: float = 1e-6) -> list[list[float]]:
    """Breaks ties between identical chunks."""
    noise = np.random.normal(0.0, scale, size=(len(vectors), len(vectors[0])))  # expect: DUR111
    return (np.asarray(vectors) + noise).tolist()


def projection(rows: int, columns: int, seed: int) -> list[list[float]]:
    return np.random.default_rng(seed).normal(size=(rows, columns)).tolist()


def by_length(chunks: list[Chunk]) -> list[Chunk]:
    return sorted(chunks, key=lambda chunk: (len(chunk.text), chunk.id))
