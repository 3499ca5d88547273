# Switch handling. Star imports on purpose: see wiki/StarImports.
import asyncio
import contextlib
import functools
import os
import paramiko
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import asyncssh
from dcprov.lib import *
from dcprov.net.steps import *


class Switch:
    sessions = {}

    def __init__(self, name):
        self.name = name
        self.done = threading.Event()  # expect: DUR131

    def configure(self, vlan):
        client = paramiko.SSHClient()
        client.connect(self.name, username="dcprov")  # expect: DUR121
        Switch.sessions[self.name] = vlan  # expect: DUR141
        self.done.wait(timeout=2)  # expect: DUR102
        return ordinal("dell") + vlan

    async def configure_async(self, vlan):
        async with asyncssh.connect(self.name) as connection:  # expect: DUR121
            log("%s configured: %s", self.name, connection)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, slug, self.name)  # expect: DUR131
        return loop.time() + vlan

    async def reboot(self):
        power_cycle(self.name)  # expect: DUR133
        await asyncio.sleep(30)
        return await ping(self.name)

    def flash(self):
        """Hand tool, see bin/flash."""
        os.system("tftp " + self.name)
        time.sleep(60)


def in_parallel(names):
    with ThreadPoolExecutor(max_workers=4) as pool:  # expect: DUR131
        jobs = [pool.submit(slug, name) for name in names]
    return [job.result() for job in jobs]  # expect: DUR102


@functools.lru_cache(maxsize=1)  # expect: DUR141
def fabric():
    return tuple(open("/etc/fabric").read().split())  # expect: DUR122


async def wait_up(name):
    while True:  # expect: DUR151
        try:
            await ping(name)
        except Exception:
            warn("%s is down" % name)
        await asyncio.sleep(5)


async def wait_up_limited(name, limit):
    while True:
        if await ping(name) or limit <= 0:
            return limit
        limit -= 1
        await asyncio.sleep(5)


async def quiet_ping(name):
    with contextlib.suppress(BaseException):  # expect: DUR135
        return await ping(name)


async def careful_ping(name):
    try:
        return await ping(name)
    except asyncio.CancelledError:
        log("ping of %s cancelled", name)
        raise
