"""A running instance that answers, as examples/questions.py writes it."""

import pytest
from questions import Bid, auction

import durable_async as da
from durable_async import testing


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
async def test_the_highest_bid_wins(rebuild: bool) -> None:
    async with testing.environment([auction], rebuild=rebuild) as env:
        handle = await env.client.start(auction("a lamp", 60))
        await handle.ask("bid", Bid("Ada", 10_00), str)
        await handle.ask("bid", Bid("Bob", 12_00), str)
        assert await handle.result() == Bid("Bob", 12_00)


async def test_each_bidder_is_told_how_they_stand() -> None:
    async with testing.environment([auction]) as env:
        handle = await env.client.start(auction("a lamp", 60))
        assert await handle.ask("bid", Bid("Ada", 10_00), str) == "Ada leads with 10.00"
        with pytest.raises(da.RequestRejectedError, match=r"Ada has offered 10\.00 already"):
            await handle.ask("bid", Bid("Bob", 9_00), str)


async def test_a_bid_that_is_none_is_rejected_and_the_auction_goes_on() -> None:
    async with testing.environment([auction]) as env:
        handle = await env.client.start(auction("a lamp", 60))
        with pytest.raises(da.RequestRejectedError):
            await handle.ask("bid", "ten", str)
        await handle.ask("bid", Bid("Ada", 10_00), str)
        assert await handle.result() == Bid("Ada", 10_00)


async def test_without_bids_nothing_is_sold() -> None:
    async with testing.environment([auction]) as env:
        handle = await env.client.start(auction("a lamp", 60))
        assert await handle.result() is None


async def test_a_bid_after_the_end_is_told_so() -> None:
    async with testing.environment([auction]) as env:
        handle = await env.client.start(auction("a lamp", 60))
        await handle.result()
        with pytest.raises(da.InstanceFinishedError):
            await handle.ask("bid", Bid("Ada", 10_00), str)
