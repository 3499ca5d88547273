"""Orchestrations of the wet lab."""

import asyncio
import contextlib
from functools import partial

import durable_async as da

from .instruments import Incubator, pipette, read_plate, reserved, stable, temperatures, warmed
from .protocols import concentration, dilution, instantiate, merge_plans, plan, plates


@da.orchestrator
async def analyse(sample: str, assay: str, wells: list[str]) -> float:
    steps = merge_plans(plan(assay, wells), plan("control", ["H12"]))
    files = plates(wells)
    with contextlib.ExitStack() as stack:
        reader = stack.enter_context(reserved("reader"))
        for step in steps:
            da.set_custom_status(step.describe("now"))
            await pipette(step.well, step.minutes * 1.0)
        values = await read_plate(files[wells[0][0]])
    series = dilution(100.0, 2.0, len(values))
    label = instantiate(f"$SITE/{reader}/{sample}")
    da.get_logger(__name__).info("%s: %s", label, series)
    return concentration(values)


@da.orchestrator
async def incubate(sample: str, hours: float) -> list[float]:
    seen: list[float] = []
    async with Incubator("heraeus") as incubator:
        degrees = await incubator.enter_async_context(warmed("heraeus", 37.0))
        async for value in temperatures(int(hours * 60)):
            seen.append(value - degrees)
    return seen


@da.orchestrator
async def stability_study(sample: str, months: int) -> dict[str, float]:
    results: dict[str, float] = {}

    async def pull(month: int) -> None:
        nonlocal results
        await asyncio.sleep(month * 30 * 86_400)
        results[str(month)] = await analyse(sample, "hplc", ["A1"])

    async with asyncio.TaskGroup() as group:
        for month in range(months):
            group.create_task(pull(month), name=f"month-{month}")
    async for n in stable(months):
        results[f"stable-{n}"] = float(n)
    undo = [partial(pipette, well, 0.0) for well in ("A1", "A2")]
    await asyncio.gather(*(step() for step in reversed(undo)))
    pipette("waste", 0.0)  # expect: DUR133
    return results
