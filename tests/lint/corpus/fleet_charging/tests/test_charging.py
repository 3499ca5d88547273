import datetime
import random

from durable_async import testing

from voltfleet.activities import bill, read_meter, start_charging
from voltfleet.flows.charging import depot_day
from voltfleet.plugins.strategies import Experimental, Lottery


async def test_depot_day_counts(monkeypatch):
    monkeypatch.setenv("BILLING", "http://localhost")
    async with testing.environment([depot_day, bill, read_meter, start_charging]) as env:
        handle = await env.client.start(depot_day("north"), id=f"d-{datetime.datetime.now():%s}")
        for name in {"a", "b"}:
            await handle.raise_event("arrived", name)
        await handle.raise_event("arrived", "last")
        assert await handle.result() == 2


def test_lottery_keeps_everyone():
    random.seed(3)
    vehicles = {f"v{n}": random.randint(0, 100) for n in range(9)}
    assert sorted(Lottery().order(vehicles)) == sorted(vehicles)
    assert len(Experimental().weights) == 8
