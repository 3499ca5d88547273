"""anyio delivers a cancellation again and again, until the task has ended.

Invariant: that is no work: between two events of history it happens a few times at most, and what
waits for something that cannot be hurried waits on.
"""

import asyncio
import contextlib
from typing import Any

import anyio
import pytest
from tests.loop.durable import Code, World, drive


def test_a_cancelled_scope_waits_for_an_activity_that_ends_in_its_own_time() -> None:
    async def main(steps: Any) -> Any:
        with anyio.move_on_after(2) as scope:
            await steps.act(1, takes=60, patient=True)
        return [scope.cancelled_caught, steps.now()]

    for rebuild in (False, True):
        recorded = drive(lambda: Code("main", main), World(), rebuild=rebuild)
        assert recorded.failure is None
        assert recorded.result == [True, 4.2]


def test_others_go_on_while_a_cancellation_is_delivered_again_and_again() -> None:
    async def main(steps: Any) -> Any:
        async def ticker() -> None:
            with anyio.CancelScope(shield=True):
                for _ in range(3):
                    await anyio.sleep(0.5)
                    steps.note("tick", steps.now())

        async def patient() -> None:
            await steps.act(1, takes=60, patient=True)

        with anyio.move_on_after(2):
            async with anyio.create_task_group() as group:
                group.start_soon(patient)
                group.start_soon(patient)
                await anyio.sleep(1)
                group.start_soon(ticker)
        return steps.now()

    for rebuild in (False, True):
        recorded = drive(lambda: Code("main", main), World(), rebuild=rebuild)
        assert recorded.result == 4.2
        assert recorded.trace == [["tick", 1.5], ["tick", 2.0], ["tick", 2.5]]


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
def test_code_that_answers_each_cancellation_with_another_wait_is_ended(
    rebuild: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main(steps: Any) -> None:
        with anyio.move_on_after(1):
            while True:
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(60)

    monkeypatch.setattr("durable_async.core.loop.BUSY_LIMIT", 2_000)
    failure = drive(lambda: Code("main", main), World(), rebuild=rebuild).failure
    assert failure is not None
    assert failure.type_name == "LivelockError"
    assert "still waits for nothing" in failure.message
    assert __file__ in failure.message
