"""The loop's own contract, beyond what the catalogue of constructs shows."""

import asyncio
from typing import Any

import pytest
from tests.unit.core.scripts import (
    T0,
    Code,
    act,
    data,
    done,
    event,
    first,
    history_of,
    outcome,
    replayed,
    runtime,
    started,
)

from durable_async.core.episode import Execution
from durable_async.core.loop import STEP_LIMIT
from durable_async.core.refusals import RefusingLoop
from durable_async.core.tasks import OrchestratorTask, Watched
from durable_async.model.commands import StartTimer
from durable_async.model.history import ExecutionCompleted, ExecutionFailed


def ended(script: Any) -> Any:
    return first(script).ended


def message(script: Any) -> str:
    failed = ended(script)
    assert isinstance(failed, ExecutionFailed), failed
    return f"{failed.failure.type_name}: {failed.failure.message}"


def reports_of(script: Any) -> list[Any]:
    reports: list[Any] = []
    execution = Execution(Code(script), report=lambda what, error: reports.append((what, error)))
    outcome(execution.run([started()], (), T0))
    execution.close()
    return reports


def test_a_callback_that_raises_is_reported_and_the_loop_goes_on() -> None:
    async def script() -> str:
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
        await asyncio.sleep(0)
        return "went on"

    ((what, error),) = reports_of(script)
    assert "exception in callback" in what and isinstance(error, ZeroDivisionError)
    assert ended(script) == ExecutionCompleted(result=data("went on"))


def test_a_cancelled_callback_does_not_run() -> None:
    async def script() -> list[str]:
        ran: list[str] = []
        loop = asyncio.get_running_loop()
        loop.call_soon(ran.append, "cancelled").cancel()
        loop.call_soon(ran.append, "kept")
        await asyncio.sleep(0)
        return ran

    assert ended(script) == ExecutionCompleted(result=data(["kept"]))


def test_the_exception_handler_of_asyncio_reports_too() -> None:
    async def script() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(None)
        loop.call_exception_handler({"message": "odd", "exception": ValueError("x")})
        loop.default_exception_handler({})

    (odd, plain) = reports_of(script)
    assert odd[0] == "odd" and isinstance(odd[1], ValueError)
    assert plain == ("unhandled", None)


def test_a_process_exit_in_a_background_task_stays_in_the_task() -> None:
    async def leaving() -> None:
        raise SystemExit(3)

    async def script() -> str:
        task = asyncio.create_task(leaving())
        await asyncio.wait([task])
        return repr(task.exception())

    assert ended(script) == ExecutionCompleted(result=data("SystemExit(3)"))


@pytest.mark.parametrize("call", ["call_later", "call_at"])
def test_a_timer_needs_a_time(call: str) -> None:
    async def script() -> None:
        getattr(asyncio.get_running_loop(), call)(None, print)

    assert message(script).startswith("TypeError")


def test_create_task_takes_coroutines_and_known_arguments() -> None:
    async def no_coroutine() -> None:
        asyncio.get_running_loop().create_task(42)  # type: ignore[arg-type]

    async def unknown_argument() -> None:
        loop: Any = asyncio.get_running_loop()
        coroutine = event("x")
        try:
            loop.create_task(coroutine, colour="red")
        finally:
            coroutine.close()

    async def eager() -> None:
        loop: Any = asyncio.get_running_loop()
        coroutine = event("x")
        try:
            loop.create_task(coroutine, eager_start=True)
        finally:
            coroutine.close()

    assert "a coroutine was expected" in message(no_coroutine)
    assert "colour" in message(unknown_argument)
    assert message(eager).startswith("NotDurableError") and "eager" in message(eager)


def test_the_loop_answers_for_itself() -> None:
    async def script() -> list[Any]:
        loop = asyncio.get_running_loop()
        loop.set_debug(True)
        await loop.shutdown_default_executor()
        return [
            loop.is_running(),
            loop.is_closed(),
            loop.get_debug(),
            loop.get_task_factory(),
            loop.get_exception_handler(),
            repr(loop),
        ]

    assert ended(script) == ExecutionCompleted(
        result=data([True, False, False, None, None, "<OrchestratorLoop tasks=1 ready=0>"])
    )


def test_a_livelock_is_named_with_its_line_and_work_is_none() -> None:
    async def spinning() -> None:
        while True:
            await asyncio.sleep(0)

    async def busy() -> int:
        for _ in range(STEP_LIMIT // 100):
            await asyncio.gather(*(asyncio.sleep(0) for _ in range(200)))
        return 1

    assert message(spinning).startswith("LivelockError")
    assert __file__ in message(spinning)
    assert ended(busy) == ExecutionCompleted(result=data(1))


def test_a_livelock_replays_to_itself() -> None:
    async def spinning() -> None:
        await act(1)
        while True:
            await asyncio.sleep(0)

    history = history_of(spinning, done(0, 1))
    assert isinstance(history[-1], ExecutionFailed)
    assert outcome(replayed(spinning, history)).events == ()


def test_tasks_are_named_by_number_and_hash_alike_in_every_run() -> None:
    hashes: list[list[int]] = []

    async def script() -> list[str]:
        tasks = [asyncio.create_task(asyncio.sleep(0)) for _ in range(3)]
        named = asyncio.create_task(asyncio.sleep(0), name="mine")
        hashes.append([hash(task) for task in [*tasks, named]])
        await asyncio.gather(*tasks, named)
        return [task.get_name() for task in [*tasks, named]]

    expected = ExecutionCompleted(result=data(["Task-2", "Task-3", "Task-4", "mine"]))
    assert ended(script) == ended(script) == expected
    assert hashes[0] == hashes[1] and len(set(hashes[0])) == 4


def test_a_task_shows_the_users_coroutine() -> None:
    async def child() -> None:
        await asyncio.sleep(0)

    async def script() -> list[bool]:
        coroutine = child()
        task = asyncio.create_task(coroutine)
        watched = super(OrchestratorTask, task).get_coro()  # type: ignore[misc]
        assert isinstance(watched, Watched)
        before = [watched.cr_frame is coroutine.cr_frame, watched.cr_running, watched.cr_suspended]
        await asyncio.sleep(0)
        await task
        with pytest.raises(TypeError, match="await the task"):
            watched.__await__()
        watched.close()
        return [
            task.get_coro() is coroutine,
            *before,
            watched.cr_code is coroutine.cr_code,
            watched.cr_await is None,
        ]

    assert ended(script) == ExecutionCompleted(result=data([True, True, False, False, True, True]))


def test_a_generator_based_coroutine_is_shown_as_it_is_watched() -> None:
    async def script() -> str:
        async def inner() -> Any:
            return await act(1)

        call: Any = inner()
        task = asyncio.create_task(Wrapped(call))
        task.cancel()
        await asyncio.wait([task])
        return type(task.get_coro()).__name__

    assert ended(script) == ExecutionCompleted(result=data("Watched"))


class Wrapped(Watched[Any]):
    """A coroutine that is no native one."""

    def __init__(self, coroutine: Any) -> None:
        self.coroutine = coroutine

    def throw(self, *error: Any) -> Any:
        return self.coroutine.throw(*error)


def test_what_no_loop_of_ours_has_says_so() -> None:
    with pytest.raises(NotImplementedError):
        RefusingLoop().user_line()


def test_many_async_generators_do_not_pile_up() -> None:
    async def numbers() -> Any:
        yield 1

    async def script() -> int:
        total = 0
        for _ in range(200):
            async for number in numbers():
                total += number
        loop: Any = asyncio.get_running_loop()
        assert len(loop._generators) < 70
        return total

    assert ended(script) == ExecutionCompleted(result=data(200))


def test_the_same_coroutine_twice_in_as_completed_is_one_task() -> None:
    async def script() -> list[Any]:
        one = event("a")
        got = []
        for each in asyncio.as_completed([one, one, asyncio.create_task(asyncio.sleep(0, "b"))]):
            got.append(await each)
            break
        return got

    result = outcome(replayed(script, history_of(script)))
    assert result.ended in (None, ExecutionCompleted(result=data(["b"])))


def test_a_livelock_in_the_clean_up_leaves_the_outcome_as_it_was_fixed() -> None:
    async def busy() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            while True:
                await asyncio.sleep(0)

    async def script() -> str:
        asyncio.create_task(busy())
        await asyncio.sleep(0)
        return "done"

    assert ended(script) == ExecutionCompleted(result=data("done"))
    told = [(what, type(error).__name__) for what, error in reports_of(script)]
    assert told == [("what is left of it was dropped", "LivelockError")]


def test_what_a_callback_of_nobodys_asks_for_has_no_line() -> None:
    async def script() -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_later, 5, print)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    commands = [each for each in first(script).commands if isinstance(each, StartTimer)]
    assert [each.line for each in commands] == [""]


def test_the_runtime_tells_the_time_and_gives_hashes() -> None:
    async def script() -> Any:
        return [runtime().now() == T0, runtime().new_key() != runtime().new_key()]

    assert ended(script) == ExecutionCompleted(result=data([True, True]))


def test_a_loop_whose_execution_is_over_takes_timers_and_cancels_that_come_to_nothing() -> None:
    """A finalizer that kept it may still ask."""
    kept: list[Any] = []
    ran: list[str] = []

    async def script() -> None:
        kept.append(asyncio.get_running_loop())

    execution = Execution(Code(script))
    outcome(execution.run([started()], (), T0))
    execution.close()
    (loop,) = kept
    assert loop.is_closed()
    loop.call_later(1, ran.append, "fired").cancel()
    loop.call_later(1, ran.append, "fired")
    loop.has_cancelled = True
    with loop.entered():
        loop.run_until_idle()
    assert not ran
