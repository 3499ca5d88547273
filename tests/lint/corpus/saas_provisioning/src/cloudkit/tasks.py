"""Work on the outside."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import httpx

from . import task
from .naming import password, unique_name


@task
async def create_database(tenant: str) -> str:
    name = unique_name(tenant)
    proc = await asyncio.create_subprocess_exec("createdb", name)
    await proc.wait()
    return name


@task
async def create_user(tenant: str) -> str:
    return password(24) + os.environ["PEPPER"]


@task(name="send-mail", timeout=20)
async def send_mail(address: str, template: str) -> bool:
    async with httpx.AsyncClient() as client:
        return (await client.post("https://mail", json={"to": address})).is_success


@task
async def drop_database(name: str) -> None:
    try:
        await asyncio.create_subprocess_exec("dropdb", name)
    except asyncio.CancelledError:
        pass


@task
def configure(name: str, hook: Callable[[str], None]) -> None:  # expect: DUR152
    hook(name)
