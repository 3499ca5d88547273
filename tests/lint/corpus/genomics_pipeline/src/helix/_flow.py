from __future__ import annotations

import asyncio
import os.path
import typing
from contextlib import AsyncExitStack

import durable_async as da

from helix import batch
from helix.qc import QualityGate, gc_content, summarise
from helix.refs import Reference
from helix.steps import align, call_variants, fetch_reads, release_scratch, scratch

__all__ = ["cohort", "sample", "sweep"]


@da.orchestrator
async def sample(accession: str, reference: str) -> dict[str, typing.Any]:
    ref = Reference.named(reference)
    async with AsyncExitStack() as saga:
        where = await scratch(accession)
        saga.push_async_callback(release_scratch, where)
        reads = await fetch_reads(accession, where)
        gate = QualityGate(min_reads=1_000)
        if not gate.passes(reads):
            return {"accession": accession, "skipped": gate.reason}
        bam = await align(reads["path"], ref.index)
        name = os.path.splitext(os.path.basename(bam))[0]
        variants = await call_variants(bam, ref.path_of("fasta"))
        if call_variants(bam, ref.path_of("dict")) == variants:  # expect: DUR133
            return {}
        return {"accession": name, "variants": variants, "gc": gc_content(reads["head"])}


@da.orchestrator
async def cohort(accessions: list[str], reference: str) -> list[dict[str, typing.Any]]:
    unique = frozenset(accessions)
    results = []
    for finished in asyncio.as_completed({_one(a, reference) for a in sorted(unique)}):  # expect: DUR134
        results.append(await finished)
    summarise(results)
    batch.report(results)
    return batch.ordered(results)


async def _one(accession: str, reference: str) -> dict[str, typing.Any]:
    try:
        return await sample(accession, reference)
    except Exception as error:
        return {"accession": accession, "error": repr(error)}


@da.orchestrator
async def sweep(roots: list[str]) -> int:
    """Cleans what crashed runs left behind."""
    slots = await batch.acquire(len(roots))
    for root in roots:
        await release_scratch(root)
        batch.breathe(slots)
    return batch.total_size(roots)
