"""Calls of orchestrators inside an orchestrator: children, and children that are tried again."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import attrs
import pytest
from tests.unit.dsl.driving import both, failure, result, run

import durable_async as da
from durable_async.convert.failures import failure_of_exception
from durable_async.convert.values import Converter
from durable_async.model.commands import CancelChild, StartChild, StartTimer
from durable_async.model.failure import Failure
from durable_async.model.history import CallCompleted, CallFailed, TimerFired
from durable_async.model.payload import Payload


@attrs.frozen
class Parcel:
    weight: int


class Lost(Exception):
    """What a child raises."""


@da.orchestrator(version="3")
async def ship(parcel: Parcel, note: str = "") -> Parcel:
    return parcel


OTHER = da.orchestrator_named("elsewhere", int)


def started(outcome: Any) -> list[StartChild]:
    return [each for each in outcome.commands if isinstance(each, StartChild)]


def completed(number: int, value: bytes = b'{"weight": 8}') -> CallCompleted:
    return CallCompleted(number=number, result=Payload(value))


def failed(number: int, error: BaseException | None = None) -> CallFailed:
    failure = failure_of_exception(error or Lost("at sea"), converter=Converter())
    return CallFailed(number=number, failure=failure)


def test_an_awaited_call_is_a_child_whose_result_is_typed() -> None:
    @da.orchestrator
    async def parent() -> list[Any]:
        parcel = await ship(Parcel(7), note="fragile")
        return [type(parcel).__name__, parcel.weight]

    _, first = run(parent)
    (child,) = started(first)
    assert (child.request.name, child.request.version, child.request.newest) == ("ship", "3", False)
    assert child.request.instance_id == "e-1:0"
    assert child.request.input.data == b'[{"weight":7},"fragile"]'
    assert child.request.queue == "default"
    assert child.line.startswith(__file__)
    assert result(both(parent, completed(0))) == ["Parcel", 8]


def test_options_say_what_the_child_is_to_have() -> None:
    @da.orchestrator
    async def parent() -> None:
        own = ship.options(id="s-1", version="4", queue="slow", tags={"to": "sea"})
        await own(Parcel(7))

    (child,) = started(run(parent)[1])
    request = child.request
    assert (request.instance_id, request.version, request.queue) == ("s-1", "4", "slow")
    assert request.tags == {"to": "sea"}


def test_a_child_by_name_is_of_the_newest_version_unless_one_is_said() -> None:
    @da.orchestrator
    async def parent() -> int:
        one, two = await asyncio.gather(OTHER(1, "x"), OTHER.options(version="2")(2))
        return one + two

    first, second = started(run(parent)[1])
    assert (first.request.name, first.request.newest) == ("elsewhere", True)
    assert first.request.input.data == b'[1,"x"]'
    assert (second.request.version, second.request.newest) == ("2", False)
    assert result(both(parent, completed(1, b"5"), completed(0, b"4"))) == 9


async def _gathered(call: Coroutine[Any, Any, Parcel]) -> Parcel:
    return (await asyncio.gather(call))[0]


async def _grouped(call: Coroutine[Any, Any, Parcel]) -> Parcel:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(call)
    return task.result()


async def _as_task(call: Coroutine[Any, Any, Parcel]) -> Parcel:
    return await asyncio.create_task(call)


async def _waited_for(call: Coroutine[Any, Any, Parcel]) -> Parcel:
    return await asyncio.wait_for(call, None)


async def _shielded(call: Coroutine[Any, Any, Parcel]) -> Parcel:
    return await asyncio.shield(call)


async def _as_completed(call: Coroutine[Any, Any, Parcel]) -> Parcel:
    return await next(iter(asyncio.as_completed([call])))


@pytest.mark.parametrize(
    "waiting", [_gathered, _grouped, _as_task, _waited_for, _shielded, _as_completed]
)
def test_whatever_awaits_coroutines_awaits_children(waiting: Callable[..., Any]) -> None:
    @da.orchestrator
    async def parent() -> int:
        parcel: Parcel = await waiting(ship(Parcel(7)))
        return parcel.weight

    assert result(both(parent, completed(0))) == 8


def test_arguments_are_stored_at_the_call_on_the_users_line() -> None:
    @da.orchestrator
    async def total(numbers: list[int]) -> int:
        return sum(numbers)

    @da.orchestrator
    async def parent() -> str:
        numbers = [1]
        call = total(numbers)
        numbers.append(2)
        task = asyncio.create_task(call)
        await asyncio.sleep(0)
        task.cancel()
        try:
            total(["no"])  # type: ignore[list-item]
        except da.SerializationError as error:
            return str(error)
        return "not checked"

    _, last = run(parent)
    (child,) = started(last)
    assert child.request.input.data == b"[[1]]"
    assert "argument 'numbers' of total" in result(last)


def test_cancelling_the_await_cancels_the_child() -> None:
    @da.orchestrator
    async def parent() -> str:
        try:
            await asyncio.wait_for(ship.options(id="s-1")(Parcel(7)), 60)
        except TimeoutError:
            return "late"
        return "in time"

    last = both(parent, TimerFired(number=0))
    assert result(last) == "late"
    assert CancelChild(number=1, instance_id="s-1") in last.commands


def test_a_child_raises_what_it_raised() -> None:
    @da.orchestrator
    async def parent() -> str:
        try:
            await ship(Parcel(7))
        except Lost as error:
            return f"{error}"
        return "arrived"

    assert result(both(parent, failed(0))) == "at sea"


class TestTriedAgain:
    POLICY = da.RetryPolicy(max_attempts=3, initial_interval=10, backoff=3)

    def parent(
        self, policy: da.RetryPolicy = POLICY, id: str | None = None
    ) -> da.Orchestrator[[], Any]:
        @da.orchestrator
        async def parent() -> int:
            return (await ship.options(retry=policy, id=id)(Parcel(7))).weight

        return parent

    @pytest.mark.parametrize(("id", "first"), [(None, "e-1:0"), ("s-1", "s-1")])
    def test_each_attempt_is_a_child_named_after_the_first(
        self, id: str | None, first: str
    ) -> None:
        history, last = run(
            self.parent(id=id), failed(0), TimerFired(number=1), failed(2), TimerFired(number=3)
        )
        (third,) = started(last)
        assert third.request.instance_id == f"{first}~3"
        ids = [each.request.instance_id for each in history if hasattr(each, "request")]
        assert ids == [first, f"{first}~2", f"{first}~3"]
        news = (failed(0), TimerFired(number=1), completed(2))
        assert result(both(self.parent(id=id), *news)) == 8

    def test_the_wait_is_a_durable_timer_that_backs_off(self) -> None:
        history, _ = run(self.parent(), failed(0), TimerFired(number=1), failed(2))
        starts = [each for each in history if type(each).__name__ == "TimerStarted"]
        times = [each for each in history if type(each).__name__ == "EpisodeStarted"]
        waits = [
            (timer.due - now.at).total_seconds()  # type: ignore[union-attr]
            for timer, now in zip(starts, (times[1], times[3]), strict=True)
        ]
        assert waits == [10, 30]

    def test_the_last_attempt_raises_what_it_raised(self) -> None:
        news = (failed(0), TimerFired(number=1), failed(2), TimerFired(number=3), failed(4))
        assert failure(both(self.parent(), *news)).endswith("Lost: at sea")

    def test_no_attempt_begins_after_the_timeout(self) -> None:
        policy = da.RetryPolicy(max_attempts=9, initial_interval=30, backoff=1, timeout=100)
        # The first failure comes after 60 s, the second after 180 s.
        last = both(self.parent(policy), failed(0), TimerFired(number=1), failed(2))
        assert "Lost" in failure(last)

    @pytest.mark.parametrize(
        "error",
        [
            da.InstanceCancelledError("it was"),
            da.InstanceTerminatedError("it was"),
            da.InstanceAlreadyExistsError("it is"),
            da.SerializationError("it cannot be stored"),
        ],
    )
    def test_what_would_be_no_other_is_not_tried_again(self, error: da.DurableError) -> None:
        plain = Failure(
            type_name=f"durable_async.errors:{type(error).__name__}",
            message=str(error),
            mro=("builtins:Exception",),
        )
        last = both(self.parent(), CallFailed(number=0, failure=plain))
        assert type(error).__name__ in failure(last)

    def test_a_result_that_cannot_be_read_is_not_tried_again(self) -> None:
        assert "the result of ship" in failure(both(self.parent(), completed(0, b"[]")))

    def test_classes_decide(self) -> None:
        policy = da.RetryPolicy(non_retryable=(Lost,))
        assert "Lost" in failure(both(self.parent(policy), failed(0)))
        policy = da.RetryPolicy(retry_on=(KeyError,))
        assert "Lost" in failure(both(self.parent(policy), failed(0)))
        (again,) = [
            each
            for each in run(self.parent(policy), failed(0, KeyError("x")))[1].commands
            if isinstance(each, StartTimer)
        ]
        assert again.number == 1

    def test_jitter_is_the_same_at_replay(self) -> None:
        policy = da.RetryPolicy(initial_interval=100, max_interval=100, jitter=1)
        last = both(self.parent(policy), failed(0))
        (timer,) = [each for each in last.commands if isinstance(each, StartTimer)]
        assert timer == run(self.parent(policy), failed(0))[1].commands[0]

    def test_cancelling_the_await_ends_the_attempts(self) -> None:
        @da.orchestrator
        async def parent() -> str:
            try:
                async with asyncio.timeout(90):
                    await ship.options(retry=self.POLICY)(Parcel(7))
            except TimeoutError:
                return "late"
            return "in time"

        last = both(parent, failed(1), TimerFired(number=2), TimerFired(number=0))
        assert result(last) == "late"
        assert CancelChild(number=3, instance_id="e-1:1~2") in last.commands


def test_a_child_is_refused_in_a_critical_section() -> None:
    @da.orchestrator
    async def parent() -> str:
        async with da.lock("stock"):
            try:
                await asyncio.create_task(ship(Parcel(7)))
            except da.LockError as error:
                return str(error)
        return "not refused"

    message = result(both(parent, CallCompleted(number=0)))
    assert "orchestrator 'ship' is called at" in message and "'stock'" in message


def test_a_forgotten_child_warns_with_the_line_that_made_it() -> None:
    @da.orchestrator
    async def parent() -> None:
        ship(Parcel(7))

    with pytest.warns(RuntimeWarning, match="orchestrator 'ship' made at .* was never awaited"):
        run(parent)
