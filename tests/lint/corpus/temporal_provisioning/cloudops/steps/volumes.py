"""Volumes: made with the storage CLI's plan, attached one after the other."""

import asyncio
import json
import pathlib
import shlex
import subprocess
from datetime import timedelta
from typing import Any

from temporalio import workflow

from cloudops import naming
from cloudops.activities import attach_volume

PLANS = pathlib.PurePosixPath("/etc/cloudops/plans")


def plan_file(tenant: str) -> pathlib.PurePosixPath:
    return (PLANS / tenant).with_suffix(".json")


def load_plan(tenant: str) -> list[dict[str, Any]]:
    source = pathlib.Path(plan_file(tenant))
    if not source.exists():  # expect: DUR122
        return []
    with source.open() as handle:  # expect: DUR122
        return json.load(handle)


def cli_version() -> str:
    out = subprocess.check_output(shlex.split("storectl --version"), text=True)  # expect: DUR123
    return out.split()[-1]


async def attach(tenant: str, spec: dict[str, Any]) -> list[str]:
    plan = spec.get("volumes") or load_plan(tenant)
    lock = asyncio.Lock()
    paths: list[str] = []

    async def one(name: str, size: int) -> None:
        path = naming.volume_path(tenant, name)
        async with lock:
            await workflow.execute_activity(
                attach_volume, args=[path, size, cli_version()], start_to_close_timeout=timedelta(minutes=2)
            )
        paths.append(path)

    await asyncio.gather(*(one(v["name"], v["size"]) for v in plan))
    if not paths:
        print(f"no volumes for {tenant}")  # expect: DUR143
    return paths


def attach_locally(tenant: str, name: str) -> None:
    """For developers' machines (`cloudops dev attach`)."""
    subprocess.run(["mount", naming.volume_path(tenant, name)], check=True)
    assert naming.is_mounted(naming.volume_path(tenant, name))
