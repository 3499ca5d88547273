import time
import uuid

import durable_async.testing as testing
import pytest

from recruiting import calendars, flows
from recruiting.acts import invite, parse, summarise


@pytest.mark.asyncio
async def test_interview_asks_each_slot(tmp_path, monkeypatch):
    monkeypatch.setenv("HR_OWNER", "ines")
    (tmp_path / "cv.txt").write_text("python")
    async with testing.environment([flows.interview, invite, parse, summarise]) as env:
        handle = await env.client.start(flows.interview("ada", ["mon", "tue"]), id=f"t-{uuid.uuid4()}")
        begin = time.monotonic()
        await handle.raise_event("confirm:mon", True)
        assert await handle.result() == "mon"
        assert time.monotonic() - begin < 5
    print("done")


def test_shown():
    assert calendars.shown(0.0) == "01 Jan"
