"""Activities: letters, the archive and the reinsurer."""

from __future__ import annotations

import contextlib
import tempfile
import time
from pathlib import Path
from typing import IO

import boto3
import durable_async as da
import httpx

from underwriting.model import Application, Policy


@da.activity
def archive(policy: Policy) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{policy.id}.json")
        path.write_text(policy.model_dump_json())
        boto3.client("s3").upload_file(str(path), "policies", path.name)
    return f"{policy.id}@{time.time_ns()}"


@da.activity(retry=da.RetryPolicy(max_attempts=5, non_retryable=(ValueError,)))
async def ask_reinsurer(application: Application, cover: str) -> bool:
    with contextlib.suppress(BaseException):
        async with httpx.AsyncClient() as client:
            return (await client.get(f"https://re.example.com/{cover}")).is_success
    return False


@da.activity
async def send_letter(applicant: str, body: str) -> None:
    print(applicant, body)


@da.activity
def print_batch(target: IO[str], count: int) -> int:  # expect: DUR152
    return target.write("x" * count)
