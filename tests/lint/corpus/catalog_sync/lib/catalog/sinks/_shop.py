import asyncio
import contextvars
import platform
import subprocess
import sys

import aiohttp
import trio

_current = contextvars.ContextVar("shop", default="main")


class ShopSink:
    def __init__(self, session_factory=aiohttp.ClientSession):
        self._factory = session_factory

    async def push(self, product):
        async with self._factory() as session:
            async with session.post("https://shop/products", json=product) as reply:  # expect: DUR121
                return reply.status

    async def optimise(self, image):
        process = await asyncio.create_subprocess_exec("optipng", image)  # expect: DUR123
        return process.returncode

    async def nap(self):
        await trio.sleep(1)  # expect: DUR132

    def version(self):
        return subprocess.check_output(["shop", "--version"])  # expect: DUR123

    @property
    def agent(self):
        return f"sync/{platform.python_version()} on {sys.platform}"  # expect: DUR125

    @property
    def shop(self):
        return _current.get()


class NullSink:
    async def push(self, product):
        return 204
