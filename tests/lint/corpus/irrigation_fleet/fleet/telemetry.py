"""Talks to the devices; used by activities and by the simulator."""

import os
import random
import socket
import struct
import threading
from datetime import datetime, timezone

import durable_async as da

_LOCK = threading.Lock()
_SEQUENCE = 0


def _next_sequence() -> int:
    global _SEQUENCE
    with _LOCK:
        _SEQUENCE += 1
        return _SEQUENCE


def frame(valve_id: str, command: int) -> bytes:
    return struct.pack(">I16sB", _next_sequence(), valve_id.encode(), command)


@da.activity(retry=da.RetryPolicy(max_attempts=4, initial_interval=0.5))
async def send_command(valve_id: str, command: int) -> None:
    with socket.create_connection((os.environ["GATEWAY"], 7000), timeout=3) as wire:
        wire.sendall(frame(valve_id, command))


@da.activity
async def moisture(field_id: str) -> float:
    return random.random()


@da.activity
async def forecast(field_id: str, at: datetime) -> list[float]:
    age = datetime.now(timezone.utc) - at
    return [age.total_seconds(), 0.0]


def checksum(data: bytes) -> int:
    value = 0
    for byte in data:
        value = (value * 31 + byte) & 0xFFFF
    return value
