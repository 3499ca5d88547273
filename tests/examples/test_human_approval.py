"""A person in the loop, as examples/human_approval.py has it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from human_approval import Decision, Expense, ask_for_approval, pay, reimburse

from durable_async import testing

TAXI = Expense("Ada", 31_80)


class Office:
    """An environment in which what people are told is written down."""

    def __init__(self, env: testing.Environment) -> None:
        self.env = env
        self.asked: list[str] = []
        self.paid: list[Expense] = []
        env.replace(ask_for_approval, self._ask)
        env.replace(pay, self._pay)

    async def _ask(self, manager: str, expense: Expense) -> None:
        self.asked.append(manager)

    async def _pay(self, expense: Expense) -> None:
        self.paid.append(expense)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with testing.environment([reimburse, ask_for_approval, pay]) as env:
        yield Office(env)


async def test_an_approved_expense_is_paid(office: Office) -> None:
    handle = await office.env.client.start(reimburse(TAXI))
    await handle.raise_event("decision of manager", Decision(approved=True, by="Grace"))
    assert await handle.result() == "paid, approved by Grace"
    assert office.paid == [TAXI]


async def test_a_refused_expense_is_not_paid(office: Office) -> None:
    handle = await office.env.client.start(reimburse(TAXI))
    await handle.raise_event("decision of manager", Decision(approved=False, by="Grace"))
    assert await handle.result() == "refused by Grace"
    assert office.paid == []


async def test_without_an_answer_in_three_days_the_director_is_asked(office: Office) -> None:
    handle = await office.env.client.start(reimburse(TAXI))
    await office.env.advance(timedelta(days=2, hours=23))
    assert office.asked == ["manager"]
    await office.env.advance(timedelta(hours=2))
    assert office.asked == ["manager", "director"]
    await handle.raise_event("decision of director", Decision(approved=True, by="Edsger"))
    assert await handle.result() == "paid, approved by Edsger"


async def test_a_decision_that_comes_too_late_is_not_taken_for_the_directors(
    office: Office,
) -> None:
    handle = await office.env.client.start(reimburse(TAXI))
    await office.env.advance(timedelta(days=4))
    await handle.raise_event("decision of manager", Decision(approved=True, by="Grace"))
    await office.env.advance(timedelta(days=1))
    assert (await handle.state()).status == "RUNNING"
    await handle.raise_event("decision of director", Decision(approved=False, by="Edsger"))
    assert await handle.result() == "refused by Edsger"
    assert office.paid == []


async def test_when_nobody_decides_nothing_is_paid(office: Office) -> None:
    handle = await office.env.client.start(reimburse(TAXI))
    assert await handle.result() == "nobody decided"
    assert office.asked == ["manager", "director"]
    assert office.paid == []


async def test_the_wait_survives_a_crash_and_is_no_longer_for_it(office: Office) -> None:
    handle = await office.env.client.start(reimburse(TAXI))
    await office.env.advance(timedelta(days=2))
    await office.env.crash()
    await office.env.advance(timedelta(hours=23))
    assert office.asked == ["manager"]
    await office.env.advance(timedelta(hours=2))
    assert office.asked == ["manager", "director"]
    await handle.raise_event("decision of director", Decision(approved=True, by="Edsger"))
    assert await handle.result() == "paid, approved by Edsger"
