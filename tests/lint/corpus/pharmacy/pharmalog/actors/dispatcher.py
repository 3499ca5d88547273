"""Actors that plan routes, and the orchestrators that own them."""

from __future__ import annotations

import asyncio
import os
import pickle
import shutil
import subprocess
from collections.abc import Awaitable, Callable
from typing import Any

import durable_async as da
from durable_async import orchestrator

from pharmalog.activities import dispatch, order_from, print_manifest
from pharmalog.actors.base import Actor
from pharmalog.actors.entities import Stock, Van
from pharmalog.common import batch_code, clock
from pharmalog.common.codes import pallet_label

Handler = Callable[[Any], Awaitable[None]]


class Planner(Actor):
    def __init__(self, name: str, regions: frozenset[str]) -> None:
        super().__init__(name)
        self.regions = regions
        self.routes: list[str] = []
        self.workers = os.cpu_count() or 1  # expect: DUR125

    def handlers(self) -> dict[str, Handler]:
        return super().handlers() | {
            "plan": self.on_plan,
            "solve": self.on_solve,
            "ship": self.on_ship,
            "restore": self.on_restore,
        }

    async def on_plan(self, body: dict[str, Any]) -> None:
        self.routes += [f"{region}-{body['day']}" for region in self.regions]  # expect: DUR134
        shutil.copy("/srv/routes/base", f"/srv/routes/{self.name}")  # expect: DUR122

    async def on_solve(self, body: dict[str, Any]) -> None:
        done = subprocess.run(["vrp", *self.routes], check=True, capture_output=True)  # expect: DUR123
        self.routes = done.stdout.decode().split()

    async def on_ship(self, body: list[str]) -> None:
        for route in self.routes:
            await dispatch(route, body)
            print_manifest(route)  # expect: DUR133

    async def on_restore(self, body: bytes) -> None:
        self.routes = pickle.loads(body)  # expect: DUR142


class Buyer(Actor):
    def handlers(self) -> dict[str, Handler]:
        return {**super().handlers(), "buy": self.on_buy}

    async def on_buy(self, body: dict[str, int]) -> None:
        for drug, count in body.items():
            if order_from("main", drug, count):  # expect: DUR133
                continue
            await order_from("second", drug, count)


@orchestrator
async def morning_round(regions: list[str], boxes: list[str], snapshot: bytes) -> int:
    planner = Planner("planner", frozenset(regions))
    await planner.tell("restore", snapshot)
    await planner.tell("plan", {"day": str(clock.today())})
    await planner.tell("solve", {})
    await planner.tell("ship", boxes)
    handled = await planner.run(4)
    ref = da.entity_ref(Stock, "ibuprofen")
    picked = await ref.call(Stock.pick, handled)
    van = da.entity_ref(Van, "W-100")
    async with da.lock(ref, van):
        await van.call(Van.add, batch_code("vie") + "".join(picked))
    return len(picked)


@orchestrator
async def buyer(wanted: dict[str, int]) -> None:
    actor = Buyer("buyer")
    await actor.tell("buy", wanted)
    await actor.forever()


@orchestrator
async def relay(target: str, wanted: dict[str, int]) -> str:
    Buyer(target)
    other = Actor.find(target)
    await other.tell("buy", wanted)
    run = asyncio.create_task(other.run(2))
    await other.tell("stop", None)
    await run
    return f"{clock.banner()} {clock.warehouse_time():%H} {pallet_label(target)}"
