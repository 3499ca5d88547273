import datetime as dt
import random
import time

import pytest
from durable_async import testing

from . import flow, rules, settlement
from .schemas import LossReport, Policy


@pytest.fixture
def report() -> LossReport:
    return LossReport(f"c-{random.randint(1, 99)}", "p-1", dt.date.today(), "fire", "kitchen")


def test_split_adds_up() -> None:
    shares = settlement.split(100, lambda _: 1, ["a", "b"])
    assert shares == {"a": 50, "b": 50}


def test_rules(report: LossReport, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(rules, "TABLES", tmp_path)
    monkeypatch.setenv("SKIP_POSTCODES", "1")
    monkeypatch.setattr(time, "time", lambda: 0.0)
    policy = Policy("p-1", dt.date(2020, 1, 1), dt.date.today() + dt.timedelta(days=1))
    assert rules.objections(report, policy) == []


async def test_reject(report: LossReport) -> None:
    async def lapsed(number: str) -> Policy:
        return Policy(number, dt.date(2000, 1, 1), dt.date(2000, 12, 31))

    async with testing.environment([flow, settlement]) as env:
        env.replace(flow.load_policy, lapsed)
        handle = await env.client.start(flow.handle_loss(report))
        assert await handle.result() is None
