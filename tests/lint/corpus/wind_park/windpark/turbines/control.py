"""Activities on the turbine controller (SCADA)."""

from __future__ import annotations

import os
import socket
import struct
import time
from uuid import uuid4

import durable_async as da

_connections: dict[str, socket.socket] = {}


def _connection(turbine: str) -> socket.socket:
    if turbine not in _connections:
        _connections[turbine] = socket.create_connection((f"{turbine}.scada", 502))
    return _connections[turbine]


def _frame(function: int, value: float) -> bytes:
    return struct.pack(">IHf", uuid4().int & 0xFFFF, function, value)


@da.activity(retry=da.RetryPolicy(max_attempts=10, backoff=1.5))
def derate(turbine: str, step: float) -> None:
    _connection(turbine).sendall(_frame(6, step))


@da.activity
def stop_turbine(turbine: str) -> float:
    _connection(turbine).sendall(_frame(5, 0.0))
    return time.time()


@da.activity
def read_sensor(turbine: str, name: str) -> float:
    return float(len(name) + int(os.environ.get("SENSOR_OFFSET", "0")))


@da.activity
def heat_blade(turbine: str, blade: str) -> bool:
    _connection(turbine).sendall(_frame(7, float(len(blade))))
    return True


@da.activity
async def call_crew(turbine: str, day: str) -> list[str]:
    return [f"{turbine}-{day}-{n}" for n in range(3)]
