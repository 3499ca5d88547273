"""Talks to devices over the message bus. Only activities use it."""

import asyncio
import os
import socket
import time

import durable_async as da

BROKER = (os.environ.get("MQTT_HOST", "localhost"), 1883)


class Gateway:
    """Given to the worker, so that activities share one connection."""

    def __init__(self, broker=BROKER):
        self.broker = broker
        self.started = time.monotonic()

    @da.activity(timeout=900, heartbeat_timeout=30)
    async def push_update(self, serial: str, image: str) -> str:
        reader, writer = await asyncio.open_connection(*self.broker)
        writer.write(f"PUB {serial} {image}\n".encode())
        await writer.drain()
        answer = await reader.readline()
        writer.close()
        return answer.decode().strip()

    @da.activity
    async def ping(self, serial: str) -> bool:
        try:
            await asyncio.to_thread(socket.create_connection, self.broker, 2)
        except OSError:
            return False
        return time.monotonic() - self.started > 0

    @da.activity
    async def rollback(self, serial: str) -> None:
        await self.push_update.fn(self, serial, "previous")
