import time

import attrs
import pytest
from durable_async import entity_ref, testing

from pharmalog.actors.base import Debugger
from pharmalog.actors.entities import Ramp, Stock, Van


@attrs.define
class Scale:
    started: float = attrs.field(factory=time.time)


@pytest.mark.parametrize("count", [1, 2])
async def test_receive(count):
    async with testing.environment([Stock, Van]) as env:
        ref = entity_ref(Stock, "aspirin")
        await env.client.signal_entity(ref, Stock.receive, "vie", count)
        await env.advance(Scale().started % 2)
        stored = await env.client.read_entity(Stock, "aspirin")
        assert stored is not None


def test_ramp_code():
    assert 1000 <= Ramp(3).code() <= 9999
    assert Debugger("dbg").owner
