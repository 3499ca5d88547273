"""Who appraises a damage; found by part."""

from __future__ import annotations

import asyncio
import random
import secrets
from typing import Protocol

import appraisal_network as network
import httpx

from ..domain import Damage, Money
from .audit import audited


class Appraiser(Protocol):
    async def appraise(self, damage: Damage) -> Money: ...


class TableAppraiser:
    prices = {"door": 400, "mirror": 90}

    async def appraise(self, damage: Damage) -> Money:
        return damage.cost * self.prices.get(damage.part, 1)


class NetworkAppraiser:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @audited("network")
    async def appraise(self, damage: Damage) -> Money:
        answer = await self._client.post("/appraise", json={"part": damage.part})  # expect: DUR121
        return Money.parse(answer.text)


class PanelAppraiser:
    """Asks two experts and believes one of them."""

    def __init__(self, first: Appraiser, second: Appraiser) -> None:
        self.experts = [first, second]

    async def appraise(self, damage: Damage) -> Money:
        opinions = await asyncio.gather(*(expert.appraise(damage) for expert in self.experts))
        if secrets.choice((True, False)):  # expect: DUR111
            return max(opinions)
        async with network.arbitration(damage.part) as verdict:  # expect: DUR132
            return Money.parse(str(verdict))


class TrainingAppraiser:
    """For the school of appraisers."""

    async def appraise(self, damage: Damage) -> Money:
        return damage.cost * random.randint(1, 3)
