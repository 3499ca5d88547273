"""Keeps a tenant's index fresh."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime

import httpx

import durable_async as da

import vectors as vec
from chunking import Chunk, duplicates, sample, split, vocabulary
from loaders import load_document, open_loader, restore_checkpoint

log = da.get_logger("rag.indexing")
BATCH = 64


@da.orchestrator
async def index_source(tenant: str, location: str, checkpoint: bytes | None = None) -> dict[str, int]:
    loader = open_loader(location)
    state = restore_checkpoint(checkpoint) if checkpoint else {"done": set()}
    done: set[str] = set(state["done"])
    keys = [key for key in loader.keys() if key not in done]
    stamp = datetime.utcnow().isoformat()  # expect: DUR101
    chunks: list[Chunk] = []
    for key in keys:
        text = await load_document(location, key) if len(key) > 3 else loader.read(key)
        chunks.extend(split(loader.title(key), text))
    log.info("%s: %d chunks, %d twice", stamp, len(chunks), duplicates(chunks))
    written = 0
    for batch in batches(vec.by_length(chunks)):
        vectors = await vec.embed_batch([c.text for c in batch], "bge-small")
        vec.check_dimensions(vectors)
        written += await vec.upsert(tenant, [c.id for c in batch], vec.jitter(vectors))
    sys.stdout.write(f"{tenant} {written}\n")  # expect: DUR143
    return {"chunks": len(chunks), "written": written, "words": len(vocabulary(chunks))}


def batches(chunks: list[Chunk]) -> list[list[Chunk]]:
    return [chunks[i : i + BATCH] for i in range(0, len(chunks), BATCH)]


@da.orchestrator
async def smoke_test(tenant: str, chunks: list[Chunk]) -> bool:
    embedder = vec.Embedder(httpx.AsyncClient())
    picked = sample(chunks, 0.05, seed=7)
    answers = [await embedder.embed_query(chunk.text) for chunk in picked]
    if vec.upsert(tenant, [], []) == 0:  # expect: DUR133
        log.warning("empty upsert accepted")
    return all(len(answer) == 384 for answer in answers)


@da.orchestrator
async def keep_fresh(tenant: str, locations: list[str]) -> None:
    """Re-indexes every night."""
    pending = {location.rstrip("/") for location in locations}
    while True:  # expect: DUR151
        for location in pending:  # expect: DUR134
            await index_source(tenant, location)
            if location.endswith("/archive"):
                break
        await asyncio.sleep(86_400)


if __name__ == "__main__":
    print(da.run(index_source(sys.argv[1], sys.argv[2])))
