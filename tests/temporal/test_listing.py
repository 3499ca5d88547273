"""Listing, counting and purging on a Temporal cluster, whose visibility hears of everything a
moment later: what is listed is asked for until it is there."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import attrs
import pytest
from tests.temporal.conftest import Cluster

import durable_async as da
from durable_async import RuntimeStatus as Status
from durable_async.engines.temporal.reading import listing
from durable_async.model.work import InstanceQuery

T = TypeVar("T")


@da.orchestrator
async def waits(number: int) -> int:
    return number + await da.wait_for_event("go", int)


@da.orchestrator
async def ends(number: int) -> int:
    if number < 0:
        raise LookupError(number)
    return number


@da.orchestrator
async def parent(count: int) -> list[int]:
    await da.start(ends(7), id="detached")
    return [await ends.options(id=f"child-{number}")(number) for number in range(count)]


@da.orchestrator
async def changed() -> None:
    await da.wait_for_event("go")


async def shown(look: Callable[[], Awaitable[T]], wanted: T) -> None:
    """Until it is what is wanted; if it never is, the test fails by saying what there is."""
    seen: Any = None
    try:
        async with asyncio.timeout(60):
            while (seen := await look()) != wanted:
                await asyncio.sleep(0.05)
    except TimeoutError:
        assert seen == wanted


async def expect(client: da.Client, wanted: list[str], **conditions: Any) -> None:
    """That these ids are listed under the conditions, in any order, and counted."""

    async def ids() -> list[str]:
        return sorted([each.id async for each in client.list(**conditions)])

    await shown(ids, sorted(wanted))
    await shown(lambda: client.count(**conditions), len(wanted))


async def test_instances_are_found_by_name_prefix_and_tags(cluster: Cluster) -> None:
    client = cluster.client
    await client.start(waits(1), id="order-1", tags={"team": "a", "kind": "x"})
    await client.start(waits(2), id="order-2", tags={"team": "b"})
    await client.start(ends(3), id="ORDER-3", tags={"team": "a"})
    await expect(cluster.client, ["order-1", "order-2", "ORDER-3"])
    await expect(cluster.client, ["order-1", "order-2"], name="waits")
    await expect(cluster.client, ["order-1", "order-2"], id_prefix="order-")
    await expect(cluster.client, ["order-1", "ORDER-3"], tags={"team": "a"})
    await expect(cluster.client, ["order-1"], tags={"team": "a", "kind": "x"})
    await expect(cluster.client, [], name="nobody")


@pytest.mark.parametrize(
    "odd", ["it's-", 'a"b-', "back\\slash-", "100%-", "a_b-", "\u00e4\U0001f600-"]
)
async def test_texts_that_visibility_reads_otherwise_are_found_all_the_same(
    cluster: Cluster, odd: str
) -> None:
    named = da.orchestrator(name=odd)(waits.fn)
    await cluster.client.start(named(1), id=f"{odd}1", tags={odd: odd})
    await cluster.client.start(waits(1), id="axb-1")
    await expect(cluster.client, [f"{odd}1"], id_prefix=odd)
    await expect(cluster.client, [f"{odd}1"], name=odd)
    await expect(cluster.client, [f"{odd}1"], tags={odd: odd})
    await expect(cluster.client, [], parent_id=odd)


async def test_each_status_is_told_apart(cluster: Cluster) -> None:
    client = cluster.client
    await cluster.worker(waits, ends)
    await client.start(waits.options(queue="nobody")(1), id="pending")
    await client.start(waits(1), id="running")
    await (await client.start(waits(1), id="suspended")).suspend("later")
    await (await client.start(ends(1), id="completed")).wait()
    await (await client.start(ends(-1), id="failed")).wait()
    cancelled = await client.start(waits(1), id="cancelled")
    await cancelled.cancel("enough")
    await cancelled.wait()
    await (await client.start(waits(1), id="terminated")).terminate("enough")
    held = da.orchestrator(name="held")(waits.fn)  # the worker has no such orchestrator
    await client.start(held(1), id="blocked")
    for status in Status:
        await expect(cluster.client, [status.lower()], status=status)
    await expect(cluster.client, ["failed", "cancelled"], status=[Status.FAILED, Status.CANCELLED])
    await expect(
        cluster.client,
        ["pending", "running", "suspended", "blocked"],
        status=[Status.PENDING, Status.RUNNING, Status.SUSPENDED, Status.BLOCKED],
    )
    await expect(cluster.client, [], status=[])
    listed = {each.id: each async for each in client.list()}
    assert listed["completed"].output == 1
    assert "LookupError" in str(listed["failed"].failure)
    assert "held" in (listed["blocked"].blocked or "")


async def test_times_are_exclusive(cluster: Cluster) -> None:
    await cluster.worker(ends)
    handle = await cluster.client.start(ends(1), id="one")
    await handle.result()
    created_at = (await handle.state()).created_at
    moment = timedelta(microseconds=1)
    await expect(cluster.client, ["one"])
    await expect(cluster.client, [], created_after=created_at)
    await expect(cluster.client, [], created_before=created_at)
    await expect(cluster.client, ["one"], created_after=created_at - moment)
    await expect(cluster.client, ["one"], created_before=created_at + moment)
    await expect(cluster.client, [], completed_before=created_at)
    await expect(cluster.client, ["one"], completed_before=datetime.now(UTC) + timedelta(days=1))


@da.orchestrator
async def goes_on(number: int) -> int:
    if number:
        await da.wait_for_event("go")
        da.continue_as_new(goes_on(number - 1))
    await da.wait_for_event("end")
    return number


async def test_an_instance_that_went_on_in_new_runs_is_one(cluster: Cluster) -> None:
    await cluster.worker(goes_on)
    handle = await cluster.client.start(goes_on(2), id="one")
    created_at = (await handle.state()).created_at
    for _ in range(2):
        await handle.raise_event("go")
    await handle.raise_event("end")
    await handle.result()
    await expect(cluster.client, ["one"], status=Status.COMPLETED)
    await expect(cluster.client, ["one"])
    await expect(cluster.client, ["one"], created_before=created_at + timedelta(microseconds=1))
    await expect(cluster.client, [], created_after=created_at)


async def test_pages_follow_one_another_newest_first(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_SLICE", 3)  # so that there are several slices
    await cluster.worker(ends)
    wanted = [f"i-{number}" for number in range(12)]
    for number, each in enumerate(wanted):
        handle = await cluster.client.start(waits(1) if number % 3 else ends(1), id=each)
        if not number % 3:  # visibility has the ended ones behind all that are live
            await handle.result()
    await expect(cluster.client, wanted)
    connection = cluster.client.connection
    seen: list[str] = []
    query: InstanceQuery | None = InstanceQuery(limit=1)
    while query is not None:
        page = await connection.page(query)
        assert len(page.records) == 1
        seen += [each.instance_id for each in page.records]
        query = None if page.next is None else attrs.evolve(query, after=page.next)
    assert seen == wanted[::-1]
    assert [each.id async for each in cluster.client.list(limit=5)] == wanted[:-6:-1]
    assert [each.id async for each in cluster.client.list(limit=0)] == []


async def test_a_place_of_another_list_is_refused(cluster: Cluster) -> None:
    with pytest.raises(da.StoreError, match="no place in a list"):
        await cluster.client.connection.page(InstanceQuery(after="elsewhere"))


async def test_children_are_listed_and_what_was_started_detached_is_not(cluster: Cluster) -> None:
    await cluster.worker(parent, ends)
    await (await cluster.client.start(parent(2), id="p")).result()
    await expect(cluster.client, ["child-0", "child-1"], parent_id="p")
    await expect(cluster.client, ["p", "child-0", "child-1", "detached"])


async def test_a_replaced_instance_is_listed_no_more(cluster: Cluster) -> None:
    await cluster.worker(ends)
    await (await cluster.client.start(ends(1), id="one", tags={"old": "1"})).result()
    second = await cluster.client.start(ends(2), id="one", if_exists="replace")
    assert await second.result() == 2
    await expect(cluster.client, ["one"], status=Status.COMPLETED)
    await expect(cluster.client, [], tags={"old": "1"})


# ---- tags as a search attribute --------------------------------------------------------------


@da.orchestrator
async def tagged(rounds: int) -> None:
    if rounds:
        await ends.options(id="below", tags={"level": "2"})(1)
        da.continue_as_new(tagged(rounds - 1))
    await da.wait_for_event("go")


async def indexed(cluster: Cluster) -> Any:
    """The cluster's own client, once the namespace has the search attribute."""
    from temporalio.api.enums.v1 import IndexedValueType
    from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest

    engine: Any = cluster.client.connection
    kind = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST
    await engine.temporal.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace=engine.temporal.namespace, search_attributes={"DurableAsyncTags": kind}
        )
    )

    async def known() -> bool:
        try:
            await engine.temporal.count_workflows("DurableAsyncTags IS NULL")
        except Exception:
            return False
        return True

    await shown(known, True)
    return engine.temporal


async def test_tags_are_a_search_attribute_where_there_is_one(cluster: Cluster) -> None:
    await cluster.worker(tagged, ends)
    await cluster.client.start(waits(1), id="before", tags={"team": "a", "odd": "it's"})
    temporal = await indexed(cluster)
    async with da.Client(cluster.url) as client:  # one that has not asked yet
        await client.start(tagged(1), id="one", tags={"team": "a", "odd": "it's"})
        await client.start(waits(1), id="long", tags={"team": "b" * 300})
        await expect(client, ["before", "one"], tags={"team": "a"})
        await expect(client, ["before", "one"], tags={"odd": "it's"})
        await expect(client, ["below"], tags={"level": "2"})
        await expect(client, ["long"], tags={"team": "b" * 300})

        async def found(condition: str) -> set[str]:
            return {each.id async for each in temporal.list_workflows(condition)}

        await shown(lambda: found("DurableAsyncTags = 'team=a'"), {"one"})
        await shown(lambda: found("DurableAsyncTags = 'level=2'"), {"below"})


# ---- purge -----------------------------------------------------------------------------------


async def gone(handle: da.Handle[Any]) -> bool:
    try:
        await handle.state()
    except da.InstanceNotFoundError:
        return True
    return False


async def test_a_purged_instance_is_soon_gone_and_its_id_is_free(cluster: Cluster) -> None:
    await cluster.worker(ends)
    handle = await cluster.client.start(ends(1), id="one")
    await handle.result()
    await handle.purge()
    await shown(lambda: gone(handle), True)
    with pytest.raises(da.InstanceNotFoundError):
        await handle.purge()
    await expect(cluster.client, [])
    assert await (await cluster.client.start(ends(2), id="one")).result() == 2


async def test_a_live_instance_is_not_purged(cluster: Cluster) -> None:
    await cluster.worker(waits)
    handle = await cluster.client.start(waits(1), id="one")
    with pytest.raises(da.InvalidStateError, match="only an ended one can be purged"):
        await handle.purge()
    await handle.raise_event("go", 1)
    assert await handle.result() == 2


async def test_a_purge_takes_the_ended_children_and_no_others(cluster: Cluster) -> None:
    await cluster.worker(parent, ends)
    handle = await cluster.client.start(parent(2), id="p")
    await handle.result()
    await expect(cluster.client, ["child-0", "child-1"], parent_id="p", status=Status.COMPLETED)
    await handle.purge()
    await expect(cluster.client, ["detached"])


async def test_all_runs_of_an_instance_are_purged(cluster: Cluster) -> None:
    await cluster.worker(goes_on)
    handle = await cluster.client.start(goes_on(1), id="one")
    await handle.raise_event("go")
    await handle.raise_event("end")
    await handle.result()
    engine: Any = cluster.client.connection

    async def runs() -> int:
        return len([each async for each in engine.temporal.list_workflows("WorkflowId = 'one'")])

    await shown(runs, 2)
    await handle.purge()
    await shown(runs, 0)


async def test_many_are_purged_by_conditions(cluster: Cluster) -> None:
    await cluster.worker(ends, waits)
    for number in range(5):
        await (await cluster.client.start(ends(number), id=f"i-{number}")).result()
    await cluster.client.start(waits(1), id="i-live")
    await expect(cluster.client, [f"i-{number}" for number in range(5)], status=Status.COMPLETED)
    assert await cluster.client.purge(id_prefix="i-", name="ends") == 5
    await expect(cluster.client, ["i-live"])
