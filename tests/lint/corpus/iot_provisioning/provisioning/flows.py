from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta

from . import devices
from .certificates import CertificateFactory, fingerprint, resolve
from .durable import continue_as_new, get_logger, now, patched, set_custom_status, wait_for_event, workflow
from .models import Capability, Device, Phase, Rollout

log = get_logger("provisioning")

MINIMUM = (2, 4, 0)
STALE = timedelta(days=30).total_seconds()


class Provisioner:
    """One device on its way from the box to the fleet."""

    def __init__(self, device: Device, certificates: CertificateFactory) -> None:
        self.device = device
        self.phase = Phase.NEW
        self._certificates = certificates
        self._steps = {
            Phase.NEW: self._claim,
            Phase.CLAIMED: self._flash,
            Phase.FLASHED: self._enroll,
        }

    async def run(self) -> Phase:
        while True:
            if self.phase.final:
                return self.phase
            step = self._steps[self.phase]
            self.phase = await step()
            set_custom_status(self.phase.name)

    async def _claim(self) -> Phase:
        if self.device.age > STALE:
            await devices.reject(self.device.serial, "stale")
            return Phase.REJECTED
        owner = await wait_for_event(f"claim-{self.device.serial}", str | None)
        return Phase.CLAIMED if owner else Phase.REJECTED

    async def _flash(self) -> Phase:
        if self.device.version < MINIMUM:
            target = ".".join(map(str, MINIMUM))
            self.device.firmware = await devices.flash(str(self.device.host), target)
        for attempt in itertools.count(1):
            if await devices.probe(str(self.device.host), 8883):
                break
            await asyncio.sleep(min(60, 2**attempt))
        return Phase.FLASHED

    async def _enroll(self) -> Phase:
        certificate = self._certificates.sign(self.device.serial)
        fleet = await devices.enroll(self.device.serial, certificate)
        log.info("%s enrolled in %s with %s", self.device.serial, fleet, fingerprint(certificate))
        return Phase.ENROLLED


@workflow
async def provision(serial: str, gateway: str | None = None) -> str:
    record = await devices.read_record(serial)
    host = record.host if gateway is None else resolve(gateway)
    device = Device(record.serial, record.firmware, host, record.last_seen)
    if patched("lora-by-default"):
        device.capabilities |= Capability.LORA
    return (await Provisioner(device, CertificateFactory()).run()).name


@workflow(name="firmware-rollout")
async def rollout(firmware: str, serials: list[str], done: list[str]) -> int:
    plan = Rollout(firmware, serials, done)
    batch = plan.missing
    for serial in batch:  # expect: DUR134
        record = await devices.read_record(serial)
        if record.firmware != firmware:
            await devices.flash(record.host, firmware)
        plan.done.append(serial)
    if (left := plan.missing) and now().hour < 22:
        log.info("%d devices left", len(left))
        continue_as_new(rollout(firmware, sorted(left), plan.done))
    return len(plan.done)


@workflow
async def canary(firmware: str, serials: set[str]) -> str | None:
    picked = min(serials, default=None)
    if picked is None:
        return None
    record = await devices.read_record(picked)
    device = Device(record.serial, firmware, record.host)
    zones = {zone for zone in (1, 2, 3) if zone != device.version[0]}
    for zone in zones:
        await devices.probe(str(device.host), 8000 + zone)
    return device.serial


@workflow
async def watch_fleet(serials: list[str], interval: float) -> None:
    for round_number in itertools.count():  # expect: DUR151
        results = await asyncio.gather(*(devices.read_record(serial) for serial in serials))
        log.info("round %d: %d answered", round_number, len(results))
        await asyncio.sleep(interval)
