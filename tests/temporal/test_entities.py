"""Entities and critical sections on Temporal mean what they mean on a store."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from tests.temporal.conftest import LONG, Cluster
from tests.temporal.entities import Counter, Fragile, adds, crashes, crashes_always

import durable_async as da
from durable_async.codecs import EncryptionCodec
from durable_async.model.options import LOST_WORKER_LIMIT
from durable_async.model.payload import Payload

FUNCTIONS: list[object] = [adds, Counter]


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not await holds():
            await asyncio.sleep(0.02)


async def count(cluster: Cluster, key: str) -> int | None:
    state = await cluster.client.read_entity(Counter, key)
    return None if state is None else state.count


async def until_count(cluster: Cluster, key: str, expected: int | None) -> None:
    async def is_there() -> bool:
        return await count(cluster, key) == expected

    await until(is_there)


def ref(key: str) -> da.EntityRef[Counter]:
    return da.entity_ref(Counter, key)


def temporal(cluster: Cluster) -> Any:
    """temporalio's own client."""
    connection: Any = cluster.client.connection
    return connection.temporal


def workflow_of(cluster: Cluster, key: str, run_id: str | None = None) -> Any:
    return temporal(cluster).get_workflow_handle(
        f"durable_async.entity:Counter/{key}", run_id=run_id
    )


async def record(cluster: Cluster, key: str, type: str = "Counter") -> Any:
    from durable_async.model.identity import EntityId

    return await cluster.client.connection.entity(EntityId(type, key))


async def replay_all(cluster: Cluster, functions: list[object]) -> list[str]:
    """Temporal's own replayer, over each run of everything in the namespace; their types."""
    from durable_async.dsl.registry import Registry
    from durable_async.engines.temporal import replayer

    names: list[str] = []
    async for row in temporal(cluster).list_workflows(""):
        handle = temporal(cluster).get_workflow_handle(row.id, run_id=row.run_id)
        history = await handle.fetch_history()
        await replayer(Registry.of(functions), da.Converter()).replay_workflow(history)
        names.append(row.workflow_type)
    return names


async def listed_at_temporal(cluster: Cluster, number: int) -> bool:
    """Whether visibility has come to know as many runs."""
    return bool((await temporal(cluster).count_workflows("")).count >= number)


# ---- operations ------------------------------------------------------------------------------


async def test_a_call_brings_the_result_and_the_state_can_be_read(cluster: Cluster) -> None:
    await cluster.worker(*FUNCTIONS)
    for number in (2, 3):
        await (await cluster.client.start(adds("k", number))).result()
    assert await count(cluster, "k") == 5
    assert await count(cluster, "other") is None


async def test_calls_of_many_run_one_after_the_other(cluster: Cluster) -> None:
    await cluster.worker(*FUNCTIONS)
    handles = [await cluster.client.start(adds("k", 1)) for _ in range(20)]
    assert sorted([await handle.result() for handle in handles]) == list(range(1, 21))


@da.orchestrator
async def asks_in_order(key: str) -> list[object]:
    entity = ref(key)
    entity.signal(Counter.note, "a")
    calls = [entity.call(Counter.add, number) for number in (1, 2, 3)]
    entity.signal(Counter.note, "b")
    sums = await asyncio.gather(*calls)
    try:
        await entity.call(Counter.fail, 100)
    except LookupError as error:
        return [*sums, list(error.args), await entity.call(Counter.add, 0)]
    return []


async def test_what_fails_leaves_no_trace_and_order_is_kept(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    await cluster.worker(asks_in_order, Counter, cache=0)
    handle = await cluster.client.start(asks_in_order("k"))
    assert await handle.result() == [1, 3, 6, ["no", 100], 6]
    state = await cluster.client.read_entity(Counter, "k")
    assert state == Counter(6, ["a", "b"])
    assert await count(cluster, "told") is None
    with caplog.at_level(logging.WARNING, "durable_async.worker"):
        await cluster.client.signal_entity(ref("k"), Counter.fail, 1)
        await cluster.client.signal_entity(ref("k"), Counter.add, 1)
        await until_count(cluster, "k", 7)
    assert "the signal 'fail' failed, and nobody waits for it" in caplog.text


@da.orchestrator
async def asks_for_what_there_is_not() -> str:
    try:
        await da.entity_ref(Other, "k").call(Other.gone)
    except AttributeError as error:
        return str(error)
    return ""


@da.entity(name="Counter")
@attrs.define
class Other:
    count: int = 0

    def gone(self) -> None: ...


async def test_an_unknown_operation_fails_its_caller(cluster: Cluster) -> None:
    await cluster.worker(asks_for_what_there_is_not, Counter)
    handle = await cluster.client.start(asks_for_what_there_is_not())
    assert "'gone'" in await handle.result()


async def test_operations_may_signal_send_and_start(cluster: Cluster) -> None:
    await cluster.worker(*FUNCTIONS, waits_to_be_told)
    await cluster.client.signal_entity(ref("a"), Counter.tell, "b", 5)
    await until_count(cluster, "b", 5)
    waiting = await cluster.client.start(waits_to_be_told(), id="waiting")
    await cluster.client.signal_entity(ref("b"), Counter.send, "waiting")
    assert await waiting.result() == 5
    for _ in range(2):  # the second finds the id taken, which is nobody's business
        await cluster.client.signal_entity(ref("a"), Counter.begin, "begun", 7)
    await until_count(cluster, "begun", 7)
    state = await cluster.client.handle("begun").state()
    assert state.parent_id is None
    await cluster.client.signal_entity(ref("a"), Counter.send, "nobody")


@da.orchestrator
async def waits_to_be_told() -> int:
    return await da.wait_for_event("told", int)


async def test_a_caller_that_calls_itself_by_events_hears_both(cluster: Cluster) -> None:
    await cluster.worker(Counter, hears_both)
    handle = await cluster.client.start(hears_both("k"), id="hears")
    assert await handle.result() == [0, 0]


@da.orchestrator
async def hears_both(key: str) -> list[int]:
    result = await ref(key).call(Counter.send, "hears")
    async with asyncio.timeout(5):
        return [result, await da.wait_for_event("told", int)]


@da.orchestrator
async def signals_later(key: str, seconds: float) -> None:
    entity = ref(key)
    entity.signal_at(da.now() + timedelta(seconds=seconds), Counter.note, "later")
    entity.signal_at(da.now() + timedelta(hours=9), Counter.note, "much later")
    entity.signal_at(da.now() - timedelta(seconds=1), Counter.note, "past")
    entity.signal(Counter.note, "now")


async def test_a_signal_waits_until_it_is_due(cluster: Cluster) -> None:
    await cluster.worker(signals_later, Counter)
    await (await cluster.client.start(signals_later("k", 1.0))).result()

    async def has_all() -> bool:
        state = await cluster.client.read_entity(Counter, "k")
        return state is not None and state.seen == ["past", "now", "later"]

    await until(has_all)
    assert (await record(cluster, "k")).queued == 1


async def test_operations_of_a_type_nobody_has_wait_for_a_worker_that_has_it(
    cluster: Cluster,
) -> None:
    async with da.Worker(cluster.client, [adds]):
        handle = await cluster.client.start(adds("k", 1))
        await cluster.client.signal_entity(ref("k"), Counter.add, 1)

        async def are_queued() -> bool:
            found = await record(cluster, "k")
            return found is not None and found.queued == 2 and found.state is None

        await until(are_queued)
    await cluster.worker(adds, Counter)
    assert await handle.result() in (1, 2)
    await until_count(cluster, "k", 2)


async def test_a_state_can_be_read_when_no_worker_runs(cluster: Cluster) -> None:
    async with da.Worker(cluster.client, FUNCTIONS):
        await (await cluster.client.start(adds("k", 3))).result()
    await cluster.client.signal_entity(ref("k"), Counter.add, 1)
    found = await record(cluster, "k")
    assert (found.queued, found.locked_by) == (1, None)
    assert datetime.now(UTC) - found.updated_at < timedelta(minutes=1)
    assert await count(cluster, "k") == 3


async def test_a_codec_hides_arguments_states_and_results(temporal_url: str) -> None:
    codec = EncryptionCodec({"k1": b"0" * 32})
    async with da.Client(temporal_url, codec=codec) as client, da.Worker(client, [notes, Counter]):
        await (await client.start(notes("k", "SECRET"))).result()
        state = await client.read_entity(Counter, "k")
        assert state is not None and state.seen == ["SECRET"]
        connection: Any = client.connection
        handle = connection.temporal.get_workflow_handle("durable_async.entity:Counter/k")
        for event in (await handle.fetch_history()).events:
            assert b"SECRET" not in event.SerializeToString()


class Failing:
    """A codec that cannot read, while it fails."""

    fails = False

    def encode(self, payload: Payload) -> Payload:
        return Payload(payload.data[::-1], "failing")

    def decode(self, payload: Payload) -> Payload:
        if Failing.fails:
            raise OSError("no key")
        return Payload(payload.data[::-1]) if payload.encoding == "failing" else payload


async def test_operations_whose_arguments_cannot_be_read_wait(
    temporal_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from durable_async.engines.temporal.entities import operations

    monkeypatch.setattr(operations, "_CODEC_RETRY", 0.2)
    monkeypatch.setattr(Failing, "fails", True)
    async with da.Client(temporal_url, codec=Failing()) as client, da.Worker(client, [Counter]):
        await client.signal_entity(ref("k"), Counter.add, 1)

        async def is_told() -> bool:
            return "entity Counter 'k' stands still" in caplog.text

        await until(is_told)
        monkeypatch.setattr(Failing, "fails", False)

        async def has_run() -> bool:
            return await client.read_entity(Counter, "k") == Counter(1)

        await until(has_run)


@da.orchestrator
async def notes(key: str, text: str) -> None:
    await ref(key).call(Counter.note, text)


async def test_what_temporal_cannot_hold_fails_the_operation_alone(cluster: Cluster) -> None:
    await cluster.worker(grows, Counter)
    handle = await cluster.client.start(grows("k"))
    assert "may have 1,000,000" in await handle.result()
    state = await cluster.client.read_entity(Counter, "k")
    assert state == Counter(2)


@da.orchestrator
async def grows(key: str) -> str:
    entity = ref(key)
    entity.signal(Counter.add, 1)
    growing = entity.call(Counter.grow, 1_100_000)
    try:
        await growing
    except da.DurableError as error:
        await entity.call(Counter.add, 1)
        return str(error)
    return ""


# ---- reading ---------------------------------------------------------------------------------


async def test_entities_are_listed_and_instances_are_not_mixed_with_them(cluster: Cluster) -> None:
    await cluster.worker(*FUNCTIONS)
    for key in ("b", "a/c", "a'd", "é", "x" * 255):
        await cluster.client.signal_entity(ref(key), Counter.add, 1)
        await until_count(cluster, key, 1)
    await (await cluster.client.start(adds("b", 1), id="adds-b")).result()
    expected = sorted(["b", "a/c", "a'd", "é", "x" * 255])

    async def keys(type: Any = None, prefix: str | None = None) -> list[str]:
        found = cluster.client.list_entities(type, prefix)
        return [each.key async for each, _ in found]

    async def knows_all() -> bool:
        return await keys() == expected

    await until(knows_all)
    assert await keys(Counter, "a") == ["a'd", "a/c"]
    assert await keys("Counter", "é") == ["é"]
    assert await keys("Nothing") == []

    async def knows_instance() -> bool:
        return [state.id async for state in cluster.client.list()] == ["adds-b"]

    await until(knows_instance)
    assert await cluster.client.count() == 1


async def test_pages_of_entities_follow_one_another(cluster: Cluster) -> None:
    from durable_async.model.work import EntityQuery

    await cluster.worker(*FUNCTIONS)
    for number in range(5):
        await cluster.client.signal_entity(ref(f"{number}"), Counter.add, 1)
        await until_count(cluster, f"{number}", 1)

    async def pages() -> list[list[str]]:
        found, query = [], EntityQuery(limit=2)
        while True:
            page = await cluster.client.connection.entities(query)
            found.append([each.entity.key for each in page.records])
            if not page.more:
                return found
            query = EntityQuery(limit=2, after=page.records[-1].entity)

    async def are_there() -> bool:
        return await pages() == [["0", "1"], ["2", "3"], ["4"]]

    await until(are_there)


async def test_no_instance_can_have_the_id_of_an_entity(cluster: Cluster) -> None:
    with pytest.raises(da.EngineLimitError, match="Choose another id"):
        await cluster.client.start(adds("k", 1), id="durable_async.entity:Counter/k")
    await cluster.worker(starts_with_kept_id, adds)
    handle = await cluster.client.start(starts_with_kept_id())
    with pytest.raises(da.EngineLimitError, match="Choose another id"):
        await handle.result()


@da.orchestrator
async def starts_with_kept_id() -> None:
    await adds.options(id="durable_async.lock:gate")("k", 1)


def test_no_two_entities_share_a_workflow_id() -> None:
    pytest.importorskip("temporalio")
    from durable_async.engines.temporal.entities.names import is_kept_id, workflow_id_of
    from durable_async.model.identity import EntityId

    texts = ["a", "a/b", "b", "a%2Fb", "/", "%", "#", "\U0001f600" * 255, "\U0001f600" * 254 + "a"]
    entities = {EntityId(kind, key) for kind in ["", *texts] for key in texts}
    ids = {workflow_id_of(each) for each in entities}
    assert len(ids) == len(entities)
    assert all(is_kept_id(each) and len(each.encode()) < 1_000 for each in ids)


# ---- the end, and new runs -------------------------------------------------------------------


@da.orchestrator
async def resets(key: str) -> list[int]:
    return [await ref(key).call(Counter.reset), await ref(key).call(Counter.add, 1)]


async def test_a_deleted_entity_is_gone_and_can_come_again(cluster: Cluster) -> None:
    await cluster.worker(adds, resets, Counter)
    await (await cluster.client.start(adds("k", 5))).result()
    assert await (await cluster.client.start(resets("k"))).result() == [5, 1]
    await cluster.client.signal_entity(ref("k"), Counter.reset)
    await until_count(cluster, "k", None)
    assert await record(cluster, "k") is None


async def test_without_state_and_work_its_workflow_ends_and_the_next_mail_starts_another(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    from durable_async.engines.temporal.entities import entity

    monkeypatch.setattr(entity, "LINGER", timedelta(seconds=0.5))
    await cluster.worker(*FUNCTIONS)
    seen = set()
    for _ in range(3):
        await cluster.client.signal_entity(ref("k"), Counter.add, 1)
        await until_count(cluster, "k", 1)
        await cluster.client.signal_entity(ref("k"), Counter.reset)

        async def has_ended() -> bool:
            described = await workflow_of(cluster, "k").describe()
            return described.close_time is not None

        await until(has_ended)
        described = await workflow_of(cluster, "k").describe()
        assert described.status.name == "COMPLETED"
        seen.add(described.run_id)
    assert len(seen) == 3


async def test_no_signal_is_lost_to_the_end_of_a_run(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    from durable_async.engines.temporal.entities import entity

    monkeypatch.setattr(entity, "LINGER", timedelta())
    await cluster.worker(resets, Counter, cache=0)
    handles = [await cluster.client.start(resets("k")) for _ in range(8)]
    for handle in handles:
        results = await handle.result()
        assert results[1] >= 1


@da.orchestrator
async def many_calls(key: str, rounds: int) -> list[int]:
    entity, seen = ref(key), []
    for number in range(rounds):
        if number % 3 == 0:
            entity.signal(Counter.add, 1)
        seen.append(await entity.call(Counter.add, 1))
    return seen


@pytest.mark.parametrize("cache", [0, 10_000])
async def test_a_long_life_goes_on_in_new_runs(cluster: Cluster, cache: int) -> None:
    await cluster.worker(many_calls, Counter, cache=cache)
    rounds = LONG // 2
    handles = [await cluster.client.start(many_calls("k", rounds), id=f"many-{n}") for n in (1, 2)]
    seen: list[int] = []
    for handle in handles:
        numbers = await handle.result()
        assert numbers == sorted(numbers)
        seen += numbers
    assert len(set(seen)) == 2 * rounds
    total = 2 * rounds + 2 * ((rounds + 2) // 3)
    await until_count(cluster, "k", total)
    described = await workflow_of(cluster, "k").describe()
    first = await anext(workflow_of(cluster, "k").fetch_history_events(page_size=1))
    began = first.workflow_execution_started_event_attributes
    assert began.continued_execution_run_id, described.run_id
    # The callers went on in new runs too.
    first = await anext(
        temporal(cluster).get_workflow_handle("many-1").fetch_history_events(page_size=1)
    )
    assert first.workflow_execution_started_event_attributes.continued_execution_run_id
    assert {"durable_async.entity", "many_calls"} <= set(
        await replay_all(cluster, [many_calls, Counter])
    )


async def test_a_mail_that_comes_twice_counts_once_also_in_a_later_run(cluster: Cluster) -> None:
    from durable_async.engines.temporal.entities.errands import post
    from durable_async.engines.temporal.entities.mail import Asked, Mail, signal_arguments
    from durable_async.model.identity import EntityId
    from durable_async.model.payload import Payload

    await cluster.worker(many_calls, Counter)
    mail = Mail(
        sender="s", place=1, may_repeat=True, asked=(Asked(what="operation", operation="add"),)
    )
    arguments = signal_arguments(mail, [Payload(b"[1000]")])
    for _ in range(2):
        await post(temporal(cluster), EntityId("Counter", "k"), arguments)
    await until_count(cluster, "k", 1000)
    rounds = LONG // 2
    await (await cluster.client.start(many_calls("k", rounds))).result()
    await post(temporal(cluster), EntityId("Counter", "k"), arguments)
    await (await cluster.client.start(many_calls("k", 1))).result()
    await until_count(cluster, "k", 1000 + rounds + (rounds + 2) // 3 + 2)


# ---- callers that go -------------------------------------------------------------------------


@da.orchestrator
async def holds(key: str, name: str) -> str:
    async with da.lock(ref(key)):
        da.set_custom_status("holds")
        await da.wait_for_event("go")
        await ref(key).call(Counter.note, name)
    return name


@da.orchestrator
async def gives_up(key: str) -> str:
    try:
        async with asyncio.timeout(0.5):
            await ref(key).call(Counter.note, "given up")
    except TimeoutError:
        await da.wait_for_event("end")
    return "gave up"


async def until_holds(handle: da.Handle[Any]) -> None:
    async def has_it() -> bool:
        return (await handle.state()).custom_status == "holds"

    await until(has_it)


async def test_a_call_that_is_given_up_before_it_ran_is_taken_back(cluster: Cluster) -> None:
    await cluster.worker(holds, gives_up, Counter)
    holder = await cluster.client.start(holds("k", "holder"))
    await until_holds(holder)
    other = await cluster.client.start(gives_up("k"))

    async def is_waiting() -> bool:
        return any(call.kind == "event" for call in (await other.state()).pending)

    await until(is_waiting)
    await holder.raise_event("go")
    assert await holder.result() == "holder"
    await other.raise_event("end")
    assert await other.result() == "gave up"
    state = await cluster.client.read_entity(Counter, "k")
    assert state is not None and state.seen == ["holder"]


@da.orchestrator
async def leaves(key: str, how: str, again: bool = True) -> str:
    """Ends while its call waits for the lock of another."""
    if not again:
        return "again"
    task = asyncio.create_task(calls(key))
    await da.wait_for_event("leave")
    if how == "fails":
        raise LookupError("left")
    if how == "continues":
        da.continue_as_new(leaves(key, how, False))
    assert not task.done()
    return "left"


async def calls(key: str) -> None:
    await ref(key).call(Counter.note, "left behind")


@pytest.mark.parametrize("how", ["ends", "fails", "continues", "cancelled"])
async def test_calls_of_an_execution_that_is_over_are_taken_back(
    cluster: Cluster, how: str
) -> None:
    await cluster.worker(holds, leaves, Counter)
    holder = await cluster.client.start(holds("k", "holder"))
    await until_holds(holder)
    other = await cluster.client.start(leaves("k", how))

    async def is_queued() -> bool:
        return (await record(cluster, "k")).queued == 1

    await until(is_queued)
    if how == "cancelled":
        await other.cancel("no more")
    else:
        await other.raise_event("leave")
    with contextlib.suppress(LookupError, da.InstanceCancelledError):
        await other.result()
    await holder.raise_event("go")
    await holder.result()
    state = await cluster.client.read_entity(Counter, "k")
    assert state is not None and state.seen == ["holder"]


# ---- locks -----------------------------------------------------------------------------------


async def test_a_lock_holds_back_others_and_lets_its_holder_pass(cluster: Cluster) -> None:
    await cluster.worker(holds, adds, Counter, cache=0)
    holder = await cluster.client.start(holds("k", "inside"), id="holder")
    await until_holds(holder)
    other = await cluster.client.start(adds("k", 1))
    await cluster.client.signal_entity(ref("k"), Counter.note, "signal")

    async def are_queued() -> bool:
        found = await record(cluster, "k")
        return bool(found.queued == 2 and found.locked_by.instance_id == "holder")

    await until(are_queued)
    await holder.raise_event("go")
    assert await holder.result() == "inside"
    assert await other.result() == 1

    async def is_free() -> bool:
        found = await record(cluster, "k")
        return found.locked_by is None and found.state is not None and found.queued == 0

    await until(is_free)
    state = await cluster.client.read_entity(Counter, "k")
    assert state is not None and state.seen == ["inside", "signal"]
    await replay_all(cluster, [holds, adds, Counter])


inside: dict[str, int] = {}
most = 0


def enter(names: list[str]) -> None:
    global most
    for name in names:
        inside[name] = inside.get(name, 0) + 1
        most = max(most, inside[name])


@da.activity
async def work_inside(names: list[str]) -> None:
    enter(names)
    await asyncio.sleep(0.02)
    for name in names:
        inside[name] -= 1


@da.orchestrator
async def section(names: list[str]) -> bool:
    async with da.lock(*names):
        await work_inside(names)
    return True


async def test_sections_exclude_one_another_and_never_wait_in_a_circle(cluster: Cluster) -> None:
    global most
    most = 0
    await cluster.worker(section, work_inside)
    names = ["a", "b", "c"]
    handles = [
        await cluster.client.start(section([names[n % 3], names[(n + 1 + n % 2) % 3]]))
        for n in range(9)
    ]
    assert all([await handle.result() for handle in handles])
    assert most == 1


@da.orchestrator
async def leaves_section(how: str) -> str:
    async with da.lock("gate", "other gate"):
        da.set_custom_status("holds")
        await da.wait_for_event("go")
        if how == "fails":
            raise LookupError("out")
        if how == "continues":
            da.continue_as_new(just_ends())
    return how


@da.orchestrator
async def just_ends() -> str:
    return "continues"


@da.orchestrator
async def wants_gate() -> str:
    async with da.lock("gate", "other gate"):
        return "had it"


@pytest.mark.parametrize("how", ["returns", "fails", "continues", "cancelled", "terminated"])
async def test_a_lock_is_free_again_whatever_becomes_of_its_holder(
    cluster: Cluster, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from durable_async.engines.temporal.entities import entity

    monkeypatch.setattr(entity, "FIRST_LOOK", timedelta(seconds=0.3))
    await cluster.worker(leaves_section, just_ends, wants_gate)
    holder = await cluster.client.start(leaves_section(how))
    await until_holds(holder)
    other = await cluster.client.start(wants_gate())

    async def is_waiting() -> bool:
        return any(call.kind == "lock" for call in (await other.state()).pending)

    await until(is_waiting)
    if how == "cancelled":
        await holder.cancel("out")
    elif how == "terminated":
        await holder.terminate("out")
    else:
        await holder.raise_event("go")
    assert await other.result() == "had it"


@da.orchestrator
async def waits_for_gate() -> str:
    try:
        async with asyncio.timeout(0.3):
            async with da.lock("gate"):
                return "had it"
    except TimeoutError:
        return "too late"


async def test_a_request_that_is_withdrawn_is_passed_over(cluster: Cluster) -> None:
    await cluster.worker(leaves_section, waits_for_gate, wants_gate)
    holder = await cluster.client.start(leaves_section("returns"))
    await until_holds(holder)
    assert await (await cluster.client.start(waits_for_gate())).result() == "too late"
    other = await cluster.client.start(wants_gate())
    await holder.raise_event("go")
    assert await other.result() == "had it"


@da.orchestrator
async def long_section(key: str, rounds: int) -> list[int]:
    async with da.lock(ref(key), "gate"):
        return [await ref(key).call(Counter.add, 1) for _ in range(rounds)]


async def test_a_section_lasts_over_new_runs_of_all_that_take_part(cluster: Cluster) -> None:
    await cluster.worker(long_section, Counter)
    rounds = LONG // 2
    handles = [
        await cluster.client.start(long_section("k", rounds), id=f"long-{n}") for n in (1, 2)
    ]
    results = sorted([await handle.result() for handle in handles])
    assert results == [list(range(1, rounds + 1)), list(range(rounds + 1, 2 * rounds + 1))]
    await replay_all(cluster, [long_section, Counter])


broken = True


@da.activity
async def shaky() -> None:
    if broken:
        raise ConnectionError("not today")


@da.orchestrator
async def section_that_fails(key: str) -> list[int]:
    async with da.lock(ref(key)):
        before = await ref(key).call(Counter.add, 1)
        await shaky()
        return [before, await ref(key).call(Counter.add, 1)]


async def test_a_rewound_section_has_its_lock_again_before_it_goes_on(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cluster.worker(section_that_fails, shaky, holds, Counter)
    handle = await cluster.client.start(section_that_fails("k"))
    with pytest.raises(ConnectionError):
        await handle.result()
    monkeypatch.setattr(sys.modules[__name__], "broken", False)
    holder = await cluster.client.start(holds("k", "in between"))
    await until_holds(holder)
    await handle.rewind()

    async def is_waiting() -> bool:
        queue = await workflow_of(cluster, "k").query("queue")
        return len(queue["waiting"]) == 1

    await until(is_waiting)
    await holder.raise_event("go")
    assert await handle.result() == [1, 2]
    state = await cluster.client.read_entity(Counter, "k")
    assert state == Counter(2, ["in between"])


def test_a_script_serves_the_entities_that_it_calls(temporal_url: str) -> None:
    assert da.run(adds("k", 3), url=temporal_url) == 3
    assert da.run(many_calls("k", 2), url=temporal_url) == [5, 6]


# ---- workers that die ------------------------------------------------------------------------


async def other_process(cluster: Cluster) -> asyncio.subprocess.Process:
    """A worker of its own."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.temporal.entities", cluster.url
    )


async def killed_worker(cluster: Cluster) -> int:
    return await (await other_process(cluster)).wait()


async def test_an_operation_whose_worker_is_killed_runs_again_and_counts_once(
    cluster: Cluster, tmp_path: Path
) -> None:
    path = tmp_path / "armed"
    path.touch()
    handle = await cluster.client.start(crashes(str(path)))
    assert await killed_worker(cluster) == -9
    await cluster.worker(crashes, Fragile, guard="off")
    assert await handle.result() == [1, 2, 3]
    assert not path.exists()


async def test_an_operation_that_kills_each_worker_fails_alone(cluster: Cluster) -> None:
    handle = await cluster.client.start(crashes_always())
    # The first one loses the whole batch; after that they are run one by one.
    for _ in range(1 + LOST_WORKER_LIMIT):
        assert await killed_worker(cluster) == -9
    last = await other_process(cluster)
    try:
        assert await handle.result() == [1, "WorkerLostError", 2]
    finally:
        last.kill()
        await last.wait()


# ---- for operators ---------------------------------------------------------------------------


async def test_temporals_tools_show_what_an_entity_does(cluster: Cluster) -> None:
    await cluster.worker(adds, Counter)
    await (await cluster.client.start(adds("k", 7))).result()
    handle = workflow_of(cluster, "k")
    described = await handle.describe()
    assert described.workflow_type == "durable_async.entity"
    assert await described.static_summary() == "Counter k"
    assert await handle.query("state") == {"count": 7, "seen": []}
    assert await handle.query("queue") == {"waiting": [], "locked_by": None}
    summaries, inputs = [], []
    async for event in handle.fetch_history_events():
        if event.HasField("activity_task_scheduled_event_attributes"):
            summaries.append(event.user_metadata.summary.data)
            payloads = event.activity_task_scheduled_event_attributes.input.payloads
            inputs.append(payloads[-1].data)
    assert summaries == [b'"operation add"']
    assert inputs == [b"[7]"]
    await handle.cancel()
    await handle.signal("nonsense", 1)
    await (await cluster.client.start(adds("k", 1))).result()
    assert await count(cluster, "k") == 8
