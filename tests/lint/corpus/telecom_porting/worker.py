import asyncio
import os
import random
import sys
import time
from pathlib import Path

import durable_async as da
from porting import flows
from porting.fallback import crc_many
from porting.gateway import FakeTransport, Gateway, TlsTransport
from porting.states import diagram


def transport():
    return FakeTransport() if "--fake" in sys.argv else TlsTransport(os.environ["CLEARING_HOUSE"])


async def main() -> None:
    started = time.monotonic()
    Path("states.dot").write_text(diagram())
    print("self test", crc_many({b"a", b"b"}))
    await asyncio.sleep(random.random() * 3)
    async with da.Client(os.environ["PORTING_DB"]) as client:
        await da.Worker(client, [flows, Gateway(transport())], identity=f"porting-{os.getpid()}").run()
    print("up for", time.monotonic() - started)


asyncio.run(main())
