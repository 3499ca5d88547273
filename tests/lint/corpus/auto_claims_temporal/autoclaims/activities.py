import asyncio
import random
from datetime import datetime

import httpx
from temporalio import activity

from autoclaims.shared import Money


@activity.defn
async def fetch_policy(number: str) -> dict:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"https://policies.example.org/{number}")).json()


@activity.defn(name="assign")
async def assign_adjuster(region: str) -> str:
    await asyncio.sleep(random.random())
    return f"adjuster-{region}-{datetime.now():%H}"


class Payments:
    def __init__(self, key: str) -> None:
        self.key = key

    @activity.defn
    def pay(self, claim: str, amount: Money) -> str:
        answer = httpx.post("https://pay.example.org", json=[claim, amount.cents], auth=("", self.key))
        return answer.text

    @activity.defn
    def refund(self, payment: str) -> None:
        with open("/var/log/refunds", "a") as log:
            print(payment, file=log)
