"""Instruments are opened, used and closed; the driver package is optional."""

import asyncio
import contextlib
import subprocess
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from types import SimpleNamespace

import durable_async as da

try:
    import serial
except ImportError:
    serial = SimpleNamespace(Serial=None, SerialException=OSError)


@da.activity(on_lost="fail")
def pipette(well: str, microlitres: float) -> float:
    with contextlib.closing(serial.Serial("/dev/ttyUSB0")) as port:
        port.write(f"{well}:{microlitres}\n".encode())
        time.sleep(0.2)
    return microlitres


@da.activity
async def read_plate(plate: str) -> list[float]:
    process = await asyncio.create_subprocess_exec("readplate", plate, stdout=subprocess.PIPE)
    out, _ = await process.communicate()
    return [float(value) for value in out.split()]


@contextlib.contextmanager
def reserved(instrument: str) -> Generator[str, None, None]:
    subprocess.check_call(["reserve", instrument])  # expect: DUR123
    try:
        yield instrument
    finally:
        subprocess.run(["free", instrument], check=False)  # expect: DUR123


@contextlib.asynccontextmanager
async def warmed(instrument: str, degrees: float) -> AsyncIterator[float]:
    gate = threading.Event()  # expect: DUR131
    await da.sleep(degrees * 10)
    gate.wait(1)  # expect: DUR102
    yield degrees


async def temperatures(limit: int) -> AsyncGenerator[float, None]:
    for _ in range(limit):
        await asyncio.sleep(60)
        yield time.time() % 3 + 36  # expect: DUR101


async def stable(limit: int) -> AsyncIterator[int]:
    try:
        async for n in da.events("stable", int):
            if n > limit:
                return
            yield n
    finally:
        da.set_custom_status("stable ended")


class Incubator(contextlib.AsyncExitStack):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    async def __aenter__(self):
        await super().__aenter__()
        self.callback(self._log, "closed")
        self.push_async_callback(self._cool)
        return self

    def _log(self, what: str) -> None:
        print(self.name, what)  # expect: DUR143

    async def _cool(self) -> None:
        await asyncio.get_running_loop().run_in_executor(None, str, self.name)  # expect: DUR131
