"""Reads all meters."""

import asyncio
import time

import durable_async as da

from . import readings
from .readings import Meter, Reading


@da.orchestrator
async def read_meters(names: list[str]) -> list[str]:
    lines = readings.text_forms() + readings.third_party()
    for name in names:
        meter = Meter(name)
        lines.append(f"{meter()} {int(meter)} {meter.raw()} {Meter.scaled()} {list(meter)}")
        lines.append(str(Reading(name)))
        lines.append(readings.label(name))
    due = readings.later(3)
    await asyncio.sleep(due() - readings.spaced(1)[0])
    if (began := time.perf_counter()) > 0:  # expect: DUR101
        lines.append(str(began))
    return lines + [str(readings.samples(2)), str(readings.year())]
