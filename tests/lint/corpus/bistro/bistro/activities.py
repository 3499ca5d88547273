from __future__ import annotations

import os
import socket
import subprocess
import time
import uuid

import durable_async as da
import httpx


@da.activity(retry=da.RetryPolicy(max_attempts=4))
async def authorize(guest: str, cents: int) -> str:
    async with httpx.AsyncClient(base_url=os.environ["PAYMENTS_URL"]) as http:
        reply = await http.post("/authorize", json={"guest": guest, "cents": cents, "key": str(uuid.uuid4())})
        reply.raise_for_status()
        return str(reply.json()["token"])


@da.activity
async def capture(token: str, cents: int) -> bool:
    async with httpx.AsyncClient(base_url=os.environ["PAYMENTS_URL"]) as http:
        return (await http.post(f"/capture/{token}", json={"cents": cents})).is_success


@da.activity
def print_ticket(station: str, text: str) -> None:
    with socket.create_connection((f"printer-{station}", 9100)) as link:
        link.sendall(text.encode())
    time.sleep(0.2)
    print("printed at", station)


@da.activity
def archive(day: str) -> int:
    done = subprocess.run(["tar", "czf", f"/backup/{day}.tgz", f"/srv/orders/{day}"], check=False)
    return done.returncode


@da.activity
async def text_guest(guest: str, message: str) -> None:
    async with httpx.AsyncClient() as http:
        await http.post("https://sms.example.net/send", json={"to": guest, "text": message})
