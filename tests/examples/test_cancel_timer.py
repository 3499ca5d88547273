"""A reminder that is not sent, as examples/cancel_timer.py has it."""

from collections.abc import AsyncIterator

import pytest
from cancel_timer import chore, remind

from durable_async import testing

DAY = 86_400


class Household:
    def __init__(self, env: testing.Environment) -> None:
        self.env = env
        self.reminders = 0
        env.replace(remind, self._remind)

    async def _remind(self, person: str, what: str) -> None:
        self.reminders += 1


@pytest.fixture(params=[False, True], ids=["kept", "rebuilt"])
async def household(request: pytest.FixtureRequest) -> AsyncIterator[Household]:
    async with testing.environment([chore, remind], rebuild=request.param) as env:
        yield Household(env)


async def test_what_is_done_at_once_is_not_reminded_of(household: Household) -> None:
    handle = await household.env.client.start(chore("Ada", "sweep"))
    await handle.raise_event("done", "yes")
    assert await handle.result() == "Ada: sweep - yes"
    await household.env.advance(10 * DAY)
    assert household.reminders == 0


async def test_each_day_brings_one_reminder(household: Household) -> None:
    handle = await household.env.client.start(chore("Ada", "sweep"))
    await household.env.advance(3 * DAY)
    assert household.reminders == 3
    await handle.raise_event("done", "at last")
    assert await handle.result() == "Ada: sweep - at last"


async def test_the_cancelled_timer_does_not_hold_the_instance_open(household: Household) -> None:
    handle = await household.env.client.start(chore("Ada", "sweep"))
    began = household.env.now()
    await handle.raise_event("done", "yes")
    await handle.wait()
    assert household.env.now() == began
