"""Those who place orders, and those who decide about them: the clients of the orchestrators.

Invariant: an order is started once, under an id that its run and its own id make up.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from collections.abc import Sequence
from typing import Final

import durable_async as da
from fulfilment import Decision, Phase, fulfil
from orders import Order, Outcome

ORDERS_A_SECOND: Final = 16

LIVE: Final = [status for status in da.RuntimeStatus if not status.has_ended]


class Shop:
    """Orders as instances: places them, and looks at how far they are.

    The ids of one run begin alike, so that several runs may share an engine.
    """

    def __init__(self, client: da.Client, orders: Sequence[Order]) -> None:
        self.orders = orders
        self._client = client
        self._run = f"demo-{secrets.token_hex(4)}-"
        self.placed = 0
        self._ended: dict[str, da.InstanceState] = {}

    async def place_all(self) -> None:
        for order in self.orders:
            await self._client.start(fulfil(order), id=self._run + order.id)
            self.placed += 1
            await asyncio.sleep(1 / ORDERS_A_SECOND)

    async def states(self) -> dict[str, da.InstanceState]:
        """By order id, of all that are placed. What has ended is not asked for again."""
        placed = [order.id for order in self.orders[: self.placed]]
        live = self._client.list(id_prefix=self._run, status=LIVE)
        states = {state.id.removeprefix(self._run): state async for state in live}
        for order_id in placed:
            if order_id not in states and order_id not in self._ended:
                state = await self._client.handle(self._run + order_id).state()
                (self._ended if state.status.has_ended else states)[order_id] = state
        return states | self._ended

    async def take_back(self) -> None:
        """End what has not: whoever comes next to this engine has a warehouse of their own."""
        async for state in self._client.list(id_prefix=self._run, status=LIVE):
            with contextlib.suppress(da.InstanceFinishedError):
                await self._client.handle(state.id).terminate("the demo is over")

    async def decide(self, order_id: str, decision: Decision) -> None:
        """Send a decision, at most once for each order, and in vain if the order has ended."""
        with contextlib.suppress(da.InstanceFinishedError):
            handle = self._client.handle(self._run + order_id)
            await handle.raise_event("decision", decision, key="decision")

    async def outcomes(self) -> tuple[dict[str, Outcome], dict[str, str]]:
        """What the orders that ended well have returned, and what is the matter with the others."""
        outcomes, troubles = {}, {}
        for order_id, state in (await self.states()).items():
            handle = self._client.handle(state.id, Outcome)
            if state.status is da.RuntimeStatus.COMPLETED:
                outcomes[order_id] = await handle.result()
            elif state.failure is not None:
                troubles[order_id] = f"{state.failure.type_name}: {state.failure.message}"
            else:
                troubles[order_id] = f"{state.status}; {await handle.stack()}"
        return outcomes, troubles


class Manager:
    """Decides about dear orders: approves most, refuses some, and overlooks a few."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.approved: set[str] = set()
        self._shop = shop
        self._seed = seed
        self._seen: set[str] = set()

    def look_at(self, states: dict[str, da.InstanceState], group: asyncio.TaskGroup) -> None:
        for order_id, state in states.items():
            if state.custom_status == Phase.APPROVAL and order_id not in self._seen:
                self._seen.add(order_id)
                group.create_task(self._decide(order_id))

    async def _decide(self, order_id: str) -> None:
        mood = random.Random(f"{self._seed}/{order_id}")
        await asyncio.sleep(mood.uniform(0.3, 2.5))
        luck = mood.random()
        if luck < 0.65:
            self.approved.add(order_id)
            await self._shop.decide(order_id, Decision(approved=True, by="Ada"))
        elif luck < 0.85:
            await self._shop.decide(order_id, Decision(approved=False, by="Ada"))
