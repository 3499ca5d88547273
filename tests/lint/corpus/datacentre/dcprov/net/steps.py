"""Activities of the provisioning system."""

import os
import random
import subprocess
import time

import durable_async as da

from dcprov import globals as g

__all__ = ["install_image", "ping", "power_cycle", "register_asset", "release_rack"]


@da.activity(retry=da.RetryPolicy(max_attempts=6))
def ping(host: str) -> bool:
    return subprocess.call(["ping", "-c1", host]) == 0


@da.activity
def power_cycle(host: str) -> float:
    with g.BIG_LOCK:
        os.system(f"ipmitool -H {host} chassis power cycle")
    time.sleep(5)
    return time.time()


@da.activity(timeout=3600)
def install_image(host: str, image: str) -> str:
    g.PENDING.clear()
    return f"{host}:{image}:{random.getrandbits(32):08x}"


@da.activity
def register_asset(tag: str, rack: str) -> None:
    print(tag, rack, os.getpid())


@da.activity
def release_rack(rack: str) -> bool:
    return g.RACKS.pop(rack, None) is not None
