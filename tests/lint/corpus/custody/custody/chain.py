from __future__ import annotations

import asyncio
import concurrent.futures as cf
import socket
import threading
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import redis
from web3 import AsyncWeb3

from . import settings
from .activities import confirmations


class NodePool:
    _instance: NodePool | None = None

    def __new__(cls, *args: Any, **kwargs: Any) -> NodePool:
        if cls._instance is None:  # expect: DUR141
            cls._instance = super().__new__(cls)  # expect: DUR141
        return cls._instance  # expect: DUR141

    def __init__(self, url: str = "http://node:8545") -> None:
        self.url = url

    def height(self) -> int:
        with urllib.request.urlopen(self.url) as reply:  # expect: DUR121
            return int(reply.read())

    def host(self) -> str:
        from urllib.parse import urlsplit

        return urlsplit(self.url).hostname or ""

    def address(self) -> str:
        return socket.gethostbyname(self.host())  # expect: DUR121


def cached_price(pair: str) -> float:
    client = redis.Redis(host="cache")
    return float(client.get(pair) or 0)  # expect: DUR121


def is_network_error(error: Exception) -> bool:
    return isinstance(error, (socket.timeout, ConnectionError, redis.RedisError))


async def deep_enough(txid: str) -> bool:
    return await confirmations(txid) >= settings.CONFIRMATIONS


def in_pool(work: Callable[[], int]) -> int:
    with cf.ThreadPoolExecutor(2) as pool:  # expect: DUR131
        return pool.submit(work).result()  # expect: DUR102


async def off_loop(work: Callable[[], int]) -> int:
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, work)  # expect: DUR131


async def in_order(*work: Callable[[], int]) -> list[int]:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[list[int]] = loop.create_future()
    loop.call_soon(lambda: done.set_result([item() for item in work]))
    return await done


async def second_opinion(member: str) -> str:
    side = asyncio.new_event_loop()  # expect: DUR131
    answer: asyncio.Future[str] = side.create_future()
    side.call_soon(answer.set_result, member)
    return await answer  # expect: DUR132


def unwind(*undo: Callable[[], object]) -> None:
    with ExitStack() as stack:
        for item in undo:
            stack.callback(item)


def release_lock() -> None:
    threading.Thread(target=is_network_error, args=(ValueError(),)).start()  # expect: DUR131


def node_for(chain: str) -> AsyncWeb3:
    return AsyncWeb3(chain)
