"""Which hardware to ask for."""

import os
import subprocess
import sys

import psutil

DEFAULT_WORKERS = os.cpu_count() or 1


def workers() -> int:
    return max(1, (os.cpu_count() or 1) - 1)  # expect: DUR125


def memory_gib() -> int:
    return psutil.virtual_memory().total >> 30  # expect: DUR125


def driver() -> str:
    return subprocess.check_output(["nvidia-smi", "--query-gpu=driver_version"], text=True)  # expect: DUR123


def visible() -> list[str]:
    return os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")  # expect: DUR124


def is_linux() -> bool:
    return sys.platform == "linux"  # expect: DUR125


def default_workers() -> int:
    return DEFAULT_WORKERS


def benchmark() -> int:
    return os.system("stress --cpu 4 --timeout 1") + os.getpid()
