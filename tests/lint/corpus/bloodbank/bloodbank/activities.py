from __future__ import annotations

import os
import time
import uuid
from dataclasses import dataclass

import httpx
from temporalio import activity


@dataclass
class Unit:
    id: str
    group: str
    rhesus: bool
    collected: float


class Fridges:
    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    @activity.defn
    async def read_temperature(self, fridge: str) -> float:
        reply = await self.http.get(f"{os.environ['FRIDGES']}/{fridge}")
        return float(reply.text)

    @activity.defn(name="sound-alarm")
    async def alarm(self, fridge: str) -> None:
        await self.http.post(f"{os.environ['FRIDGES']}/{fridge}/alarm")


@activity.defn
async def reserve(unit: str, hospital: str) -> str:
    return f"{unit}:{hospital}:{uuid.uuid4()}"


@activity.defn
def dispatch(unit: str, courier: str) -> float:
    time.sleep(1)
    return time.time()
