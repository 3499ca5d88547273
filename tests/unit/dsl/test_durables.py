"""Time, chance, events and effects: inside an orchestrator, at replay, and in plain code."""

import asyncio
import logging
import math
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from tests.unit.core.scripts import T0, got, started
from tests.unit.dsl import shop
from tests.unit.dsl.driving import both, failure, result, run

import durable_async as da
from durable_async.convert.values import Converter
from durable_async.core.episode import run_episode
from durable_async.dsl.code import code_for
from durable_async.errors import SerializationError
from durable_async.model.history import (
    ActivityCompleted,
    EventAwaited,
    SideEffectRecorded,
    TimerFired,
)
from durable_async.model.payload import Payload


@da.activity
async def act(x: int) -> int:
    return x + 1


DONE = ActivityCompleted(number=0, result=Payload(b"2"))


def test_now_is_the_episodes_and_moves_between_them() -> None:
    @da.orchestrator
    async def look() -> list[datetime]:
        before = [da.now(), da.now()]
        await act(1)
        return [*before, da.now()]

    times = result(both(look, DONE))
    later = T0 + timedelta(minutes=1)
    assert [datetime.fromisoformat(each) for each in times] == [T0, T0, later]


def test_chance_is_the_same_at_replay_and_streams_are_apart() -> None:
    def chance(*, mix: bool) -> da.Orchestrator[[], Any]:
        @da.orchestrator
        async def drawing() -> list[Any]:
            drawn: list[Any] = [str(da.uuid4()), da.random().random()]
            if mix:
                da.random("other").random()
            await act(1)
            return [*drawn, str(da.uuid4()), da.random().random()]

        return drawing

    drawn = result(both(chance(mix=False), DONE))
    assert result(both(chance(mix=True), DONE)) == drawn
    assert len(set(drawn)) == 4
    assert uuid.UUID(drawn[0]).version == 4


def test_sleep_takes_durations_and_until_takes_moments() -> None:
    @da.orchestrator
    async def sleeping() -> str:
        await da.sleep(timedelta(hours=1))
        await da.sleep_until(T0 + timedelta(days=1))
        await da.sleep_until(T0)
        await da.sleep(0)
        return "awake"

    assert result(both(sleeping, TimerFired(number=0), TimerFired(number=1))) == "awake"


def test_a_moment_without_a_time_zone_is_refused() -> None:
    @da.orchestrator
    async def sleeping() -> None:
        await da.sleep_until(datetime(2026, 1, 1))

    assert "names no time zone" in failure(both(sleeping))


@pytest.mark.parametrize(
    ("what", "refusal"),
    [
        (lambda: da.sleep(math.nan), ValueError),
        (lambda: da.sleep(math.inf), ValueError),
        (lambda: da.sleep_until(datetime(2026, 1, 1)), ValueError),
        (lambda: da.sleep_until("tomorrow"), TypeError),
    ],
)
def test_a_wait_without_an_end_is_refused_at_the_call(
    what: Callable[[], object], refusal: type[Exception]
) -> None:
    @da.orchestrator
    async def refused() -> str:
        with pytest.raises(refusal):
            what()
        return "refused"

    assert result(both(refused)) == "refused"


def test_events_come_typed_and_one_that_does_not_fit_is_consumed() -> None:
    @attrs.frozen
    class Approval:
        by: str

    @da.orchestrator
    async def waiting() -> list[Any]:
        seen: list[Any] = [(await da.wait_for_event("approved", Approval)).by]
        try:
            await da.wait_for_event("approved", Approval)
        except da.SerializationError as error:
            seen.append("event 'approved'" in str(error))
        seen.append(await da.wait_for_event("approved"))
        return seen

    news = [got("approved", {"by": "ada"}), got("approved", 7), got("approved", [1])]
    assert result(both(waiting, *news)) == ["ada", True, [1]]


class Formless:
    """Nobody says how it is stored."""


@attrs.frozen
class Holder:
    parts: list[Formless]


def unreadable() -> Formless:
    raise AssertionError("it is not run")


@pytest.mark.parametrize(
    "call",
    [
        lambda: da.wait_for_event("x", Formless),
        lambda: da.wait_for_event("x", list[Holder]),
        lambda: da.events("x", Formless),
        lambda: da.requests("x", Formless),
        lambda: da.side_effect(unreadable),
    ],
    ids=["event", "event of parts", "events", "requests", "side effect"],
)
def test_a_type_without_a_stored_form_is_refused_at_the_call(call: Callable[[], Any]) -> None:
    @da.orchestrator
    async def ask() -> str:
        try:
            call()
        except SerializationError as error:
            return str(error)
        return "not refused"

    history, outcome = run(ask)
    assert "Formless has no stored form: pass plain data" in result(outcome)
    assert not [each for each in history if isinstance(each, EventAwaited | SideEffectRecorded)]


def test_a_stream_of_events_goes_on_without_end() -> None:
    @da.orchestrator
    async def summing() -> int:
        total = 0
        async for number in da.events("add", int):
            if number == 0:
                break
            total += number
        return total

    assert result(both(summing, got("add", 1), got("add", 2), got("add", 0))) == 3


@pytest.mark.parametrize("function", [da.wait_for_event, da.events])
def test_an_event_needs_a_name(function: Callable[[str], Any]) -> None:
    @da.orchestrator
    async def nameless() -> None:
        function("")

    assert "the name of an event must not be empty" in failure(both(nameless))


def test_a_side_effect_is_read_back_by_its_annotation() -> None:
    runs: list[int] = []

    def roll(sides: int) -> tuple[int, str]:
        runs.append(sides)
        return len(runs), "rolled"

    @da.orchestrator
    async def rolling() -> list[Any]:
        rolled = da.side_effect(roll, 6)
        await act(1)
        return [isinstance(rolled, tuple), *rolled]

    done = ActivityCompleted(number=1, result=Payload(b"2"))
    last = run(rolling, done, rebuild=True)[1]
    assert result(last) == [True, 1, "rolled"]
    assert runs == [6]


def test_what_a_side_effect_draws_is_not_drawn_again_by_what_replay_runs() -> None:
    def draw() -> list[str]:
        return [str(da.uuid4()), str(da.random().random()), str(da.random("x").random())]

    @da.orchestrator
    async def drawing() -> list[list[str]]:
        first = [str(da.uuid4()), str(da.random().random())]
        made = da.side_effect(draw)
        rest = draw()
        await act(1)
        return [first, made, rest, draw()]

    done = ActivityCompleted(number=1, result=Payload(b"2"))
    kept, rebuilt = (result(run(drawing, done, rebuild=rebuild)[1]) for rebuild in (False, True))
    for drawn in (kept, rebuilt):
        every = [each for part in drawn for each in part]
        assert len(set(every)) == len(every)
    without_side_effect = [0, 2, 3]
    assert [kept[each] for each in without_side_effect] == [
        rebuilt[each] for each in without_side_effect
    ]


@pytest.mark.parametrize("value", [5, None, "text"])
def test_what_a_function_gave_is_no_side_effect(value: Any) -> None:
    @da.orchestrator
    async def called() -> str:
        with pytest.raises(
            TypeError, match=r"takes a function and its arguments.*not what it gave"
        ):
            da.side_effect(value)
        return "refused"

    assert result(run(called)[1]) == "refused"


def test_an_exception_of_a_side_effect_is_recorded_and_raised_again() -> None:
    runs: list[int] = []

    def failing() -> int:
        runs.append(1)
        raise KeyError("missing")

    @da.orchestrator
    async def careful() -> str:
        try:
            da.side_effect(failing)
        except KeyError as error:
            await act(1)
            return repr(error)
        return "no"

    done = ActivityCompleted(number=1, result=Payload(b"2"))
    assert result(run(careful, done, rebuild=True)[1]) == "KeyError('missing')"
    assert runs == [1]


def test_an_async_side_effect_is_refused() -> None:
    @da.orchestrator
    async def wrong() -> None:
        da.side_effect(act.fn, 1)

    assert "make it an activity" in failure(both(wrong))


def test_a_custom_status_has_a_limit() -> None:
    @da.orchestrator
    async def telling() -> None:
        da.set_custom_status({"step": 1})
        da.set_custom_status("x" * 70_000)

    assert "PayloadTooLargeError" in failure(both(telling))

    @da.orchestrator
    async def clearing() -> None:
        da.set_custom_status({"step": 1})
        da.set_custom_status(None)

    assert both(clearing).custom_status is None


def test_arguments_are_checked_and_stored_at_the_call() -> None:
    @da.orchestrator
    async def early() -> str:
        items = [1]

        @da.activity
        async def total(numbers: list[int]) -> int:
            return sum(numbers)

        call = total(items)
        items.append(2)
        task = asyncio.create_task(call)
        await asyncio.sleep(0)
        task.cancel()
        try:
            total(["no"])  # type: ignore[list-item]
        except da.SerializationError as error:
            return str(error)
        return "not checked"

    history, last = run(early)
    assert "numbers" in result(last)
    scheduled = [each.input.data for each in history if hasattr(each, "input")]
    assert scheduled[1:] == [b"[[1]]"]


def test_calls_made_in_an_orchestrator_hash_by_its_order() -> None:
    @da.orchestrator
    async def hashing() -> list[int]:
        calls = [act(number) for number in range(3)]
        hashes = [hash(each) for each in calls]
        for each in calls:
            each.close()
        return hashes

    assert len(set(result(both(hashing)))) == 3


def test_logs_are_silent_in_replay_and_carry_the_ids(caplog: pytest.LogCaptureFixture) -> None:
    logger = da.get_logger("shop")

    @da.orchestrator
    async def talking() -> bool:
        logger.warning("charging %s", "o-1", extra={"team": "a"})
        before = da.is_replaying()
        await act(1)
        return before

    run(talking, DONE, rebuild=True)
    (record,) = caplog.records
    assert record.getMessage() == "[order-1] charging o-1"
    assert record.__dict__["instance_id"] == "order-1" and record.__dict__["team"] == "a"
    assert record.pathname == __file__


@pytest.mark.parametrize(
    ("message", "arguments", "shown"), [("at 5%s", (), "at 5%s"), ("at %s", ("sea",), "at sea")]
)
def test_an_id_may_hold_what_formats_messages(
    message: str, arguments: tuple[str, ...], shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    @da.orchestrator
    async def talking() -> None:
        da.get_logger("shop").warning(message, *arguments)

    first = attrs.evolve(started(), instance_id="5%s-off")
    run_episode(code_for(talking, Converter()), [first], (), T0)
    assert caplog.records[0].getMessage() == f"[5%s-off] {shown}"


def test_info_tells_who_one_is() -> None:
    @da.orchestrator
    async def asking() -> list[Any]:
        me = da.info()
        return [me.instance_id, me.name, me.parent_id, me.history_length]

    assert result(both(asking)) == ["order-1", "script", None, 2]


class TestInPlainCode:
    async def test_time_and_chance_are_the_plain_ones(self) -> None:
        assert abs(da.now() - datetime.now(UTC)) < timedelta(minutes=1)
        assert da.uuid4() != da.uuid4()
        assert da.random().random() != da.random().random()
        await da.sleep(0)
        assert not da.is_replaying()

    def test_logs_are_the_plain_ones(self, caplog: pytest.LogCaptureFixture) -> None:
        da.get_logger("shop").warning("hello %s", "you")
        assert caplog.records[0].getMessage() == "hello you"
        with caplog.at_level(logging.ERROR, "quiet"):
            assert not da.get_logger("quiet").isEnabledFor(logging.INFO)

    @pytest.mark.parametrize(
        "function",
        [
            da.info,
            lambda: da.sleep_until(datetime(2020, 1, 1, tzinfo=UTC)),
            lambda: da.wait_for_event("x"),
            lambda: da.events("x"),
            lambda: da.side_effect(int),
            lambda: da.set_custom_status(1),
            lambda: da.patched("x"),
            lambda: da.requests("x"),
            lambda: da.continue_as_new(shop.checkout("o")),
            lambda: da.send_event("i", "x"),
            lambda: da.InstanceRef("i").send_event("x"),
            lambda: da.InstanceRef("i").cancel(),
            lambda: da.InstanceRef("i").result(),
        ],
    )
    def test_the_rest_refuses(self, function: Callable[[], Any]) -> None:
        with pytest.raises(da.OutsideOrchestratorError, match="means something inside"):
            function()

    def test_activity_info_says_where_it_belongs(self) -> None:
        with pytest.raises(da.DurableError, match="where no worker runs an activity"):
            da.activity_info()
        da.heartbeat("ignored")
