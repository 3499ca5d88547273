#!/usr/bin/env python3
"""dcprovd: reads the queue directory, starts flows, dumps state on SIGUSR1."""

import asyncio
import glob
import os
import signal
import sys
import time

import durable_async as da

from dcprov import globals as g
from dcprov import provision
from dcprov.lib import *
from dcprov.lib.config import Metrics
from dcprov.net import steps
from dcprov.net.switches import Switch


def dump(signum, frame):
    freeze_to("/var/tmp/dcprov.dump", {"racks": g.RACKS, "at": time.time()})
    rotate_logs()


async def main():
    signal.signal(signal.SIGUSR1, dump)
    print(Metrics().host, os.getpid())
    async with da.Client(os.environ["DURABLE_URL"]) as client:
        worker = asyncio.create_task(da.Worker(client, [provision, steps]).run())
        while not worker.done():
            for name in glob.glob("/var/spool/dcprov/*.rack"):
                rack = os.path.splitext(os.path.basename(name))[0]
                g.RACKS[rack] = time.time()
                await client.start(provision.provision_rack(rack, [], "dell"), id=rack, if_exists="attach")
                os.unlink(name)
            try:
                await asyncio.sleep(5)
            except BaseException:
                Switch("spine").flash()
                break
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
