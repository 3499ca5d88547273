"""Activities that touch devices and the registry."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
from pathlib import Path

import aiohttp

from .durable import activity, device_activity
from .models import DeviceRecord

IMAGES = Path("/srv/firmware")


@device_activity()
async def read_record(serial: str) -> DeviceRecord:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{os.environ['REGISTRY']}/devices/{serial}") as reply:
            return DeviceRecord(**await reply.json())


@device_activity()
def flash(host: str, firmware: str) -> str:
    image = IMAGES / f"{firmware}.bin"
    subprocess.run(["flashtool", "--host", host, str(image)], check=True)
    return firmware


@activity(heartbeat_timeout=30)
async def probe(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


@activity
def reject(serial: str, reason: str) -> None:
    with socket.create_connection(("registry.internal", 7000)) as connection:
        connection.sendall(f"REJECT {serial} {reason}\n".encode())


@activity
async def enroll(serial: str, certificate: bytes) -> str:
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{os.environ['REGISTRY']}/devices/{serial}/enroll", data=certificate) as reply:
            return (await reply.json())["fleet"]
