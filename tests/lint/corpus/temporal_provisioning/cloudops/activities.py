"""Activities against the cloud's API."""

import os
import time
from datetime import datetime

import boto3
import requests
from temporalio import activity

from cloudops.settings import CloudSettings, Limits


def _api() -> str:
    return CloudSettings().api_url


@activity.defn
def boot_machine(name: str, labels: dict[str, str]) -> str:
    ec2 = boto3.client("ec2")
    ec2.run_instances(ClientToken=f"{name}-{int(time.time())}", MaxCount=1, MinCount=1)
    activity.heartbeat(datetime.now().isoformat())
    return name


@activity.defn
def machine_state(name: str) -> str:
    return requests.get(f"{_api()}/machines/{name}", timeout=5).json()["state"]


@activity.defn
def attach_volume(path: str, size: int, tool: str) -> None:
    os.makedirs(path, exist_ok=True)
    os.system(f"storectl attach {path} --size {size}")


@activity.defn
def write_record(name: str, address: str) -> None:
    requests.put(f"{_api()}/dns/{name}", json={"a": address}, timeout=5).raise_for_status()


@activity.defn
def quota_of(tenant: str) -> int:
    try:
        return Limits.from_env().quota
    except KeyError:
        return 0
