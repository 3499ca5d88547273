"""How durable code is tested: from the plain function to crashes (examples/unit_testing.py)."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from unit_testing import OutOfReachError, dun, fetch_balance, is_worth_a_stamp, send_reminder

from durable_async import testing


@pytest.mark.parametrize(("cents", "worth"), [(0, False), (499, False), (500, True)])
def test_a_plain_helper_is_tested_as_ever(cents: int, worth: bool) -> None:
    assert is_worth_a_stamp(cents) is worth


async def test_an_activity_can_be_awaited_as_it_is() -> None:
    assert await send_reminder("Ada", 12_50) == "reminded Ada of 12.50"


class Debtor:
    """An environment where the balance is what the test says. sent: what the customer got."""

    def __init__(self, env: testing.Environment) -> None:
        self.env = env
        self.sent: list[int] = []
        env.replace(send_reminder, self._send)

    def owes(self, *balances: int | Exception) -> None:
        left: Iterator[int | Exception] = iter(balances)

        async def balance(customer: str) -> int:
            match next(left):
                case Exception() as error:
                    raise error
                case cents:
                    return cents

        self.env.replace(fetch_balance, balance)

    async def _send(self, customer: str, cents: int) -> str:
        self.sent.append(cents)
        return f"{cents}"


@pytest.fixture(params=[False, True], ids=["kept", "rebuilt"])
async def debtor(request: pytest.FixtureRequest) -> AsyncIterator[Debtor]:
    functions = [dun, fetch_balance, send_reminder]
    async with testing.environment(functions, rebuild=request.param) as env:
        yield Debtor(env)


async def test_weeks_pass_in_no_time(debtor: Debtor) -> None:
    debtor.owes(40_00, 40_00, 0)
    began = debtor.env.now()
    handle = await debtor.env.client.start(dun("Ada"))
    assert await handle.result() == ["4000", "4000"]
    assert debtor.env.now() - began == timedelta(days=28)


async def test_one_sees_how_it_stands_in_between(debtor: Debtor) -> None:
    debtor.owes(40_00, 40_00, 40_00)
    handle = await debtor.env.client.start(dun("Ada"))
    await debtor.env.advance(timedelta(days=15))
    assert debtor.sent == [40_00, 40_00]
    (waits_for,) = (await handle.state()).pending
    assert waits_for.kind == "timer"


async def test_a_failing_service_is_asked_again(debtor: Debtor) -> None:
    debtor.owes(OutOfReachError("down"), OutOfReachError("down"), 0)
    handle = await debtor.env.client.start(dun("Ada"))
    assert await handle.result() == []


async def test_a_service_that_fails_for_good_fails_the_orchestrator(debtor: Debtor) -> None:
    debtor.owes(*[OutOfReachError("down")] * 4)
    handle = await debtor.env.client.start(dun("Ada"))
    with pytest.raises(OutOfReachError):
        await handle.result()


async def test_a_crash_sends_nothing_twice(debtor: Debtor) -> None:
    debtor.owes(40_00, 0)
    handle = await debtor.env.client.start(dun("Ada"))
    await debtor.env.advance(timedelta(days=1))
    await debtor.env.crash()
    await handle.result()
    assert debtor.sent == [40_00]


@pytest.mark.durable(crash="every-commit")
async def test_nor_does_a_crash_after_every_step() -> None:
    async with testing.environment([dun, fetch_balance, send_reminder]) as env:
        debtor = Debtor(env)
        debtor.owes(40_00, 50_00, 0)
        handle = await env.client.start(dun("Ada"))
        assert await handle.result() == ["4000", "5000"]
    assert debtor.sent == [40_00, 50_00]


async def test_code_of_today_replays_a_history_of_yesterday(debtor: Debtor) -> None:
    debtor.owes(40_00, 0)
    handle = await debtor.env.client.start(dun("Ada"))
    await handle.result()
    testing.replay(await handle.history(), [dun])
