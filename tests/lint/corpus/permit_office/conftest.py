"""Fixtures of the permit tests."""

import asyncio
import datetime as dt
import os
import random
import time
import uuid

import permits
import pytest
from durable_async import testing


class FakeOffice:
    def __init__(self, says: bool = True) -> None:
        self.says = says
        self.asked: list[tuple[float, str]] = []

    async def __call__(self, office: str, application: permits.Application) -> bool:
        self.asked.append((time.monotonic(), office))
        await asyncio.sleep(random.random() / 100)
        return self.says


@pytest.fixture
def application(tmp_path) -> permits.Application:
    (tmp_path / "plan.txt").write_text("a house")
    return permits.Application(uuid.uuid4().hex, os.environ.get("HOME", "/"), plans={"a": "b"})


@pytest.fixture
async def environment():
    async with testing.environment([permits.building_permit, permits.ask_office, permits.print_permit]) as env:
        env.replace(permits.ask_office, FakeOffice())
        env.replace(permits.print_permit, lambda application, text: text)
        yield env


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> dt.datetime:
    moment = dt.datetime.now(dt.timezone.utc)
    monkeypatch.setattr(time, "time", moment.timestamp)
    monkeypatch.setattr(random, "random", lambda: 0.5)
    return moment
