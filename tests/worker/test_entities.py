"""A worker that runs operations of entities: in turns, on a store that may refuse."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest
from tests.worker.plant import Plant

import durable_async as da
from durable_async.convert.values import Converter
from durable_async.dsl.entities import EntityCode
from durable_async.dsl.registry import Registry
from durable_async.errors import EngineLimitError, LeaseLostError, StoreError
from durable_async.model.identity import Caller, EntityId
from durable_async.model.payload import Payload
from durable_async.model.work import ClaimedEntity, EntityCommit, EntityLease, Operation
from durable_async.worker import entities as entities_module
from durable_async.worker.entities import Entities

from .plant import MovedClock

NOW = MovedClock().now()


@da.entity
@attrs.define
class Counter:
    value: int = 0

    def add(self, amount: int) -> int:
        self.value += amount
        return self.value

    def fail(self) -> None:
        raise ValueError("no")


@da.orchestrator
async def adds(amounts: list[int]) -> list[Any]:
    ref = da.entity_ref(Counter, "c")
    found = await asyncio.gather(
        *(ref.call(Counter.add, amount) for amount in amounts), return_exceptions=True
    )
    return [str(each) if isinstance(each, BaseException) else each for each in found]


@pytest.fixture
async def plant() -> AsyncIterator[Plant]:
    async with Plant() as plant:
        yield plant


def commits(plant: Plant) -> list[EntityCommit]:
    return [each for batch in plant.engine.batches for each in batch.entities]


# ---- on a store ------------------------------------------------------------------------------


async def test_operations_that_wait_together_are_one_batch(plant: Plant) -> None:
    await plant.work(adds, Counter)
    assert await plant.result(adds([1, 2, 3])) == [1, 3, 6]
    (commit,) = commits(plant)
    assert len(commit.results) == 3


async def test_only_entities_with_a_definition_here_are_taken_on(plant: Plant) -> None:
    await plant.work(adds)
    handle = await plant.start(adds([1]))
    await plant.quiet()
    assert commits(plant) == []
    await plant.work(Counter)
    assert await handle.result() == [1]


@pytest.mark.parametrize(
    "fault", [StoreError("the disk is full"), OverflowError("too large")], ids=["store", "part"]
)
async def test_after_a_failed_commit_operations_run_again_and_count_once(
    plant: Plant, fault: Exception
) -> None:
    faults = [fault] * 3

    def cannot_store(part: object) -> bool:
        if isinstance(part, EntityCommit) and faults:
            raise faults.pop()
        return False

    plant.engine.cannot_store = cannot_store
    await plant.work(adds, Counter)
    waiting = asyncio.ensure_future(plant.result(adds([1, 1])))
    await plant.until_done(waiting)
    assert await waiting == [1, 2]
    assert faults == []
    assert await plant.client.read_entity(Counter, "c") == Counter(2)


def holds_large(part: object) -> bool:
    return isinstance(part, EntityCommit) and part.state is not None and b"66" in part.state.data


async def test_the_operation_whose_state_cannot_be_stored_fails_and_the_others_do_not(
    plant: Plant,
) -> None:
    plant.engine.cannot_store = lambda part: holds_large(part)
    await plant.work(adds, Counter)
    waiting = asyncio.ensure_future(plant.result(adds([1, 665, 2])))
    await plant.until_done(waiting)
    first, second, third = await waiting
    assert (first, third) == (1, 3)
    assert "what operation 'add' came to cannot be stored" in second
    assert "OverflowError: too large for the store" in second


async def test_an_entity_whose_failures_cannot_be_stored_stands_still_alone(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    refused: list[EntityCommit] = []

    def is_poison(part: object) -> bool:
        poison = isinstance(part, EntityCommit) and part.lease.entity.key == "c"
        if poison:
            assert isinstance(part, EntityCommit)
            refused.append(part)
        return poison

    @da.orchestrator
    async def adds_elsewhere() -> int:
        return await da.entity_ref(Counter, "d").call(Counter.add, 1)

    plant.engine.cannot_store = is_poison
    await plant.work(adds, adds_elsewhere, Counter)
    handle = await plant.start(adds([1]))
    for number in range(3):
        waiting = asyncio.ensure_future(plant.result(adds_elsewhere(), id=f"else-{number}"))
        await plant.until_done(waiting)
        assert await waiting == number + 1
    await plant.move(3)
    assert len(refused) <= 4
    assert "entity Counter 'c' stands still" in caplog.text
    assert not (await handle.state()).status.has_ended
    plant.engine.cannot_store = lambda part: False
    for service in list(plant._services):
        await plant.stop(service)
    await plant.work(adds, Counter)
    assert await handle.result() == [1]


async def test_a_fault_of_ours_fails_the_operation_and_is_not_tried_for_ever(
    plant: Plant, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken: list[int] = []

    def run_operations(*args: Any, **kwargs: Any) -> EntityCommit:
        broken.append(1)
        raise RecursionError("a fault of ours")

    monkeypatch.setattr(entities_module, "run_operations", run_operations)
    await plant.work(adds, Counter)
    said = await plant.result(adds([1, 2]))
    assert all("broke down inside durable_async with RecursionError" in each for each in said)
    assert len(broken) == 2
    assert "entity Counter 'c': an operation broke down" in caplog.text


async def test_a_failing_signal_is_logged_once_it_is_committed(
    plant: Plant, caplog: pytest.LogCaptureFixture
) -> None:
    await plant.work(Counter)
    with caplog.at_level(logging.WARNING):
        await plant.client.signal_entity(da.entity_ref(Counter, "c"), Counter.fail)
        await plant.quiet()
    (record,) = [each for each in caplog.records if each.name == "durable_async.worker"]
    assert "the signal 'fail' failed, and nobody waits for it" in record.getMessage()
    assert "test_entities.py" in record.getMessage()


def test_a_failing_signal_is_told_in_words_also_where_failures_are_sealed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Reversed:
        def encode(self, payload: Payload) -> Payload:
            return Payload(payload.data[::-1], "reversed")

        def decode(self, payload: Payload) -> Payload:
            return Payload(payload.data[::-1]) if payload.encoding == "reversed" else payload

    entities = Entities(Registry.of([Counter]), Converter(codec=Reversed()))
    operation = Operation(
        number=1, name="fail", input=Payload(b"][", "reversed"), caller=None, at=NOW
    )
    entities.accept([attrs.evolve(claimed(1), operations=(operation,))])
    (commit,) = entities.run(NOW)
    assert commit.results[0].failure is not None
    assert commit.results[0].failure.message == ""
    entities.settle([None])
    assert "with builtins:ValueError: no\n" in caplog.text


async def test_a_worker_that_stops_leaves_operations_to_others(plant: Plant) -> None:
    service = await plant.work(Counter)
    await plant.client.signal_entity(da.entity_ref(Counter, "c"), Counter.add, 1)
    await plant.stop(service)
    await plant.client.signal_entity(da.entity_ref(Counter, "c"), Counter.add, 1)
    await plant.quiet()
    await plant.work(Counter)
    await plant.quiet()
    assert await plant.client.read_entity(Counter, "c") == Counter(2)


# ---- by themselves ---------------------------------------------------------------------------


def claimed(*amounts: Any, key: str = "c", type: str = "Counter", epoch: int = 1) -> ClaimedEntity:
    return ClaimedEntity(
        lease=EntityLease(EntityId(type, key), epoch),
        state=None,
        operations=tuple(
            Operation(
                number=number,
                name="add",
                input=Payload(b"[%d]" % amount),
                caller=Caller("i", "e", number),
                at=NOW,
            )
            for number, amount in enumerate(amounts)
        ),
    )


@pytest.fixture
def entities() -> Entities:
    return Entities(Registry.of([Counter]), Converter())


def test_without_anything_to_do_it_has_no_work(entities: Entities) -> None:
    assert not entities.has_work()
    assert entities.run(NOW) == ()
    assert entities.take_releases() == ()
    entities.settle(())


def test_what_is_given_is_run_and_its_lease_goes_with_the_commit(entities: Entities) -> None:
    entities.accept([claimed(1, 2), claimed(3, key="d")])
    assert entities.has_work()
    assert entities.backlog == 2
    assert [len(commit.results) for commit in entities.run(NOW)] == [2, 1]
    entities.settle([None, None])
    assert not entities.has_work()
    assert entities.take_releases() == ()


def test_no_more_are_run_than_may_be(entities: Entities) -> None:
    entities.accept([claimed(1), claimed(1, key="d")])
    assert entities.run(NOW, 0) == ()
    assert len(entities.run(NOW, 1)) == 1
    entities.settle([None])
    assert entities.backlog == 1


def test_a_turn_that_is_long_leaves_the_rest_to_the_next(
    entities: Entities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entities_module, "TURN_TIME", -1.0)
    monkeypatch.setattr(entities_module, "BATCH_TIME", -1.0)
    entities.accept([claimed(1, 2, 3), claimed(1, key="d")])
    (commit,) = entities.run(NOW)
    assert len(commit.results) == 1
    entities.settle([None])
    assert entities.backlog == 1


def test_one_without_a_definition_is_given_back(entities: Entities) -> None:
    stranger = claimed(1, type="Stranger")
    entities.accept([stranger])
    assert entities.run(NOW) == ()
    assert entities.take_releases() == (stranger.lease,)


def test_a_lease_that_is_lost_is_dropped(
    entities: Entities, caplog: pytest.LogCaptureFixture
) -> None:
    entities.accept([claimed(1)])
    entities.run(NOW)
    entities.settle([LeaseLostError("taken over by another")])
    assert not entities.has_work()
    assert "entity Counter 'c': taken over by another" in caplog.text


def test_a_batch_that_is_refused_is_run_one_by_one_and_then_together_again(
    entities: Entities,
) -> None:
    entities.accept([claimed(1, 2)])
    entities.run(NOW)
    entities.settle([EngineLimitError("too many results")])
    assert entities.take_releases() == (claimed().lease,)
    for epoch in (2, 3):
        entities.accept([claimed(1, 2, epoch=epoch)])
        (commit,) = entities.run(NOW)
        assert len(commit.results) == 1
        entities.settle([None])
    entities.accept([claimed(1, 2, epoch=4)])
    (commit,) = entities.run(NOW)
    assert len(commit.results) == 2


def test_an_operation_that_is_refused_by_itself_fails_of_that(entities: Entities) -> None:
    entities.accept([claimed(1)])
    entities.run(NOW)
    entities.settle([EngineLimitError("too long")])
    assert entities.has_work()
    (commit,) = entities.run(NOW)
    assert commit.state is None
    (result,) = commit.results
    assert result.failure is not None
    assert "EngineLimitError: too long" in result.failure.message
    entities.settle([None])
    assert not entities.has_work()


def test_what_was_not_committed_is_given_back(entities: Entities) -> None:
    entities.accept([claimed(1)])
    entities.run(NOW)
    entities.abandon([claimed(key="d").lease])
    assert entities.take_releases() == (claimed().lease, claimed(key="d").lease)


def test_at_the_end_everything_is_given_back(entities: Entities) -> None:
    entities.accept([claimed(1), claimed(1, key="d"), claimed(1, key="e")])
    for error in (EngineLimitError("too long"), EngineLimitError("again")):
        entities.run(NOW, 1)
        entities.condemn([], error)
    entities.run(NOW, 1)
    entities.condemn([], EngineLimitError("too long"))
    entities.close()
    entities.accept([claimed(1, key="f")])
    keys = [lease.entity.key for lease in entities.take_releases()]
    assert sorted(keys) == ["c", "d", "e", "f"]
    assert not entities.has_work()


def test_problems_that_nobody_awaits_are_logged_with_the_entity(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @da.entity
    @attrs.define
    class Careless:
        async def forget(self) -> None:
            asyncio.get_running_loop().call_soon(lambda: 1 / 0)
            await asyncio.sleep(0)

    entities = Entities(Registry.of([Careless]), Converter())
    given = claimed(type="Careless")
    operation = Operation(number=1, name="forget", input=Payload(b"[]"), caller=None, at=NOW)
    entities.accept([attrs.evolve(given, operations=(operation,))])
    entities.run(NOW)
    assert "entity Careless 'c', operation 'forget'" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_the_code_of_an_entity_is_made_once(
    entities: Entities, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def make(definition: Any, converter: Converter) -> EntityCode:
        made.append(definition.name)
        return EntityCode(definition, converter)

    monkeypatch.setattr(entities_module, "EntityCode", make)
    for epoch in range(3):
        entities.accept([claimed(1, epoch=epoch)])
        entities.run(NOW)
        entities.settle([None])
    assert made == ["Counter"]
