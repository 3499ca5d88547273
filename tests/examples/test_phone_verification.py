"""Three tries and a timeout, as examples/phone_verification.py has them."""

from collections.abc import AsyncIterator

import pytest
from phone_verification import send_code, verify_phone

from durable_async import testing
from durable_async.client.handle import Handle

CODE = 4711


@pytest.fixture
async def env() -> AsyncIterator[testing.Environment]:
    async with testing.environment([verify_phone, send_code]) as env:
        env.replace(send_code, lambda number: CODE)
        yield env


async def verification(env: testing.Environment) -> Handle[bool]:
    handle = await env.client.start(verify_phone("+49 30 901820"))
    await env.advance(0)
    return handle


async def test_the_right_code_verifies(env: testing.Environment) -> None:
    handle = await verification(env)
    await handle.raise_event("code", CODE)
    assert await handle.result() is True


async def test_a_typing_mistake_is_forgiven(env: testing.Environment) -> None:
    handle = await verification(env)
    for guess in (1, 2, CODE):
        await handle.raise_event("code", guess)
    assert await handle.result() is True


async def test_three_wrong_codes_are_enough(env: testing.Environment) -> None:
    handle = await verification(env)
    for guess in (1, 2, 3):
        await handle.raise_event("code", guess)
    assert await handle.result() is False


async def test_without_a_code_it_ends_after_ninety_seconds(env: testing.Environment) -> None:
    handle = await verification(env)
    await env.advance(89)
    assert (await handle.state()).status == "RUNNING"
    await env.advance(1)
    assert await handle.result() is False


async def test_the_time_is_for_all_tries_together(env: testing.Environment) -> None:
    handle = await verification(env)
    await env.advance(60)
    await handle.raise_event("code", 1)
    await env.advance(30)
    assert await handle.result() is False


async def test_it_shows_how_many_tries_are_left(env: testing.Environment) -> None:
    handle = await verification(env)
    await handle.raise_event("code", 1)
    await env.advance(0)
    assert (await handle.state()).custom_status == {"tries_left": 2}


async def test_a_crash_sends_no_second_code() -> None:
    sent: list[str] = []

    async def send(number: str) -> int:
        sent.append(number)
        return CODE

    async with testing.environment([verify_phone, send_code], crash="every-commit") as env:
        env.replace(send_code, send)
        handle = await verification(env)
        await handle.raise_event("code", CODE)
        assert await handle.result() is True
    assert len(sent) == 1
