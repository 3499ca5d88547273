"""Instances that are no children: started, told, awaited; and going on as new."""

import asyncio
import pickle
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from tests.unit.core.scripts import T0
from tests.unit.dsl import shop
from tests.unit.dsl.driving import both, failure, result, run

import durable_async as da
from durable_async.convert.failures import failure_of_exception
from durable_async.convert.values import Converter
from durable_async.dsl.context import use_converter
from durable_async.model.commands import (
    AwaitInstance,
    CancelInstanceWait,
    ScheduleActivity,
    SendCancel,
    SendEvent,
    StartInstance,
    StartTimer,
)
from durable_async.model.creation import IfExists
from durable_async.model.history import (
    ActivityCompleted,
    CallCompleted,
    CallFailed,
    ExecutionContinued,
    PatchMarked,
    TimerFired,
)
from durable_async.model.identity import EntityId
from durable_async.model.outcome import Outcome
from durable_async.model.payload import Payload


@attrs.frozen
class Parcel:
    weight: int


@da.orchestrator(version="3")
async def ship(parcel: Parcel) -> Parcel:
    return parcel


@da.activity
async def note(ref: da.InstanceRef[Parcel], *others: Any) -> None: ...


def commands(outcome: Outcome, kind: type) -> list[Any]:
    return [each for each in outcome.commands if isinstance(each, kind)]


READY = CallCompleted(number=0)


class TestStart:
    def test_it_is_awaited_until_there_is_an_instance_and_gives_its_reference(self) -> None:
        @da.orchestrator
        async def parent() -> list[str]:
            ref = await da.start(ship(Parcel(7)))
            return [ref.id, repr(ref)]

        _, first = run(parent)
        (start,) = commands(first, StartInstance)
        request = start.request
        assert (request.name, request.version, request.newest) == ("ship", "3", False)
        assert (request.if_exists, request.start_at, request.parent) == ("raise", None, None)
        assert request.input.data == b'[{"weight":7}]'
        assert start.line.startswith(__file__)
        assert result(both(parent, READY)) == ["e-1:0", "InstanceRef('e-1:0')"]

    def test_what_it_is_to_have_is_said_once(self) -> None:
        later = datetime(2030, 1, 1, tzinfo=timezone(timedelta(hours=2)))

        @da.orchestrator
        async def parent() -> None:
            call = ship.options(id="s-1", queue="slow", tags={"a": "b"})(Parcel(7))
            await da.start(call, id="s-1", start_at=later, if_exists="attach")

        (start,) = commands(run(parent)[1], StartInstance)
        request = start.request
        assert (request.instance_id, request.queue, request.tags) == ("s-1", "slow", {"a": "b"})
        assert request.if_exists == "attach"
        assert request.start_at == datetime(2029, 12, 31, 22, tzinfo=UTC)

    def test_an_id_that_is_taken_is_raised_at_the_await(self) -> None:
        @da.orchestrator
        async def parent() -> str:
            try:
                await da.start(ship(Parcel(7)), id="s-1")
            except da.InstanceAlreadyExistsError as error:
                return str(error)
            return "started"

        taken = failure_of_exception(
            da.InstanceAlreadyExistsError("s-1 is taken"), converter=Converter()
        )
        assert result(both(parent, CallFailed(number=0, failure=taken))) == "s-1 is taken"

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: da.start(shop.charge("o")), "TypeError: da.start takes the call of an orch"),
            (lambda: da.start(ship), "ship is not called: write da.start(ship(...))"),
            (lambda: da.start(asyncio.sleep(0)), "sleep is a plain coroutine"),
            (lambda: da.start(5), "not 5"),
            (lambda: da.start(ship(Parcel(7)), id=""), "ValueError: an instance id must not be"),
            (lambda: da.start(ship(Parcel(7)), id="x" * 256), "at most 255 characters"),
            (lambda: da.start(ship(Parcel(7)), tags={"": "x"}), "the name of a tag"),
            (lambda: da.start(ship(Parcel(7)), start_at=datetime(2030, 1, 1)), "no time zone"),
            (lambda: da.start(ship(Parcel(7)), if_exists="skip"), "if_exists is"),
            (lambda: da.start(ship.options(id="a")(Parcel(7)), id="b"), "Say it once"),
        ],
    )
    def test_what_cannot_be_started_says_what_to_write(
        self, make: Callable[[], Any], message: str
    ) -> None:
        @da.orchestrator
        async def parent() -> None:
            await make()

        assert message in failure(both(parent))

    def test_one_that_is_not_awaited_is_warned_of_by_its_name(self) -> None:
        @da.orchestrator
        async def parent() -> None:
            da.start(ship(Parcel(7)))  # type: ignore[unused-coroutine]

        with pytest.warns(RuntimeWarning, match=r"coroutine 'da\.start' was never awaited"):
            run(parent)

    async def test_elsewhere_a_client_starts(self) -> None:
        with pytest.raises(da.OutsideOrchestratorError, match=r"await client.start\(...\)"):
            await da.start(shop.checkout("o"))


class TestReference:
    def driven(self, *news: Any, act: Callable[[da.InstanceRef[Parcel]], Any]) -> Outcome:
        @da.orchestrator
        async def parent() -> Any:
            ref = await da.start(ship(Parcel(7)), id="s-1")
            found = act(ref)
            return await found if asyncio.iscoroutine(found) else found

        return both(parent, READY, *news)

    def test_its_result_is_typed_and_waited_for_durably(self) -> None:
        async def weight(ref: da.InstanceRef[Parcel]) -> int:
            return (await ref.result()).weight

        (wait,) = commands(self.driven(act=weight), AwaitInstance)
        assert wait.instance_id == "s-1" and wait.line.startswith(__file__)
        done = CallCompleted(number=1, result=Payload(b'{"weight": 8}'))
        assert result(self.driven(done, act=weight)) == 8

    def test_cancelling_the_wait_leaves_it_running(self) -> None:
        async def impatient(ref: da.InstanceRef[Parcel]) -> str:
            try:
                await asyncio.wait_for(ref.result(), 60)
            except TimeoutError:
                return "late"
            return "in time"

        last = self.driven(TimerFired(number=1), act=impatient)
        assert result(last) == "late"
        assert commands(last, CancelInstanceWait) == [
            CancelInstanceWait(number=2, instance_id="s-1")
        ]

    def test_events_and_cancels_are_issued_and_not_awaited(self) -> None:
        def telling(ref: da.InstanceRef[Parcel]) -> None:
            ref.send_event("weighed", Parcel(9))
            ref.cancel("too heavy")

        last = self.driven(act=telling)
        (sent,) = commands(last, SendEvent)
        assert (sent.instance_id, sent.name, sent.data.data) == ("s-1", "weighed", b'{"weight":9}')
        (cancel,) = commands(last, SendCancel)
        assert (cancel.instance_id, cancel.reason) == ("s-1", "too heavy")
        assert cancel.line.startswith(__file__) and sent.line.startswith(__file__)

    def test_it_is_stored_as_its_id_and_comes_back_typed(self) -> None:
        converter = Converter()
        ref: da.InstanceRef[Parcel] = da.InstanceRef("s-1")
        hint = dict[str, da.InstanceRef[Parcel] | None]
        payload = converter.encode({"ref": ref, "none": None}, hint, what="it")
        assert payload.data == b'{"ref":{"id":"s-1"},"none":null}'
        assert converter.decode(payload, hint, what="it") == {"ref": ref, "none": None}
        assert converter.encode(ref, what="it").data == b'{"id":"s-1"}'
        with pytest.raises(da.SerializationError, match="does not fit InstanceRef"):
            converter.decode(Payload(b'"s-1"'), da.InstanceRef[int], what="it")
        with pytest.raises(da.SerializationError, match="expected InstanceRef"):
            converter.encode("s-1", da.InstanceRef[int], what="it")

    def test_it_may_be_given_to_an_activity(self) -> None:
        async def given(ref: da.InstanceRef[Parcel]) -> None:
            await note(ref, ref)

        (scheduled,) = commands(self.driven(act=given), ScheduleActivity)
        assert scheduled.input.data == b'[{"id":"s-1"},{"id":"s-1"}]'

    def test_one_that_was_stored_reads_its_result_by_its_hint(self) -> None:
        @da.orchestrator
        async def later() -> int:
            hint = da.InstanceRef[Parcel]
            ref: da.InstanceRef[Parcel] = Converter().decode(
                Payload(b'{"id":"s-1"}'), hint, what="it"
            )
            return (await ref.result()).weight

        done = CallCompleted(number=0, result=Payload(b'{"weight": 8}'))
        assert result(both(later, done)) == 8

    @pytest.mark.parametrize(
        ("ref", "value"),
        [
            (da.InstanceRef("s-1", Parcel), Parcel(8)),
            (da.InstanceRef("s-1", Parcel | None), Parcel(8)),
            (da.InstanceRef("s-1"), {"weight": 8}),
        ],
    )
    def test_one_that_is_made_by_id_reads_its_result_as_is_said(
        self, ref: da.InstanceRef[Any], value: object
    ) -> None:
        @da.orchestrator
        async def waiting() -> bool:
            return bool(await ref.result() == value)

        done = CallCompleted(number=0, result=Payload(b'{"weight": 8}'))
        assert result(both(waiting, done)) is True

    def test_nobody_waits_for_their_own_result(self) -> None:
        @da.orchestrator
        async def waiting() -> None:
            await da.InstanceRef(da.info().instance_id).result()

        assert "'order-1' would wait for its own result" in failure(both(waiting))

    def test_references_are_equal_by_id(self) -> None:
        one: da.InstanceRef[int] = da.InstanceRef("a")
        assert one == da.InstanceRef("a") != da.InstanceRef("b")
        assert len({one, da.InstanceRef("a")}) == 1
        assert pickle.loads(pickle.dumps(one)) == one
        with pytest.raises(ValueError, match="must not be empty"):
            da.InstanceRef("")


class TestSendEvent:
    def test_it_is_issued_with_its_line(self) -> None:
        @da.orchestrator
        async def sender() -> None:
            da.send_event("other", "go", [1, 2])
            da.send_event("other", "stop")

        first, second = commands(both(sender), SendEvent)
        assert (first.instance_id, first.name, first.data.data) == ("other", "go", b"[1,2]")
        assert second.data.data == b"null" and first.line.startswith(__file__)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("", "go"), "an instance id must not be empty"),
            (("other", ""), "the name of an event must not be empty"),
            (("other", "go", object()), "the data of event 'go'"),
        ],
    )
    def test_what_cannot_be_sent_is_refused(self, arguments: tuple[Any, ...], message: str) -> None:
        @da.orchestrator
        async def sender() -> None:
            da.send_event(*arguments)

        assert message in failure(both(sender))


class TestContinueAsNew:
    def test_the_execution_ends_at_the_call(self) -> None:
        @da.orchestrator
        async def monitor() -> None:
            try:
                async with asyncio.TaskGroup():
                    da.continue_as_new(ship.options(queue="slow")(Parcel(8)), events="drop")
            except BaseException:
                await asyncio.sleep(5)
            finally:
                await shop.charge("o")

        history, last = run(monitor)
        assert isinstance(last.ended, ExecutionContinued)
        request = last.ended.request
        assert (request.instance_id, request.name, request.version) == ("order-1", "ship", "3")
        assert (request.queue, request.input.data) == ("slow", b'[{"weight":8}]')
        assert request.execution_id != "e-1"
        assert last.ended.line.startswith(__file__)
        assert last.carried is None
        assert not commands(last, StartTimer) and not commands(last, ScheduleActivity)
        assert run(monitor, rebuild=True) == (history, last)

    def test_the_arguments_are_those_of_the_call_and_events_are_carried(self) -> None:
        @da.orchestrator
        async def adding(numbers: list[int]) -> None: ...

        @da.orchestrator
        async def monitor() -> None:
            numbers = [1]
            call = adding(numbers)
            numbers.append(2)
            da.continue_as_new(call)

        last = both(monitor)
        assert isinstance(last.ended, ExecutionContinued)
        assert last.ended.request.input.data == b"[[1]]"
        assert last.carried == ()

    def test_the_own_id_may_be_said_and_no_other(self) -> None:
        @da.orchestrator
        async def same() -> None:
            da.continue_as_new(ship.options(id=da.info().instance_id)(Parcel(8)))

        @da.orchestrator
        async def other() -> None:
            da.continue_as_new(ship.options(id="other")(Parcel(8)))

        assert isinstance(both(same).ended, ExecutionContinued)
        message = failure(both(other))
        assert "this one is 'order-1', and .options has id='other'" in message

    @pytest.mark.parametrize(
        ("go_on", "message"),
        [
            (lambda: da.continue_as_new(shop.charge("o")), "charge is an activity"),
            (lambda: da.continue_as_new(ship), "write da.continue_as_new(ship(...))"),
            (lambda: da.continue_as_new(ship(Parcel(1)), events="all"), 'is "carry" or "drop"'),
            (lambda: da.continue_as_new(ship("heavy")), "argument 'parcel' of ship"),
        ],
    )
    def test_what_cannot_be_gone_on_with_fails_at_the_line(
        self, go_on: Callable[[], Any], message: str
    ) -> None:
        @da.orchestrator
        async def monitor() -> None:
            go_on()

        assert message in failure(both(monitor))


def test_a_patch_is_true_at_first_and_stays_so() -> None:
    @da.orchestrator
    async def patched() -> list[bool]:
        seen = [da.patched("new")]
        await shop.charge("o")
        return [*seen, da.patched("new"), da.patched("newer")]

    done = ActivityCompleted(number=0, result=Payload(b'"o/100"'))
    history, last = run(patched, done)
    assert result(last) == [True, True, True]
    marks = [each.id for each in history if isinstance(each, PatchMarked)]
    assert marks == ["new", "newer"]
    assert run(patched, done, rebuild=True) == (history, last)

    @da.orchestrator
    async def nameless() -> None:
        da.patched("")

    assert "the id of a patch must not be empty" in failure(both(nameless))


# ---- in an operation of an entity ----------------------------------------------------------------


class Operation:
    """What the loop of an operation has, for one operation."""

    entity = EntityId("Counter", "k")

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self._counts: dict[str, int] = {}
        self._kept: dict[str, Any] = {}

    def now(self) -> datetime:
        return T0

    def seed(self) -> bytes:
        return b"0123456789abcdef"

    def count(self, name: str, /) -> int:
        self._counts[name] = self._counts.get(name, -1) + 1
        return self._counts[name]

    def keep(self, key: str, make: Callable[[], Any], /) -> Any:
        return self._kept.setdefault(key, make())

    def send_event(self, *, instance_id: str, name: str, data: Payload) -> None:
        self.asked.append((instance_id, name, data.data))

    def start_instance(
        self, *, id: str | None, name: str, if_exists: IfExists, input: Payload, **rest: Any
    ) -> str:
        self.asked.append((id, name, if_exists, input.data, rest))
        return id or "made-up"


def operate(body: Callable[[], Coroutine[Any, Any, Any]]) -> tuple[Any, list[Any]]:
    """Run it as an operation: its result, and what it asked for."""
    operation: Any = Operation()
    use_converter(operation, Converter())
    loop: Any = asyncio.new_event_loop()
    loop.durable_entity = operation
    try:
        return loop.run_until_complete(body()), operation.asked
    finally:
        loop.close()


class TestInAnOperation:
    def test_instances_are_started_at_once_and_told_of_events(self) -> None:
        async def body() -> str:
            ref = await da.start(ship.options(version="4")(Parcel(7)), tags={"a": "b"})
            ref.send_event("go", 1)
            da.send_event("other", "stop")
            return ref.id

        ref, (start, *events) = operate(body)
        assert ref == "made-up"
        assert start[:4] == (None, "ship", "raise", b'[{"weight":7}]')
        assert start[4] == {
            "version": "4",
            "newest": False,
            "queue": "default",
            "tags": {"a": "b"},
            "start_at": None,
        }
        assert events == [("made-up", "go", b"1"), ("other", "stop", b"null")]

    def test_time_and_chance_are_the_operations(self) -> None:
        async def body() -> list[Any]:
            return [da.now(), da.uuid4(), da.uuid4(), da.random().random(), da.random("x").random()]

        first, second = operate(body)[0], operate(body)[0]
        assert first == second
        assert first[0] == T0 and len(set(first)) == 5

    def test_no_cancel_is_sent(self) -> None:
        async def body() -> None:
            da.InstanceRef[int]("i").cancel()

        with pytest.raises(da.NotDurableError, match="let an orchestrator cancel it"):
            operate(body)

    def test_logs_say_which_entity_they_are_of(self, caplog: pytest.LogCaptureFixture) -> None:
        async def body() -> None:
            da.get_logger("shop").warning("full")

        operate(body)
        (record,) = caplog.records
        assert record.getMessage() == "[Counter k] full"
        assert (record.__dict__["entity"], record.__dict__["key"]) == ("Counter", "k")

    @pytest.mark.parametrize(
        "wait",
        [
            lambda: shop.charge("o"),
            lambda: shop.checkout("o"),
            lambda: da.wait_for_event("x"),
            lambda: da.events("x"),
            lambda: da.requests("x"),
            lambda: da.InstanceRef("i").result(),
        ],
    )
    def test_what_would_wait_is_refused(self, wait: Callable[[], Any]) -> None:
        async def body() -> None:
            await wait()

        with pytest.raises(da.NotDurableError, match=r"an operation cannot wait: .*'k'"):
            operate(body)
