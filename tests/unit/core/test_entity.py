"""Operations of entities: a state and operations in, a state, results and messages out."""

import asyncio
import gc
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import durable_async as da
from durable_async.convert.values import Converter
from durable_async.core.entity import run_operations
from durable_async.dsl.context import operating
from durable_async.dsl.entities import EntityCode, definition_of
from durable_async.model.creation import CreateInstance
from durable_async.model.identity import Caller, EntityId
from durable_async.model.payload import PAYLOAD_LIMIT, Payload
from durable_async.model.work import (
    ClaimedEntity,
    EntityCommit,
    EntityLease,
    Operation,
    OperationResult,
    RaiseEvent,
    SendSignal,
)
from durable_async.ports import EntityRuntime

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SEED = b"of this batch"
CONVERTER = Converter()


def claimed(cls: type, *operations: tuple[Any, ...], state: bytes | None = None) -> ClaimedEntity:
    """operations: (name, *arguments)."""
    definition = definition_of(cls)
    assert definition is not None
    return ClaimedEntity(
        lease=EntityLease(EntityId(definition.name, "k"), 1),
        state=None if state is None else Payload(state),
        operations=tuple(
            Operation(
                number=number,
                name=name,
                input=CONVERTER.encode(list(args), what="the arguments"),
                caller=Caller("i", "e", number),
                at=NOW,
            )
            for number, (name, *args) in enumerate(operations)
        ),
    )


def run(
    cls: type, *operations: tuple[Any, ...], state: bytes | None = None, **more: Any
) -> EntityCommit:
    definition = definition_of(cls)
    assert definition is not None
    code = EntityCode(definition, CONVERTER)
    return run_operations(code, claimed(cls, *operations, state=state), NOW, SEED, **more)


def state_of(commit: EntityCommit) -> Any:
    return None if commit.state is None else CONVERTER.decode(commit.state, what="the state")


def value_of(result: OperationResult) -> Any:
    assert result.failure is None, result.failure
    assert result.result is not None
    return CONVERTER.decode(result.result, what="the result")


def values_of(commit: EntityCommit) -> list[Any]:
    return [value_of(result) for result in commit.results]


def failure_of(commit: EntityCommit, index: int = 0) -> tuple[str, str]:
    result = commit.results[index]
    assert result.failure is not None
    assert result.result is None
    assert result.messages == ()
    assert result.starts == ()
    return result.failure.type_name.rpartition(":")[2], result.failure.message


@da.entity
@attrs.define
class Counter:
    value: int = 0
    tags: list[str] = attrs.field(factory=list)

    def add(self, amount: int = 1) -> int:
        self.value += amount
        return self.value

    async def slow_add(self, amount: int) -> int:
        await asyncio.sleep(0)
        self.value += amount
        return self.value

    def get(self) -> int:
        return self.value

    def reset(self) -> None:
        da.delete_entity()

    def reset_and_fail(self) -> None:
        da.delete_entity()
        raise ValueError("after all not")

    def spoil(self, how: str) -> None:
        self.value = 1_000
        self.tags.append("spoiled")
        da.entity_ref(Counter, "other").signal(Counter.add, 1)
        raise {
            "value": ValueError("spoiled"),
            "exit": SystemExit(3),
            "interrupt": KeyboardInterrupt(),
            "stop": StopIteration(),
            "generator": GeneratorExit(),
            "cancelled": asyncio.CancelledError("by itself"),
        }[how]

    def confuse(self) -> None:
        self.value = "text"  # type: ignore[assignment]  # what is tried here

    def grow(self, size: int) -> None:
        self.tags.append("x" * size)

    def bad_result(self) -> object:
        self.value = 99
        return object()

    def _secret(self) -> None: ...


# ---- state and results -----------------------------------------------------------------------


def test_a_new_entity_is_made_of_defaults_and_operations_run_in_order() -> None:
    commit = run(Counter, ("add", 5), ("slow_add", 2), ("get",))
    assert values_of(commit) == [5, 7, 7]
    assert state_of(commit) == {"value": 7, "tags": []}
    assert [result.number for result in commit.results] == [0, 1, 2]
    assert commit.lease == EntityLease(EntityId("Counter", "k"), 1)


def test_a_stored_state_is_gone_on_with() -> None:
    assert values_of(run(Counter, ("add",), state=b'{"value":41,"tags":["a"]}')) == [42]


def test_a_field_that_was_added_with_a_default_reads_old_states() -> None:
    commit = run(Counter, ("add",), state=b'{"value":1}')
    assert state_of(commit) == {"value": 2, "tags": []}


def test_an_unknown_field_of_a_stored_state_fails_the_callers_and_loses_nothing() -> None:
    stored = b'{"value":1,"removed":2}'
    commit = run(Counter, ("add",), ("get",), state=stored)
    for index in (0, 1):
        kind, message = failure_of(commit, index)
        assert kind == "SerializationError"
        assert "'removed'" in message
        assert "the state of entity 'Counter'" in message
    assert commit.state == Payload(stored)


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ("value", "ValueError"),
        ("exit", "SystemExit"),
        ("interrupt", "KeyboardInterrupt"),
        ("stop", "RuntimeError"),
        ("generator", "GeneratorExit"),
        ("cancelled", "CancelledError"),
    ],
)
def test_a_failing_operation_leaves_nothing_behind_and_the_rest_go_on(how: str, kind: str) -> None:
    commit = run(Counter, ("add", 5), ("spoil", how), ("add", 1))
    assert failure_of(commit, 1)[0] == kind
    assert value_of(commit.results[2]) == 6
    assert state_of(commit) == {"value": 6, "tags": []}


def test_an_operation_whose_result_cannot_be_stored_fails_and_changes_nothing() -> None:
    commit = run(Counter, ("bad_result",), ("get",))
    assert failure_of(commit)[0] == "SerializationError"
    assert "Counter.bad_result" in failure_of(commit)[1]
    assert value_of(commit.results[1]) == 0


def test_a_state_that_does_not_fit_its_hints_fails_the_operation_that_made_it() -> None:
    commit = run(Counter, ("confuse",), ("get",))
    kind, message = failure_of(commit)
    assert kind == "SerializationError"
    assert ".value" in message
    assert value_of(commit.results[1]) == 0


def test_a_state_over_the_limit_fails_the_operation_that_made_it_and_is_kept_as_it_was() -> None:
    commit = run(Counter, ("add", 3), ("grow", PAYLOAD_LIMIT), ("get",))
    kind, message = failure_of(commit, 1)
    assert kind == "PayloadTooLargeError"
    assert "the state of entity 'Counter'" in message
    assert values_of(attrs.evolve(commit, results=commit.results[2:])) == [3]
    assert state_of(commit) == {"value": 3, "tags": []}


def test_arguments_that_do_not_fit_fail_the_caller() -> None:
    commit = run(Counter, ("add", "five"), ("add", 1, 2, 3))
    assert failure_of(commit, 0)[0] == "SerializationError"
    assert failure_of(commit, 1)[0] == "SerializationError"
    assert state_of(commit) is None


@pytest.mark.parametrize("name", ["gone", "_secret", "value", "__init__", ""])
def test_an_unknown_operation_fails_its_caller_and_is_named(name: str) -> None:
    commit = run(Counter, (name,), ("add",))
    kind, message = failure_of(commit)
    assert kind == "AttributeError"
    assert repr(name) in message
    assert "slow_add" in message
    assert value_of(commit.results[1]) == 1


# ---- deleting --------------------------------------------------------------------------------


def test_a_deleted_entity_has_no_state() -> None:
    assert state_of(run(Counter, ("add", 5), ("reset",))) is None


def test_a_deleted_entity_begins_anew_with_the_next_operation() -> None:
    assert values_of(run(Counter, ("add", 5), ("reset",), ("add", 2))) == [5, None, 2]


def test_an_operation_that_deletes_and_fails_deletes_nothing() -> None:
    commit = run(Counter, ("add", 5), ("reset_and_fail",), ("get",))
    assert failure_of(commit, 1) == ("ValueError", "after all not")
    assert value_of(commit.results[2]) == 5


def test_an_operation_that_fails_first_makes_no_entity() -> None:
    assert run(Counter, ("spoil", "value")).state is None


# ---- batches ---------------------------------------------------------------------------------


def test_a_batch_may_be_left_after_any_operation_but_not_before_the_first() -> None:
    commit = run(Counter, ("add",), ("add",), ("add",), goes_on=lambda: False)
    assert values_of(commit) == [1]
    assert state_of(commit) == {"value": 1, "tags": []}


def test_each_operation_has_a_state_of_its_own() -> None:
    kept: list[Any] = []

    @da.entity
    @attrs.define
    class Leaky:
        items: list[int] = attrs.field(factory=list)

        def leak(self) -> None:
            kept.append(self.items)

        def spoil(self) -> None:
            kept[0].append(1)

        def get(self) -> list[int]:
            return self.items

    assert value_of(run(Leaky, ("leak",), ("spoil",), ("get",)).results[2]) == []


OPERATIONS = st.sampled_from(
    [
        *[("add", 1), ("slow_add", 2), ("get",), ("reset",), ("reset_and_fail",)],
        *[("spoil", "exit"), ("confuse",), ("gone",), ("add", "text"), ("bad_result",)],
    ]
)


@settings(max_examples=30, deadline=None)
@given(st.lists(OPERATIONS, min_size=1, max_size=8), st.integers(1, 4))
def test_it_does_not_matter_how_operations_are_batched(
    operations: list[tuple[Any, ...]], size: int
) -> None:
    definition = definition_of(Counter)
    assert definition is not None
    whole = claimed(Counter, *operations)
    code = EntityCode(definition, CONVERTER)
    at_once = run_operations(code, whole, NOW, SEED)
    state: Payload | None = None
    results: list[OperationResult] = []
    for first in range(0, len(operations), size):
        batch = attrs.evolve(whole, state=state, operations=whole.operations[first : first + size])
        commit = run_operations(code, batch, NOW, SEED)
        state = commit.state
        results += commit.results
    assert (at_once.state, [told_of(each) for each in at_once.results]) == (
        state,
        [told_of(each) for each in results],
    )


def told_of(result: OperationResult) -> tuple[Any, ...]:
    """All but the traceback, which has addresses in it."""
    failure = result.failure
    kind = None if failure is None else (failure.type_name, failure.message.partition(" at 0x")[0])
    return (result.number, result.result, kind, result.messages, result.starts)


@pytest.fixture
def nothing_is_left_to_the_collector(recwarn: pytest.WarningsRecorder) -> Iterator[None]:
    yield
    gc.collect()
    assert [str(each.message) for each in recwarn] == []


# ---- what it may wait for --------------------------------------------------------------------


@da.activity
async def charge(cents: int) -> int:
    return cents


@da.orchestrator
async def ship(what: str) -> str:
    return what


@da.entity
@attrs.define
class Plumber:
    log: list[str] = attrs.field(factory=list)
    others: ClassVar[list[str]] = []
    tasks: ClassVar[list[asyncio.Future[None]]] = []

    async def gather(self) -> list[int]:
        async def one(number: int) -> int:
            await asyncio.sleep(0)
            return number

        return list(await asyncio.gather(*(one(number) for number in range(3))))

    async def task_group(self) -> str:
        lock = asyncio.Lock()

        async def one(name: str) -> None:
            async with lock:
                await asyncio.sleep(0)
                self.log.append(name)

        async with asyncio.TaskGroup() as group:
            for name in "abc":
                group.create_task(one(name))
        return "".join(self.log)

    async def with_timeout(self) -> str:
        async with asyncio.timeout(10):
            await asyncio.sleep(0)
        return await asyncio.wait_for(self.quick(), 5)

    async def quick(self) -> str:
        return "quick"

    async def sleeps(self) -> None:
        self.log.append("before")
        try:
            await asyncio.sleep(0.001)
        finally:
            Plumber.others.append("unwound")

    async def waits_for_nobody(self) -> None:
        await asyncio.get_running_loop().create_future()

    async def sleeps_durably(self) -> None:
        await da.sleep(1)

    async def awaits_an_activity(self) -> int:
        return await charge(5)

    async def awaits_an_orchestrator(self) -> str:
        return await ship("x")

    async def awaits_an_entity(self) -> int:
        return await da.entity_ref(Counter, "c").call(Counter.add, 1)

    async def awaits_an_event(self) -> Any:
        return await da.wait_for_event("approved")

    async def locks(self) -> None:
        async with da.lock("name"):
            pass

    async def to_thread(self) -> None:
        await asyncio.to_thread(print)

    async def for_ever(self) -> None:
        while True:
            await asyncio.sleep(0)

    async def leaves_a_task(self) -> str:
        async def background() -> None:
            try:
                await asyncio.sleep(3600)
            finally:
                self.log.append("cancelled")

        async def stubborn() -> None:
            while True:
                try:
                    await asyncio.sleep(3600)
                except asyncio.CancelledError:
                    self.log.append("stubborn")
                    da.entity_ref(Counter, "c").signal(Counter.add, 1)

        asyncio.ensure_future(background())  # the loop holds them
        asyncio.ensure_future(stubborn())
        await asyncio.sleep(0)
        return "done"

    async def leaves_a_generator(self) -> int:
        async def numbers() -> AsyncIterator[int]:
            try:
                yield 1
                yield 2
            finally:
                self.log.append("closed")

        async for number in numbers():
            return number
        return 0

    async def forgets_a_failure(self) -> None:
        async def fail() -> None:
            raise OSError("unseen")

        Plumber.tasks.append(asyncio.ensure_future(fail()))
        await asyncio.sleep(0)

    async def breaks_a_callback(self) -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
        await asyncio.sleep(0)


def test_asyncio_works_as_long_as_nothing_waits() -> None:
    commit = run(Plumber, ("gather",))
    assert values_of(commit) == [[0, 1, 2]]
    assert values_of(run(Plumber, ("task_group",))) == ["abc"]
    assert values_of(run(Plumber, ("with_timeout",))) == ["quick"]


@pytest.mark.parametrize("name", ["sleeps", "waits_for_nobody", "sleeps_durably"])
def test_an_operation_that_waits_fails_its_caller_with_its_line(name: str) -> None:
    commit = run(Plumber, ("quick",), (name,), ("quick",))
    kind, message = failure_of(commit, 1)
    assert kind == "NotDurableError"
    assert message.startswith(f"an operation cannot wait: {name!r} of Plumber 'k'")
    assert f"{__file__}:" in message
    assert state_of(commit) == {"log": []}
    assert value_of(commit.results[2]) == "quick"


@pytest.mark.usefixtures("nothing_is_left_to_the_collector")
def test_what_waits_is_unwound() -> None:
    Plumber.others.clear()
    run(Plumber, ("sleeps",))
    assert Plumber.others == ["unwound"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("awaits_an_activity", "activity 'charge' is awaited"),
        ("awaits_an_orchestrator", "orchestrator 'ship' is awaited"),
        ("awaits_an_entity", "<entity 'Counter' 'c'> is called"),
        ("locks", "da.lock is used"),
        ("awaits_an_event", "event 'approved' is awaited"),
        ("to_thread", "asyncio.to_thread"),
    ],
)
def test_what_is_durable_is_refused_where_it_is_asked_for(name: str, words: str) -> None:
    kind, message = failure_of(run(Plumber, (name,)))
    assert kind == "NotDurableError"
    assert words in message


def test_an_operation_that_never_ends_fails() -> None:
    assert failure_of(run(Plumber, ("for_ever",)))[0] == "LivelockError"


@pytest.mark.usefixtures("nothing_is_left_to_the_collector")
def test_what_an_operation_leaves_running_is_cancelled_and_then_unwound() -> None:
    commit = run(Plumber, ("leaves_a_task",))
    assert values_of(commit) == ["done"]
    assert commit.results[0].messages == (
        SendSignal(
            entity=EntityId("Counter", "c"), operation="add", input=Payload(b"[1]"), due=None
        ),
    )


@pytest.mark.usefixtures("nothing_is_left_to_the_collector")
def test_an_async_generator_that_was_left_is_closed_before_the_state_is_stored() -> None:
    commit = run(Plumber, ("leaves_a_generator",))
    assert values_of(commit) == [1]
    assert state_of(commit)["log"] == ["closed"]


# ---- what it may ask for ---------------------------------------------------------------------


@da.entity
@attrs.define
class Asker:
    peer: da.EntityRef[Counter] | None = None
    made_at: datetime = attrs.field(factory=da.now)

    def remember(self, peer: da.EntityRef[Counter]) -> None:
        self.peer = peer

    def signal(self, amount: int) -> None:
        assert self.peer is not None
        self.peer.signal(Counter.add, amount)
        self.peer.signal_at(da.now() + timedelta(hours=1), Counter.reset)
        da.send_event("order-1", "counted", amount)

    def signal_badly(self) -> None:
        da.entity_ref(Counter, "c").signal(Counter.add, "five")  # type: ignore[arg-type]  # tried

    async def start(self) -> list[str]:
        named = await da.start(ship("a"), id="ship-1", tags={"a": "b"})
        one, two = await asyncio.gather(da.start(ship("b")), da.start(ship("c")))
        return [named.id, one.id, two.id]

    def time_and_chance(self) -> tuple[datetime, list[str], list[float]]:
        numbers = [da.random().random(), da.random().random(), da.random("other").random()]
        return da.now(), [str(da.uuid4()), str(da.uuid4())], numbers

    def ask_and_fail(self) -> None:
        self.signal(1)
        raise ValueError("no")

    def seed(self) -> str:
        return runtime().seed().hex()

    async def ask_while_it_ends(self) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            da.entity_ref(Counter, "c").signal(Counter.add, 1)
            da.delete_entity()
            await da.start(ship("late"), id="late")

    async def ask_in_the_background(self) -> None:
        asyncio.ensure_future(self.ask_while_it_ends())
        await asyncio.sleep(0)


def runtime() -> EntityRuntime:
    found = operating()
    assert found is not None
    return found


C = EntityId("Counter", "c")
REF = {"type": "Counter", "key": "c"}


def test_what_operations_ask_for_stands_in_their_results_in_order() -> None:
    commit = run(Asker, ("remember", REF), ("signal", 5), ("ask_and_fail",))
    assert commit.results[0].messages == ()
    assert commit.results[1].messages == (
        SendSignal(entity=C, operation="add", input=Payload(b"[5]"), due=None),
        SendSignal(entity=C, operation="reset", input=Payload(b"[]"), due=NOW + timedelta(hours=1)),
        RaiseEvent(instance_id="order-1", name="counted", data=Payload(b"5")),
    )
    assert failure_of(commit, 2) == ("ValueError", "no")


def test_a_state_may_hold_references_and_defaults_the_engines_time() -> None:
    commit = run(Asker, ("remember", REF))
    assert state_of(commit) == {"peer": REF, "made_at": "2026-01-01T12:00:00+00:00"}


def test_arguments_of_signals_are_checked_where_they_are_sent() -> None:
    kind, message = failure_of(run(Asker, ("signal_badly",)))
    assert kind == "SerializationError"
    assert "argument 'amount' of Counter.add" in message


def test_instances_are_started_detached_and_have_ids_of_their_own() -> None:
    commit = run(Asker, ("start",), ("start",))
    ids, others = values_of(commit)
    assert ids[0] == others[0] == "ship-1"
    assert len({*ids, *others}) == 5
    starts = commit.results[0].starts
    assert [start.instance_id for start in starts] == ids
    assert len({start.execution_id for start in (*starts, *commit.results[1].starts)}) == 6
    assert starts[0] == CreateInstance(
        instance_id="ship-1",
        execution_id=starts[0].execution_id,
        name="ship",
        input=Payload(b'["a"]'),
        tags={"a": "b"},
    )


def test_time_is_the_engines_and_chance_is_new_for_each_operation() -> None:
    (when, uuids, numbers), (_, others, other_numbers) = values_of(
        run(Asker, ("time_and_chance",), ("time_and_chance",))
    )
    assert datetime.fromisoformat(when) == NOW
    assert len({*uuids, *others}) == 4
    assert uuid.UUID(uuids[0]).version == 4
    assert len({*numbers, *other_numbers}) == 6


def test_seeds_differ_between_operations_and_between_batches() -> None:
    definition = definition_of(Asker)
    assert definition is not None
    batch = claimed(Asker, ("seed",), ("seed",))
    code = EntityCode(definition, CONVERTER)
    first = values_of(run_operations(code, batch, NOW, b"a"))
    again = values_of(run_operations(code, batch, NOW, b"a"))
    other = values_of(run_operations(code, batch, NOW, b"b"))
    assert first == again
    assert len({*first, *other}) == 4


def test_what_is_asked_for_while_an_operation_is_unwound_does_not_happen() -> None:
    commit = run(Asker, ("ask_while_it_ends",))
    assert failure_of(commit)[0] == "NotDurableError"
    assert commit.state is None


def test_a_task_that_is_cancelled_at_the_end_may_still_ask() -> None:
    (result,) = run(Asker, ("ask_in_the_background",)).results
    assert len(result.messages) == 1
    assert [start.instance_id for start in result.starts] == ["late"]


def test_the_loop_that_was_running_before_is_restored() -> None:
    async def outer() -> bool:
        loop = asyncio.get_running_loop()
        run(Plumber, ("gather",), ("sleeps",))
        return asyncio.get_running_loop() is loop

    assert asyncio.run(outer())


# ---- what nobody awaits ----------------------------------------------------------------------


def told(name: str) -> list[tuple[str, str, type | None]]:
    found: list[tuple[str, str, type | None]] = []

    def report(operation: Operation, message: str, error: BaseException | None) -> None:
        found.append((operation.name, message, None if error is None else type(error)))

    run(Plumber, (name,), report=report)
    Plumber.tasks.clear()
    return found


def test_failures_that_nobody_awaits_are_reported() -> None:
    ((name, message, error),) = told("forgets_a_failure")
    assert (name, error) == ("forgets_a_failure", OSError)
    assert "failed and nobody awaited it" in message
    assert [each[2] for each in told("breaks_a_callback")] == [ZeroDivisionError]


def test_reports_may_be_left_alone() -> None:
    assert values_of(run(Plumber, ("forgets_a_failure",), ("breaks_a_callback",))) == [None, None]


@pytest.mark.usefixtures("nothing_is_left_to_the_collector")
def test_nothing_is_told_of_what_is_unwound() -> None:
    @da.entity
    @attrs.define
    class Stubborn:
        async def wait(self) -> None:
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                asyncio.get_running_loop().call_exception_handler({"message": "late"})

    found: list[str] = []
    run(Stubborn, ("wait",), report=lambda _, message, __: found.append(message))
    assert found == []


def test_code_that_breaks_down_while_it_says_why_is_no_ones_failure() -> None:
    class Broken:
        name = "Broken"

        def load(self, state: Payload | None, /) -> object:
            raise ValueError("no")

        def __getattr__(self, name: str) -> Callable[..., Any]:
            raise RuntimeError(f"a fault of ours in {name}")

    with pytest.raises(RuntimeError, match="a fault of ours in failure"):
        run_operations(Broken(), claimed(Counter, ("add",)), NOW, SEED)
