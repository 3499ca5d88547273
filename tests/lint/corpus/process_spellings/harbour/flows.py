"""Moves containers."""

import os
import subprocess
import sys

import durable_async as da

from . import machine
from .machine import Crane


@da.activity
def move(name: str) -> int:
    return subprocess.run(["crane", name], env=dict(os.environ), check=False).returncode


@da.orchestrator
async def move_container(name: str) -> str:
    crane = Crane(name)
    lines = machine.facts() + machine.settings(name) + [machine.constants(), crane.path()]
    total = machine.programs(name) + machine.nested_loop(name) + crane.key() + crane.slot() + crane.number_slot(3)
    total += await machine.shell(name) + await move(name)
    lines.append(await machine.threads(name))
    if total > 1_000:
        subprocess.run(["sync"], check=True)  # expect: DUR123
        machine.replaced(name)
    if "--trace" in sys.argv:  # expect: DUR125
        lines.append(machine.checked(name))
    return "".join(lines)
