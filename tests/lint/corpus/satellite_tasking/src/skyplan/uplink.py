import socket
import struct
import time

import durable_async as da

FRAME = struct.Struct("!8sd")


@da.activity(timeout=120, heartbeat_timeout=20)
def command(satellite: str, what: str, value: float) -> str:
    with socket.create_connection(("uplink", 9000)) as sock:
        for _ in range(3):
            sock.sendall(FRAME.pack(what.encode()[:8], value))
            da.heartbeat()
            time.sleep(1)
    return f"{satellite}/{what}/{time.time_ns()}"


@da.activity
def measure_drift(satellite: str) -> float:
    with socket.create_connection(("telemetry", 9001)) as sock:
        return float(sock.recv(32).decode())


@da.activity
async def log_downlink(channel: int) -> None:
    print("downlink on", channel)
