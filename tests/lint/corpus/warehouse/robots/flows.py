from __future__ import annotations

import asyncio
import time as t
from datetime import date, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    import requests

    from robots import policy
    from robots.fleet import battery, routes
    from robots.tasks import FAST, lift, move


@workflow.defn
class Pick:
    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.robot = battery.Robot()

    @workflow.run
    async def run(self, shelf: str, start: tuple[int, int], goal: tuple[int, int]) -> str:
        path = routes.planned(start, goal) | routes.Path((goal,))
        if not path.exists() or not await policy.or_nothing(self.go):
            return "nowhere"
        async with policy.zone_held(shelf):
            for cell in path.unique():
                await workflow.execute_activity(move, args=[self.robot.serial, cell], **FAST)
                self.robot << 1.5
        async with policy.Quiet():
            await workflow.execute_activity(lift, args=[self.robot.serial, shelf], **FAST)
        day = f"{date.today():%j}"  # expect: DUR101
        return f"{day} {policy.rank(shelf)} {policy.rank_of_order()} {await battery.level(self.robot)}"

    @workflow.signal
    async def start(self, zone: str) -> None:
        status = requests.get(f"http://{zone}.local/status", timeout=1)  # expect: DUR121
        if isinstance(status, requests.Response):
            self.go.set()

    @workflow.update
    async def steer(self, blob: bytes) -> int:
        path = routes.restored_old(blob).unlink()
        return len(path.cells) + battery.collect_garbage()

    @steer.validator
    def check_blob(self, blob: bytes) -> None:
        if len(blob) > 1_000:
            raise ValueError("too long")


@workflow.defn
class Patrol:
    @workflow.run
    async def run(self, cells: list[tuple[int, int]], names: list[str]) -> str:
        heading = routes.Heading.from_argv().left()
        done = False
        while not done:
            try:
                await asyncio.wait_for(workflow.wait_condition(lambda: False), 60)
            except asyncio.TimeoutError:
                done = True
        for cell in routes.spiral(cells[0], 5):
            await workflow.execute_activity(move, args=["p-1", cell], **FAST)
        event = asyncio.Event()
        event.set()
        await policy.or_raise(event)
        asyncio.sleep(5)  # expect: DUR133
        robot = battery.Robot()
        await asyncio.wait_for(battery.telemetry(robot), timeout=5)
        return f"{heading.name} {routes.blocked(set(cells), set(names))}"


@workflow.defn
class Charge:
    @workflow.run
    async def run(self, robot: str, minutes: int) -> float:
        begin = workflow.time()
        handle = workflow.start_activity(lift, args=[robot, "dock"], **FAST)
        while True:  # expect: DUR151
            await asyncio.sleep(minutes * 60)
            workflow.logger.info("charging for %s", workflow.time() - begin)


def bench() -> float:
    begin = t.perf_counter()
    battery.drill()
    return t.perf_counter() - begin + timedelta(0).total_seconds()
