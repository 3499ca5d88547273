"""Activities; each wraps one system of the hospital."""

from __future__ import annotations

import datetime
import os
import socket
import threading
import time

from wards import remote_call

from .people import Patient

_guard = threading.Lock()


@remote_call
async def admit(number: str) -> str:
    return f"{number}-{time.time_ns()}"


@remote_call(timeout=30)
def page_nurse(nurse: str, text: str) -> bool:
    with _guard:
        sock = socket.create_connection(("pager", 9))
        sock.sendall(f"{nurse} {text} {os.getpid()}".encode())
    return True


@remote_call()
async def sterilise(room: str) -> datetime.datetime:
    return datetime.datetime.now()


@remote_call
async def discharge(patient: Patient, lock: threading.Lock) -> None:  # expect: DUR152
    with lock:
        admit(patient.number)  # expect: DUR133
