"""Game servers: found by region, asked for a slot."""

import asyncio
import multiprocessing as mp
import os
import queue
import select
import signal
import threading
import time

import grpc
import httpx

import durable_async as da


class Pool:
    def __init__(self, regions: list[str]):
        self.regions = regions
        self.inbox = queue.Queue()  # expect: DUR131
        self.stopped = threading.Event()  # expect: DUR131

    def drain(self, seconds: float) -> str | None:
        if self.stopped.wait(seconds):  # expect: DUR102
            return None
        return self.inbox.get()  # expect: DUR102

    def stop(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    @staticmethod
    def cores() -> int:
        return mp.cpu_count()  # expect: DUR125

    def ordered(self) -> list[str]:
        return sorted(set(self.regions))


def settle(seconds: float = 0.5) -> None:
    time.sleep(seconds)  # expect: DUR102


async def resolve(host: str) -> str:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, 443)  # expect: DUR121
    return found[0][4][0]


async def crunch(values: list[float]) -> float:
    return await asyncio.to_thread(sum, values)  # expect: DUR131


async def wait_channel(target: str) -> bool:
    channel = grpc.aio.insecure_channel(target)  # expect: DUR121
    await channel.channel_ready()  # expect: DUR121
    return True


async def crash_dump(path: str) -> str:
    process = await asyncio.create_subprocess_exec("minidump", path)  # expect: DUR123
    return str(process.pid)


@da.activity
async def reserve(region: str, players: list[str]) -> str:
    async with httpx.AsyncClient() as client:
        return (await client.post(f"https://{region}.example.org/slots", json=players)).text


@da.activity
def ping(region: str) -> float:
    began = time.perf_counter()
    select.select([], [], [], 0.01)
    return time.perf_counter() - began
