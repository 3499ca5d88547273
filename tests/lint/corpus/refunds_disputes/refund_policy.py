"""Which refunds go through without a person looking at them."""

from __future__ import annotations

import asyncio
import importlib
import os
import pickle
import pprint
from typing import Any, Protocol

import durable_async as da

limits = {"auto": 5_000, "manager": 50_000}
decisions_today = 0


class Approver(Protocol):
    async def decide(self, refund_id: str, cents: int) -> bool: ...


@da.activity
async def ask_backoffice(refund_id: str, cents: int) -> str:
    await asyncio.sleep(0.1)
    return "yes" if cents < int(os.environ["BACKOFFICE_LIMIT"]) else "no"


class AutomaticApprover:
    def __init__(self, model_blob: bytes) -> None:
        self.model = pickle.loads(model_blob)  # expect: DUR142

    async def decide(self, refund_id: str, cents: int) -> bool:
        global decisions_today
        decisions_today += 1  # expect: DUR141
        return cents <= limits["auto"] and bool(self.model.predict([[cents]])[0])


class HumanApprover:
    def __init__(self, timeout: float = 86_400) -> None:
        self.timeout = timeout

    async def decide(self, refund_id: str, cents: int) -> bool:
        answer = ask_backoffice(refund_id, cents)
        if self.timeout > 3600:
            return await answer == "yes"
        try:
            async with asyncio.timeout(self.timeout):
                return await answer == "yes"
        except TimeoutError:
            return False


class PluginApprover:
    """Country rules live in plugins named after the country."""

    def __init__(self, country: str) -> None:
        self.country = country

    async def decide(self, refund_id: str, cents: int) -> bool:
        rules = importlib.import_module(f"refund_rules.{self.country}")  # expect: DUR142
        ceiling = int(os.getenv(f"REFUND_CEILING_{self.country.upper()}", "0"))  # expect: DUR124
        pprint.pprint(rules.SUMMARY)  # expect: DUR143
        return cents <= max(ceiling, rules.CEILING)


def approver_for(cents: int, country: str, blob: bytes) -> AutomaticApprover | HumanApprover | PluginApprover:
    if cents <= limits["auto"]:
        return AutomaticApprover(blob)
    if cents <= limits["manager"]:
        return HumanApprover()
    return PluginApprover(country)


def dump_model(model: Any, path: str) -> None:
    with open(path, "wb") as out:
        pickle.dump(model, out)
    pprint.pprint(vars(model))
