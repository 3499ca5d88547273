"""An operator's verbs, as examples/lifecycle.py uses them."""

from collections.abc import AsyncIterator

import pytest
from lifecycle import Office, PrinterError, letter

import durable_async as da
from durable_async import testing


@pytest.fixture
def office() -> Office:
    office = Office()
    office.paper = 5
    return office


@pytest.fixture(params=[False, True], ids=["kept", "rebuilt"])
async def env(request: pytest.FixtureRequest, office: Office) -> AsyncIterator[testing.Environment]:
    async with testing.environment([letter, office], rebuild=request.param) as env:
        yield env


async def test_a_signed_letter_is_printed(env: testing.Environment, office: Office) -> None:
    handle = await env.client.start(letter("Dear Ada"))
    await handle.raise_event("signed")
    assert await handle.result() == "on its way"
    assert office.log == ["Dear Ada", "printed 'Dear Ada'"]


async def test_a_suspended_one_takes_its_signature_when_it_is_resumed(
    env: testing.Environment, office: Office
) -> None:
    handle = await env.client.start(letter("Dear Ada"))
    await env.advance(0)
    await handle.suspend("the boss is away")
    await handle.raise_event("signed")
    await env.advance(60)
    assert (await handle.state()).status == "SUSPENDED"
    assert office.log == ["Dear Ada"]
    await handle.resume("")
    assert await handle.result() == "on its way"


async def test_a_failed_one_is_rewound_and_goes_on_from_the_failed_step(
    env: testing.Environment, office: Office
) -> None:
    office.paper = 0
    handle = await env.client.start(letter("Dear Ada"))
    await handle.raise_event("signed")
    with pytest.raises(PrinterError):
        await handle.result()
    office.paper = 1
    await handle.rewind("there is paper")
    assert await handle.result() == "on its way"
    assert office.log == ["Dear Ada", "printed 'Dear Ada'"]  # written once


async def test_a_cancelled_one_tears_the_letter_up(
    env: testing.Environment, office: Office
) -> None:
    handle = await env.client.start(letter("Dear Bob"))
    await env.advance(0)
    await handle.cancel("Bob has moved")
    assert (await handle.wait()).status == "CANCELLED"
    assert office.log == ["Dear Bob", "tore up 'Dear Bob'"]
    with pytest.raises(da.InstanceCancelledError, match="Bob has moved"):
        await handle.result()


async def test_a_terminated_one_does_nothing_more(env: testing.Environment, office: Office) -> None:
    handle = await env.client.start(letter("Dear Eve"))
    await env.advance(0)
    await handle.terminate("a mistake")
    assert (await handle.wait()).status == "TERMINATED"
    assert office.log == ["Dear Eve"]


async def test_an_ended_one_can_be_restarted_and_purged(
    env: testing.Environment, office: Office
) -> None:
    handle = await env.client.start(letter("Dear Eve"), id="one")
    await handle.terminate("a mistake")
    again = await handle.restart(id="two")
    await again.raise_event("signed")
    assert await again.result() == "on its way"
    assert await env.client.purge(id_prefix="o") == 1
    with pytest.raises(da.InstanceNotFoundError):
        await handle.state()
    assert await env.client.count() == 1
