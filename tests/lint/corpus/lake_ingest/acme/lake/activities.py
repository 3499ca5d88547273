from __future__ import annotations

import gzip
import json
import time
from pathlib import Path
from typing import Any, TypedDict

import boto3
import pandas as pd

import durable_async as da


class ListPage(TypedDict):
    keys: list[str]
    next: str | None


@da.activity(retry=da.RetryPolicy(max_attempts=5))
def list_page(bucket: str, token: str | None, size: int) -> ListPage:
    extra = {"ContinuationToken": token} if token else {}
    reply = boto3.client("s3").list_objects_v2(Bucket=bucket, MaxKeys=size, **extra)
    return {"keys": [item["Key"] for item in reply.get("Contents", [])], "next": reply.get("NextContinuationToken")}


@da.activity(timeout=900, heartbeat_timeout=60)
def load_object(key: str, table: str, partition: str) -> int:
    opener: Any = gzip.open if key.endswith(".gz") else open
    with opener(key, "rt") as source:
        frame = pd.DataFrame(json.loads(line) for line in source)
    frame["loaded_at"] = pd.Timestamp.now()
    frame.to_parquet(Path("/lake") / table / partition / f"{time.time_ns()}.parquet")
    return len(frame)


@da.activity
def schema_of(key: str) -> dict[str, str]:
    return {name: str(kind) for name, kind in pd.read_json(key, lines=True, nrows=100).dtypes.items()}


@da.activity
def quarantine(key: str, reason: str) -> None:
    Path(key).rename(Path("/lake/quarantine") / Path(key).name)
    Path("/lake/quarantine/log").open("a").write(f"{key} {reason}\n")


@da.activity
def compact(table: str, partitions: list[str]) -> int:
    return sum(1 for partition in partitions for _ in Path("/lake", table, partition).glob("*.parquet"))
