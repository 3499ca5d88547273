from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from . import cold_chain, matching
    from .activities import Unit, dispatch, reserve
    from .cold_chain import FridgeWatch

SOON = timedelta(minutes=2)


@workflow.defn
class Request:
    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.closed = False
        self.key = str(uuid.uuid4())  # expect: DUR112

    @workflow.run
    async def run(self, group: str, hospital: str) -> list[str]:
        await workflow.wait_condition(lambda: self.closed or len(self.units) > 2)
        donors = matching.donors_for(group)
        if donors != matching.donors_sorted(group):
            workflow.logger.info("order differs at %s", workflow.now())
        good = [unit for unit in self.units if matching.accepts(group, unit.group)]
        chosen = matching.pick(good) if matching.served(hospital) % 2 else matching.pick_fair(good)
        held = await workflow.execute_activity(reserve, args=[chosen.id, hospital], start_to_close_timeout=SOON)
        try:
            await workflow.execute_activity(dispatch, args=[chosen.id, "bike"], start_to_close_timeout=SOON)
        except (ActivityError, asyncio.CancelledError):  # expect: DUR135
            workflow.logger.warning("not sent")
        return [held, matching.first_group(good), cold_chain.label_for({"unit": chosen.id})]

    @workflow.signal
    def offer(self, unit: Unit) -> None:
        self.units.append(unit)
        print("offered", unit.id)  # expect: DUR143

    @workflow.update
    async def close(self, reason: str) -> str:
        self.closed = True
        return f"{workflow.uuid4()}:{reason}"

    @workflow.query
    def count(self) -> int:
        return len(self.units)


@workflow.defn(name="storage")
class Storage(FridgeWatch):
    @workflow.run
    async def run(self, fridge: str, cycle: int) -> None:
        self.fridge = fridge
        self.readings = [cold_chain.calibrate(fridge)]
        await cold_chain.settle(5, quickly=cycle == 0)
        while True:
            await self.take_reading()
            if self.too_warm or self.spread > 3:
                await self.sound()
                await self.sound_and_go_on()
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(args=[fridge, cycle + 1])


@workflow.defn
class Inventory(FridgeWatch):
    @workflow.run
    async def run(self, fridge: str, units: list[Unit]) -> list[str]:
        self.fridge, self.readings = fridge, []
        watcher = asyncio.create_task(cold_chain.watch_forever(self))
        aged = matching.oldest(units, workflow.time())
        if matching.rare(units):
            await asyncio.sleep(60)
        watcher.cancel()
        return [cold_chain.label_at({"unit": item.unit.id}, workflow.now()) for item in aged]
