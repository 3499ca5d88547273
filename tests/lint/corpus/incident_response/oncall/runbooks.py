"""Remedies that responders share. Run by flows, so far in process."""

from __future__ import annotations

import asyncio
import os
import platform
import shlex
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import paramiko
import psutil
from rich import print as rprint

from . import paging

Remedy = Callable[["Scope"], Awaitable[str]]


@dataclass
class Scope:
    service: str
    hosts: frozenset[str]
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        rprint(f"[bold]{self.service}[/]: {text}")  # expect: DUR143
        self.notes.append(text)


class Shell:
    def __init__(self, host: str) -> None:
        self.host = host
        self.client = paramiko.SSHClient()

    async def __aenter__(self) -> Shell:
        self.client.connect(self.host, timeout=5)  # expect: DUR121
        return self

    async def __aexit__(self, *exc: object) -> None:
        with suppress(Exception):
            await asyncio.sleep(0)

    def run(self, command: str) -> str:
        _, out, _ = self.client.exec_command(shlex.quote(command))  # expect: DUR121
        return str(out)


async def restart(scope: Scope) -> str:
    for host in sorted(scope.hosts):
        async with Shell(host) as shell:
            scope.note(shell.run(f"systemctl restart {scope.service}"))
        await asyncio.sleep(30)
    return "restarted"


async def shed_load(scope: Scope) -> str:
    load = psutil.cpu_percent()  # expect: DUR125
    code = os.system(f"traefikctl weight {scope.service} {100 - int(load)}")  # expect: DUR123
    scope.note(f"traefikctl: {code}")
    return "shed"


async def fail_over(scope: Scope) -> str:
    for host in scope.hosts:  # expect: DUR134
        try:
            await paging.page(host, "about to fail over")
        except Exception:
            traceback.print_exc()  # expect: DUR143
        else:
            return host
    raise LookupError(scope.service)


REMEDIES: dict[str, Remedy] = {"restart": restart, "shed": shed_load, "failover": fail_over}


def local_diagnostics() -> dict[str, Any]:
    """For the command line."""
    top = subprocess.run(["top", "-b", "-n1"], capture_output=True).stdout
    return {"node": platform.node(), "python": sys.version, "top": top}
