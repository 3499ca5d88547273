import random
import uuid

import pytest
from durable_async import testing

from settlement.core.ledger import Entry, Payout
from settlement.gateways import bank
from settlement.orchestration import settle_merchant


@pytest.mark.durable(crash="every-commit")
async def test_pays_out_what_was_collected(durable_env) -> None:
    cents = random.randrange(1, 1000)

    async def fake_collect(merchant: str, day: str) -> list[Entry]:
        return [Entry(merchant=merchant, cents=cents, entry_id=uuid.uuid4().hex)]

    async with testing.environment([settle_merchant, bank.collect, bank.pay_out, bank.notify]) as env:
        env.replace(bank.collect, fake_collect)
        handle = await env.client.start(settle_merchant("m-1", "2025-03-03"))
        assert (await handle.result()).cents == cents
    assert Payout(cents=1).reference
