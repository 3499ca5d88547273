from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import tempfile
from multiprocessing import cpu_count
from pathlib import Path

import durable_async as da


@da.activity
def scratch(accession: str) -> str:
    return tempfile.mkdtemp(prefix=accession, dir=os.environ.get("SCRATCH", "/scratch"))


@da.activity
def release_scratch(where: str) -> None:
    shutil.rmtree(where, ignore_errors=True)


@da.activity(timeout=7200, heartbeat_timeout=60)
def fetch_reads(accession: str, where: str) -> dict[str, str]:
    subprocess.run(["fasterq-dump", accession, "-O", where], check=True)
    path = Path(where) / f"{accession}.fastq.gz"
    with gzip.open(path, "rt") as reads:
        return {"path": str(path), "head": reads.readline() + reads.readline()}


@da.activity
def align(path: str, index: str) -> str:
    target = path.removesuffix(".fastq.gz") + ".bam"
    subprocess.run(f"bwa mem -t {cpu_count()} {index} {path} | samtools sort -o {target}", shell=True, check=True)
    return target


@da.activity
def call_variants(bam: str, fasta: str) -> int:
    out = subprocess.check_output(["bcftools", "call", bam, fasta], text=True)
    return len(out.splitlines())
