"""Rewind on a Temporal cluster: a failed instance goes on in a new run, from before its failure,
and stays the execution that it was."""

import asyncio
import contextlib
import json
from collections import Counter
from datetime import timedelta
from typing import Any

import attrs
import pytest
from tests.temporal import flows
from tests.temporal.conftest import LONG, Cluster
from tests.temporal.test_replay import _replay, _runs, _temporal

import durable_async as da
from durable_async.model.history import ActivityCompleted, ExecutionFailed
from durable_async.model.payload import Payload
from durable_async.model.work import RaiseEvent


class Shop:
    """Activities that fail as long as they are told to, and count how often they ran."""

    def __init__(self, *broken: str) -> None:
        self.broken = set(broken)
        self.runs: Counter[str] = Counter()

    @da.activity
    async def do(self, what: str) -> str:
        self.runs[what] += 1
        if what in self.broken:
            raise ConnectionError(f"no {what} today")
        return what


@da.orchestrator
async def in_a_row(names: list[str]) -> list[str]:
    return [await Shop.do(name) for name in names]


@da.orchestrator
async def side_by_side(names: list[str]) -> list[str]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(Shop.do(name)) for name in names]
    return [task.result() for task in tasks]


@da.orchestrator
async def family(names: list[str]) -> list[str]:
    return [await Shop.do("before"), *await in_a_row.options(id="child")(names)]


@da.orchestrator
async def grandparents(names: list[str]) -> list[str]:
    return await family.options(id="middle")(names)


ALL = (in_a_row, side_by_side, family, grandparents)


async def _failed(handle: da.Handle[object]) -> da.InstanceState:
    state = await handle.wait()
    assert state.status is da.RuntimeStatus.FAILED
    return state


async def _until_there(handle: da.Handle[object]) -> None:
    while True:
        with contextlib.suppress(da.InstanceNotFoundError):
            await handle.state()
            return
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("cache", [0, 10_000])
async def test_what_had_succeeded_is_kept_and_what_failed_is_done_again(
    cluster: Cluster, cache: int
) -> None:
    shop = Shop("pay")
    await cluster.worker(in_a_row, shop, cache=cache)
    handle = await cluster.client.start(
        in_a_row(["pack", "pay", "send"]), id="order", tags={"of": "anna"}
    )
    before = await _failed(handle)
    shop.broken.clear()
    await handle.rewind("the bank is back")
    assert await handle.result() == ["pack", "pay", "send"]
    state = await handle.state()
    assert (state.status, state.execution_id) == (da.RuntimeStatus.COMPLETED, before.execution_id)
    assert (state.created_at, state.input, state.tags) == (
        before.created_at,
        before.input,
        before.tags,
    )
    history = await handle.history()
    assert [each for each in history if isinstance(each, ExecutionFailed)] == []
    assert len([each for each in history if isinstance(each, ActivityCompleted)]) == 3
    assert shop.runs == {"pack": 1, "pay": 2, "send": 1}
    assert await _replay(cluster, ["order"], [in_a_row, shop]) == 1


async def test_no_worker_is_needed_to_rewind_and_it_may_be_repeated(cluster: Cluster) -> None:
    shop = Shop("a", "b")
    handle = await cluster.client.start(in_a_row(["a", "b"]), id="order")
    for mended in ("a", "b"):
        async with da.Worker(cluster.client, [in_a_row, shop]):
            assert str((await _failed(handle)).failure).find(f"no {mended} today") >= 0
        shop.broken.discard(mended)
        await handle.rewind()
        assert (await handle.state()).status is da.RuntimeStatus.RUNNING
    await cluster.worker(in_a_row, shop)
    assert await handle.result() == ["a", "b"]
    assert shop.runs == {"a": 2, "b": 2}


@da.orchestrator(name="sums")
async def sums_wrongly(name: str) -> str:
    done = await flows.step(1)
    drawn = da.side_effect(flows.draw)
    event = await da.wait_for_event("number", int)
    return f"{name} {done + event} {1 // 0} {drawn}"


@da.orchestrator(name="sums")
async def sums(name: str) -> str:
    done = await flows.step(1)
    drawn = da.side_effect(flows.draw)
    event = await da.wait_for_event("number", int)
    return f"{name} {done + event + await da.wait_for_event('more', int)} {drawn}"


async def test_where_the_code_itself_failed_mended_code_goes_on(cluster: Cluster) -> None:
    handle = await cluster.client.start(sums_wrongly("n"), id="sums")
    async with da.Worker(cluster.client, [sums_wrongly, flows.step], cache=0):
        await handle.raise_event("number", 5, key="once")
        with pytest.raises(ZeroDivisionError):
            await handle.result()
    await cluster.worker(sums, flows.step)
    await handle.rewind()
    await handle.raise_event("number", 7, key="once")
    await handle.raise_event("more", 100)
    result = await handle.result()
    assert result.startswith("n 115 ")
    drawn = [
        each.result.data.decode()
        for each in await handle.history()
        if type(each).__name__ == "SideEffectRecorded"
    ]
    assert drawn == [result.split()[-1]]
    assert await _replay(cluster, ["sums"], [sums, flows.step]) == 1


async def test_failed_children_are_rewound_with_it_and_stay_its_children(cluster: Cluster) -> None:
    shop = Shop("pay")
    await cluster.worker(*ALL, shop)
    handle = await cluster.client.start(grandparents(["pack", "pay"]), id="top")
    child = cluster.client.handle("child")
    await _failed(handle)
    before = await child.state()
    shop.broken.clear()
    await handle.rewind()
    assert await handle.result() == ["before", "pack", "pay"]
    state = await child.state()
    assert (state.status, state.parent_id) == (da.RuntimeStatus.COMPLETED, "middle")
    assert (state.execution_id, state.created_at) == (before.execution_id, before.created_at)
    assert (await cluster.client.handle("middle").state()).parent_id == "top"
    assert shop.runs == {"before": 1, "pack": 1, "pay": 2}
    assert await _replay(cluster, ["top", "middle", "child"], [*ALL, shop]) == 3


async def test_several_failures_in_a_group_are_mended_one_after_the_other(
    cluster: Cluster,
) -> None:
    shop = Shop("b", "c")
    await cluster.worker(side_by_side, shop)
    handle = await cluster.client.start(side_by_side(["a", "b", "c"]), id="group")
    for _ in range(2):
        with pytest.raises(ExceptionGroup):
            await handle.result()
        shop.broken.discard("b")
        await handle.rewind()
    with pytest.raises(ExceptionGroup) as raised:
        await handle.result()
    assert [str(each) for each in raised.value.exceptions] == ["no c today"]
    shop.broken.clear()
    await handle.rewind()
    assert await handle.result() == ["a", "b", "c"]


@da.orchestrator
async def parents_of_two() -> list[object]:
    async with asyncio.TaskGroup() as group:
        waits = group.create_task(sleeper.options(id="waits")())
        done = group.create_task(in_a_row.options(id="done")(["x"]))
        fails = group.create_task(fails_later.options(id="fails")())
    return [waits.result(), done.result(), fails.result()]


@da.orchestrator
async def sleeper() -> str:
    return await da.wait_for_event("wake", str)


@da.orchestrator
async def fails_later() -> str:
    await da.wait_for_event("now")
    return await Shop.do("late")


async def test_children_that_were_cancelled_begin_anew_and_those_that_are_done_answer(
    cluster: Cluster,
) -> None:
    shop = Shop("late")
    functions = [parents_of_two, sleeper, in_a_row, fails_later, shop]
    await cluster.worker(*functions)
    handle = await cluster.client.start(parents_of_two(), id="parents")
    children = {each: cluster.client.handle(each) for each in ("waits", "done", "fails")}
    for child in children.values():
        await _until_there(child)
    await children["done"].wait()
    await children["fails"].raise_event("now")
    await _failed(handle)
    assert (await children["waits"].wait()).status is da.RuntimeStatus.CANCELLED
    shop.broken.clear()
    await handle.rewind()
    while (await children["waits"].state()).status is not da.RuntimeStatus.RUNNING:
        await asyncio.sleep(0.05)
    await children["waits"].raise_event("wake", "anew")
    assert await handle.result() == ["anew", ["x"], "late"]
    assert (await children["waits"].state()).parent_id == "parents"
    assert shop.runs == {"x": 1, "late": 2}
    await _replay(cluster, ["parents", "waits", "done", "fails"], functions)


@da.orchestrator
async def answers_and_fails() -> list[str]:
    seen: list[str] = []
    async for request in da.requests("ask", str):
        request.reply(f"{request.data}!")
        seen.append(request.data)
        await Shop.do(request.data)
        if len(seen) == 3:
            break
    return seen


async def test_answers_stay_given_and_open_questions_stay_asked(cluster: Cluster) -> None:
    shop = Shop("two")
    await cluster.worker(answers_and_fails, shop)
    handle = await cluster.client.start(answers_and_fails(), id="answers")
    assert await handle.ask("ask", "one") == "one!"
    assert await handle.ask("ask", "two") == "two!"
    await _failed(handle)
    shop.broken.clear()
    await handle.rewind()
    assert await handle.ask("ask", "three") == "three!"
    assert await handle.result() == ["one", "two", "three"]
    assert shop.runs == {"one": 1, "two": 2, "three": 1}


@da.orchestrator
async def large_answers() -> list[str]:
    seen: list[str] = []
    for _ in range(3):
        request = await anext(da.requests("ask", str))
        seen.append(request.data)
        if request.data == "fail":
            await Shop.do("fails")  # its failure is not caught: it is taken back to here
        request.reply(request.data * 2_000)
    return seen


async def test_large_answers_are_told_by_the_new_run(cluster: Cluster) -> None:
    shop = Shop("fails")
    await cluster.worker(large_answers, shop)
    handle = await cluster.client.start(large_answers(), id="large")
    assert len(await handle.ask("ask", "a")) == 2_000
    await _asked(handle, "b", "known")
    assert len(await _answer(handle, "known")) == 2_000
    await _asked(handle, "fail", "open")
    await _failed(handle)
    shop.broken.clear()
    await handle.rewind()
    assert len(await _answer(handle, "known")) == 2_000
    assert len(await _answer(handle, "open")) == 8_000
    assert await handle.result() == ["a", "b", "fail"]


async def test_a_large_answer_that_is_cut_off_is_given_again(cluster: Cluster) -> None:
    handle = await cluster.client.start(breaks(), id="cut")
    async with da.Worker(cluster.client, [breaks]):
        await _asked(handle, "x", "cut")
        await _failed(handle)
    await cluster.worker(mends)
    await handle.rewind()
    assert len(await _answer(handle, "cut")) == 3_000
    assert await handle.result() == 1


@da.orchestrator(name="breaks")
async def breaks() -> int:
    request = await anext(da.requests("ask", str))
    request.reply(request.data * 2_000)
    return 1 // 0


@da.orchestrator(name="breaks")
async def mends() -> int:
    request = await anext(da.requests("ask", str))
    request.reply(request.data * 3_000)
    return 1


async def _asked(handle: da.Handle[Any], data: str, id: str) -> None:
    """By somebody who does not wait."""
    request = RaiseEvent(
        instance_id=handle.id, name="ask", data=Payload(json.dumps(data).encode()), request_id=id
    )
    await handle._connection().send(request)


async def _answer(handle: da.Handle[Any], id: str) -> str:
    answer = await handle._connection().answered(handle.id, id)
    assert answer.result is not None
    text: str = json.loads(answer.result.data)
    return text


@da.orchestrator
async def long_row(count: int) -> int:
    for number in range(count):
        await flows.step(number)
        da.set_custom_status(number)
    await Shop.do("last")
    return count


async def test_one_that_went_on_in_new_runs_is_rewound_whole(cluster: Cluster) -> None:
    shop = Shop("last")
    functions = [long_row, flows.step, shop]
    await cluster.worker(*functions)
    handle = await cluster.client.start(long_row(LONG), id="long")
    before = await _failed(handle)
    assert len(await _runs(cluster, "long")) > 1
    shop.broken.clear()
    await handle.rewind()
    assert await handle.result() == LONG
    state = await handle.state()
    assert (state.created_at, state.custom_status) == (before.created_at, LONG - 1)
    completed = [each for each in await handle.history() if isinstance(each, ActivityCompleted)]
    assert len(completed) == LONG + 1
    await _replay(cluster, ["long"], functions)


@da.entity
@attrs.define
class Till:
    cents: int = 0

    def add(self, cents: int) -> int:
        self.cents += cents
        return self.cents


@da.orchestrator
async def pays(what: str) -> int:
    till = da.entity_ref(Till, "front")
    await till.call(Till.add, 1)
    async with da.lock("counter"):
        await Shop.do(what)
    return await till.call(Till.add, 100)


@pytest.mark.parametrize("cache", [0, 10_000])
async def test_one_that_failed_in_a_section_goes_on_when_it_has_its_lock_again(
    cluster: Cluster, cache: int
) -> None:
    shop = Shop("bread")
    functions = [pays, holds, Till, shop]
    await cluster.worker(*functions, cache=cache)
    handle = await cluster.client.start(pays("bread"), id="pays")
    await _failed(handle)
    holder = await cluster.client.start(holds(), id="holds")
    await holder.ask("held")
    shop.broken.clear()
    await handle.rewind()
    with pytest.raises(TimeoutError):
        await handle.result(timeout=0.5)
    till = await cluster.client.read_entity(Till, "front")
    assert till is not None
    assert till.cents == 1
    await holder.raise_event("wake", "up")
    assert await handle.result() == 101
    assert shop.runs == {"bread": 2}
    assert await _replay(cluster, ["pays", "holds"], functions) == 2


@da.orchestrator
async def holds() -> str:
    async with da.lock("counter"):
        request = await anext(da.requests("held"))
        request.reply()
        return await da.wait_for_event("wake", str)


async def test_only_a_failed_instance_is_rewound_and_by_one_alone(cluster: Cluster) -> None:
    shop = Shop("a")
    await cluster.worker(in_a_row, sleeper, shop)
    live = await cluster.client.start(sleeper(), id="live")
    with pytest.raises(da.InvalidStateError, match="only a failed one"):
        await live.rewind()
    await live.raise_event("wake", "up")
    await live.result()
    with pytest.raises(da.InvalidStateError, match="COMPLETED"):
        await live.rewind()
    with pytest.raises(da.InstanceNotFoundError):
        await cluster.client.handle("nobody").rewind()
    handle = await cluster.client.start(in_a_row(["a"]), id="failed")
    await _failed(handle)
    shop.broken.clear()
    outcomes = await asyncio.gather(*[handle.rewind() for _ in range(4)], return_exceptions=True)
    assert outcomes.count(None) == 1
    assert sum(isinstance(each, da.InvalidStateError) for each in outcomes) == 3
    assert await handle.result() == ["a"]
    assert shop.runs == {"a": 2}


async def test_one_that_temporal_itself_ended_is_not_rewound(cluster: Cluster) -> None:
    await _temporal(cluster).start_workflow(
        "sleeper", id="timed", task_queue="default", execution_timeout=timedelta(seconds=1)
    )
    handle = cluster.client.handle("timed")
    await _failed(handle)
    with pytest.raises(da.EngineLimitError, match=r"left nothing .*Restart it"):
        await handle.rewind()
