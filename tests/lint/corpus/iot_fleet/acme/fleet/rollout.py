"""Staged updates of a fleet."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable

import anyio.to_thread
import durable_async as da

from acme.fleet.devices import Device, Ring
from acme.fleet.firmware import Image, delta_codec, download
from acme.fleet.gateway import Gateway

log = da.get_logger(__name__)
PAUSE = {Ring.CANARY: 3600, Ring.EARLY: 6 * 3600, Ring.BROAD: 0}


@da.orchestrator
async def update_device(serial: str, name: str, version: str) -> bool:
    ref = da.entity_ref(Device, serial)
    async with da.lock(ref):
        for attempt in range(3):
            try:
                async with asyncio.timeout(900):
                    answer = await Gateway.push_update(serial, f"{name}:{version}")
            except TimeoutError:
                await ref.call(Device.failed)
                await asyncio.sleep(60 * attempt + random.randint(0, 30))  # expect: DUR111
                continue
            except asyncio.CancelledError:  # expect: DUR135
                ref.signal(Device.failed)
                return False
            if answer == "ok":
                await ref.call(Device.report, version)
                return True
        Gateway.rollback(serial)  # expect: DUR133
    return False


@da.orchestrator
async def roll_out(name: str, version: str, serials: list[str]) -> dict[str, int]:
    image = Image(name, version)
    await download(name, version)
    checksum = await anyio.to_thread.run_sync(image.digest)  # expect: DUR131
    with image:
        log.info("%s is %d bytes, %s", image, len(image), checksum)
    codec = delta_codec("bsdiff")
    rings = group(serials)
    outcome: dict[str, int] = {}
    began = time.time()  # expect: DUR101
    for ring in Ring:
        members = rings.get(ring, [])
        results = await asyncio.gather(*(update_device(s, name, version) for s in members))
        outcome[ring.name] = sum(results)
        if members and sum(results) < 0.9 * len(members):
            break
        await asyncio.sleep(PAUSE[ring])
    took = time.time() - began  # expect: DUR101
    da.set_custom_status({"seconds": took, "codec": repr(codec is None)})
    return outcome


def group(serials: Iterable[str]) -> dict[Ring, list[str]]:
    rings: dict[Ring, list[str]] = {}
    for serial in set(serials):  # expect: DUR134
        rings.setdefault(Ring.of(serial), []).append(serial)
    return rings


@da.orchestrator
async def watch_fleet(site: str, serials: tuple[str, ...]) -> None:
    """Never ends: one check an hour."""
    while 1:  # expect: DUR151
        alive = await asyncio.gather(*{Gateway.ping(serial) for serial in serials})
        if not all(alive):
            dark = {s for s, up in zip(serials, alive) if not up}
            dark = sorted(dark)
            await asyncio.gather(*[da.entity_ref(Device, s).call(Device.failed) for s in dark])
            da.send_event(f"oncall-{site}", "devices-dark", dark)
        await da.sleep(3600)
