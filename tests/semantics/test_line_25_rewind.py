"""Rewind: line 25."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import Counter

import attrs
import pytest

import durable_async as da
from durable_async.model.history import ActivityCompleted, ExecutionFailed, PatchMarked

from .worlds import World, after, kinds_of


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


async def test_what_had_succeeded_before_the_failure_is_kept(world: World) -> None:
    """Line 25."""
    shop = Shop("pay")
    async with world([in_a_row, shop]) as env:
        handle = await env.client.start(in_a_row(["pack", "pay", "send"]))
        with pytest.raises(ConnectionError, match="no pay today"):
            await handle.result()
        before = await handle.state()
        shop.broken.clear()
        await handle.rewind("the bank is back")
        assert await handle.result() == ["pack", "pay", "send"]
        state = await handle.state()
        assert state.execution_id == before.execution_id
        assert state.status is da.RuntimeStatus.COMPLETED
        assert kinds_of(await handle.history(), ExecutionFailed) == []
    assert shop.runs == {"pack": 1, "pay": 2, "send": 1}


async def test_results_of_calls_made_before_the_failure_are_kept_whenever_they_came(
    world: World,
) -> None:
    """Line 25."""
    late = asyncio.Event()
    runs: Counter[str] = Counter()
    broken = True

    @da.activity
    async def early() -> str:
        runs["early"] += 1
        return "early"

    @da.activity
    async def slow() -> str:
        runs["slow"] += 1
        await late.wait()
        return "slow"

    @da.activity
    async def fails() -> str:
        runs["fails"] += 1
        if broken:
            raise ConnectionError("no")
        return "mended"

    @da.orchestrator
    async def flow() -> list[str]:
        first, second = asyncio.ensure_future(early()), asyncio.ensure_future(slow())
        third = asyncio.ensure_future(fails())
        try:
            return [await third, await first, await second]
        except ConnectionError:
            await asyncio.wait([first, second])  # slow ends after the failure
            raise

    async with world([flow, early, slow, fails]) as env:
        handle = await env.client.start(flow())
        await env.advance(0)
        late.set()
        with pytest.raises(ConnectionError):
            await handle.result()
        broken = False
        await handle.rewind()
        assert await handle.result() == ["mended", "early", "slow"]
    assert runs == {"early": 1, "slow": 1, "fails": 2}


async def test_several_failures_in_a_group_are_mended_one_after_the_other(world: World) -> None:
    """Line 25: rewinding may be repeated."""
    shop = Shop("b", "c")
    async with world([side_by_side, shop]) as env:
        handle = await env.client.start(side_by_side(["a", "b", "c", "d"]))
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
        assert await handle.result() == ["a", "b", "c", "d"]
    assert shop.runs["a"] <= 2  # cancelled by the group's first failure, it may run once more
    assert shop.runs["c"] >= 3


async def test_failures_that_were_caught_stay_caught(world: World) -> None:
    """Line 25."""

    @da.orchestrator
    async def flow() -> list[str]:
        found: list[str] = []
        try:
            await Shop.do("coupon")
        except ConnectionError as error:
            found.append(str(error))
        return [*found, await Shop.do("pay")]

    shop = Shop("coupon", "pay")
    async with world([flow, shop]) as env:
        handle = await env.client.start(flow())
        with pytest.raises(ConnectionError, match="no pay today"):
            await handle.result()
        shop.broken.clear()
        await handle.rewind()
        assert await handle.result() == ["no coupon today", "pay"]
    assert shop.runs == {"coupon": 1, "pay": 2}


@pytest.mark.parametrize("how", ["from", "while", "note"])
async def test_the_origin_is_found_through_what_was_raised_in_its_place(
    world: World, how: str
) -> None:
    """Line 25."""

    @da.orchestrator
    async def flow(how: str) -> list[str]:
        try:
            found = [await Shop.do("pack"), await Shop.do("pay")]
        except ConnectionError as error:
            match how:
                case "from":
                    raise RuntimeError("cannot sell") from error
                case "while":
                    await Shop.do("apologise")
                    raise RuntimeError("cannot sell")  # noqa: B904 - the origin is its context
                case _:
                    error.add_note("cannot sell")
                    raise
        return found

    shop = Shop("pay")
    async with world([flow, shop]) as env:
        handle = await env.client.start(flow(how))
        with pytest.raises((RuntimeError, ConnectionError)):
            await handle.result()
        shop.broken.clear()
        await handle.rewind()
        assert await handle.result() == ["pack", "pay"]
    assert shop.runs["pack"] == 1
    assert shop.runs["pay"] == 2


async def test_what_came_after_the_cut_is_dropped_and_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Line 25: results of calls that were made after it."""

    @da.orchestrator
    async def flow() -> str:
        try:
            return await Shop.do("pay")
        except ConnectionError:
            await Shop.do("apologise")
            raise

    shop = Shop("pay")
    with caplog.at_level(logging.INFO):
        async with world([flow, shop]) as env:
            handle = await env.client.start(flow(), id="order-7")
            with pytest.raises(ConnectionError):
                await handle.result()
            shop.broken.clear()
            await handle.rewind("the bank is back")
            assert await handle.result() == "pay"
            (done,) = kinds_of(await handle.history(), ActivityCompleted)
            assert done.number == 0
    assert shop.runs == {"pay": 2, "apologise": 1}
    dropped = [each.getMessage() for each in caplog.records if "dropped" in each.getMessage()]
    assert all("'order-7' was rewound" in said for said in dropped)
    assert any("ActivityCompleted 1" in said for said in dropped)


async def test_events_that_came_after_the_failure_are_not_lost(world: World) -> None:
    """Line 25."""

    @da.orchestrator
    async def flow() -> list[str]:
        first = await da.wait_for_event("letter", str)
        try:
            paid = await Shop.do("pay")
        except ConnectionError:
            await asyncio.sleep(10)  # within which another letter comes
            raise
        return [first, paid, await da.wait_for_event("letter", str)]

    shop = Shop("pay")
    async with world([flow, shop]) as env:
        handle = await env.client.start(flow())
        await handle.raise_event("letter", "one")
        await env.advance(1)
        await handle.raise_event("letter", "two")
        with pytest.raises(ConnectionError):
            await handle.result()
        shop.broken.clear()
        await handle.rewind()
        assert await handle.result() == ["one", "pay", "two"]


async def test_timers_that_were_running_at_the_cut_keep_their_time(world: World) -> None:
    """Line 25."""

    @da.orchestrator
    async def flow() -> str:
        nap = asyncio.ensure_future(asyncio.sleep(100))
        paid = await Shop.do("pay")
        await nap
        return paid

    shop = Shop("pay")
    async with world([flow, shop]) as env:
        handle = await env.client.start(flow())
        with pytest.raises(ConnectionError):
            await handle.result()
        await env.advance(60)
        shop.broken.clear()
        await handle.rewind()
        assert await handle.result() == "pay"
        assert env.now() == after(100)


# ---- children ------------------------------------------------------------------------------


async def test_a_failed_child_is_rewound_down_to_its_origin(world: World) -> None:
    """Line 25."""
    shop = Shop("pay")
    async with world([grandparents, family, in_a_row, shop]) as env:
        handle = await env.client.start(grandparents(["pack", "pay"]))
        with pytest.raises(ConnectionError):
            await handle.result()
        ids = [(await env.client.handle(each).state()).execution_id for each in ("middle", "child")]
        shop.broken.clear()
        await handle.rewind()
        assert await handle.result() == ["before", "pack", "pay"]
        for each, execution_id in zip(("middle", "child"), ids, strict=True):
            state = await env.client.handle(each).state()
            assert state.status is da.RuntimeStatus.COMPLETED
            assert state.execution_id == execution_id
    assert shop.runs == {"before": 1, "pack": 1, "pay": 2}


async def test_a_child_that_was_mended_by_itself_answers_at_once(world: World) -> None:
    """Line 25."""
    shop = Shop("pay")
    async with world([family, in_a_row, shop]) as env:
        handle = await env.client.start(family(["pay"]))
        with pytest.raises(ConnectionError):
            await handle.result()
        shop.broken.clear()
        child = env.client.handle("child")
        await child.rewind()
        assert await child.result() == ["pay"]
        await handle.rewind()
        assert await handle.result() == ["before", "pay"]
    assert shop.runs == {"before": 1, "pay": 2}


async def test_children_that_had_completed_are_not_run_again(world: World) -> None:
    """Line 25."""

    @da.orchestrator
    async def parent() -> list[list[str]]:
        good = await in_a_row.options(id="good")(["a"])
        bad = await in_a_row.options(id="bad")(["b"])
        return [good, bad]

    shop = Shop("b")
    async with world([parent, in_a_row, shop]) as env:
        handle = await env.client.start(parent())
        with pytest.raises(ConnectionError):
            await handle.result()
        shop.broken.clear()
        await handle.rewind()
        assert await handle.result() == [["a"], ["b"]]
        assert await env.client.count(name="in_a_row") == 2
    assert shop.runs == {"a": 1, "b": 2}


@pytest.mark.parametrize("verb", ["purge", "terminate"])
async def test_a_child_that_is_gone_is_made_anew(world: World, verb: str) -> None:
    """Line 25."""

    @da.orchestrator
    async def child(how: str) -> str:
        if how == "terminate":
            await asyncio.sleep(3_600)
        return await Shop.do("work")

    @da.orchestrator
    async def parent(how: str) -> str:
        return await child.options(id="child")(how)

    shop = Shop("work")
    async with world([parent, child, shop]) as env:
        handle = await env.client.start(parent(verb))
        await env.advance(0)
        if verb == "terminate":
            await env.client.handle("child").terminate("enough")
            with pytest.raises(da.InstanceTerminatedError):
                await handle.result()
        else:
            with pytest.raises(ConnectionError):
                await handle.result()
            await env.client.handle("child").purge()
        shop.broken.clear()
        await handle.rewind()
        assert await handle.result() == "work"


# ---- own code ------------------------------------------------------------------------------


def release(*, works: bool) -> da.Orchestrator[[], str]:
    """The same flow, before and after its author mended it."""

    @da.orchestrator(name="flow")
    async def broken() -> str:
        weight = await Shop.do("weigh")
        raise TypeError(f"kg + {weight}")

    @da.orchestrator(name="flow")
    async def mended() -> str:
        weight = await Shop.do("weigh")
        return f"kg of {weight} and {await Shop.do('send')}"

    return mended if works else broken


async def test_one_that_failed_by_its_own_code_runs_again_on_the_new_code(world: World) -> None:
    """Line 25."""
    shop = Shop()
    async with world([release(works=False), shop]) as env:
        handle = await env.client.start(release(works=False)())
        with pytest.raises(TypeError, match="kg"):
            await handle.result()
        await handle.rewind("the same code fails the same way")
        with pytest.raises(TypeError, match="kg"):
            await handle.result()
        await env.deploy([release(works=True), shop])
        await handle.rewind()
        assert await handle.result() == "kg of weigh and send"
    assert shop.runs == {"weigh": 1, "send": 1}


async def test_one_that_failed_before_its_first_await_begins_again(world: World) -> None:
    """Line 25."""

    def flow(answer: str | None) -> da.Orchestrator[[], str]:
        @da.orchestrator(name="flow")
        async def made() -> str:
            if answer is None:
                raise TypeError("not written yet")
            return answer

        return made

    async with world([flow(None)]) as env:
        handle = await env.client.start(flow(None)())
        with pytest.raises(TypeError):
            await handle.result()
        await env.deploy([flow("written")])
        await handle.rewind()
        assert await handle.result() == "written"


@pytest.mark.parametrize("what", ["timer", "event", "activity", "side effect"])
async def test_whatever_the_failing_step_had_been_given_is_given_again_and_not_waited_for(
    world: World, what: str
) -> None:
    """Line 25."""

    async def wait() -> str:
        match what:
            case "timer":
                return await asyncio.sleep(100, "slept")
            case "event":
                return await da.wait_for_event("letter", str)
            case "activity":
                return await Shop.do("work")
            case _:
                await asyncio.sleep(100)
                return da.side_effect(str.upper, "made")

    def flow(*, works: bool) -> da.Orchestrator[[], list[str]]:
        @da.orchestrator(name="flow")
        async def broken() -> list[str]:
            raise TypeError(await wait())

        @da.orchestrator(name="flow")
        async def mended() -> list[str]:
            return [await wait(), await Shop.do("end")]

        return mended if works else broken

    shop = Shop()
    async with world([flow(works=False), shop]) as env:
        handle = await env.client.start(flow(works=False)())
        await handle.raise_event("letter", "raised")
        with pytest.raises(TypeError):
            await handle.result()
        failed_at = env.now()
        await env.deploy([flow(works=True), shop])
        await handle.rewind()
        assert (await handle.result())[1] == "end"
        assert env.now() == failed_at
    assert shop.runs["work"] <= 1


async def test_a_cancel_that_was_requested_before_the_failure_stays_requested(
    world: World,
) -> None:
    """Lines 24 and 25: the clean-up failed, and is mended."""

    def flow(*, works: bool) -> da.Orchestrator[[], None]:
        @da.orchestrator(name="flow")
        async def careful() -> None:
            try:
                await da.wait_for_event("never")
            finally:
                await Shop.do("undo")
                if not works:
                    raise TypeError("a mistake in the clean-up")

        return careful

    shop = Shop()
    async with world([flow(works=False), shop]) as env:
        handle = await env.client.start(flow(works=False)())
        await env.advance(0)
        await handle.cancel("not wanted")
        with pytest.raises(TypeError):
            await handle.result()
        await env.deploy([flow(works=True), shop])
        await handle.rewind()
        with pytest.raises(da.InstanceCancelledError, match="not wanted"):
            await handle.result()
    assert shop.runs == {"undo": 1}


# ---- critical sections ---------------------------------------------------------------------


async def test_who_failed_inside_a_critical_section_has_its_locks_again_before_it_goes_on(
    world: World,
) -> None:
    """Lines 25 and 33."""
    order: list[str] = []

    @da.activity
    async def tell(what: str) -> None:
        order.append(what)

    @da.orchestrator
    async def sell() -> str:
        async with da.lock("shop"):
            await tell("inside")
            paid = await Shop.do("pay")
            await tell("outside")
            return paid

    @da.orchestrator
    async def visitor() -> None:
        async with da.lock("shop"):
            await tell("visitor comes")
            await asyncio.sleep(60)
            await tell("visitor goes")

    shop = Shop("pay")
    async with world([sell, visitor, tell, shop]) as env:
        handle = await env.client.start(sell())
        with pytest.raises(ConnectionError):
            await handle.result()
        other = await env.client.start(visitor())  # the failure gave the lock back
        await env.advance(1)
        shop.broken.clear()
        await handle.rewind()
        await env.advance(10)
        assert order == ["inside", "visitor comes"]
        assert await handle.result() == "pay"
        await other.result()
        # It is free again.
        await (await env.client.start(visitor())).result()
    assert order[:4] == ["inside", "visitor comes", "visitor goes", "outside"]
    assert shop.runs["pay"] == 2


# ---- whatever else had failed or gone before -----------------------------------------------


async def test_an_operation_of_an_entity_that_failed_is_called_again(world: World) -> None:
    """Line 25."""

    @da.orchestrator
    async def flow() -> list[str]:
        ref = da.entity_ref(Till, "k")
        await ref.call(Till.put, "first")
        return await ref.call(Till.put, "second")

    async with world([flow, Till]) as env:
        till = da.entity_ref(Till, "k")
        await env.client.signal_entity(till, Till.shut, 1)
        handle = await env.client.start(flow())
        with pytest.raises(ConnectionError, match="shut"):
            await handle.result()
        await env.client.signal_entity(till, Till.shut, None)
        await handle.rewind()
        assert await handle.result() == ["first", "second"]


@da.entity
@attrs.define
class Till:
    entries: list[str] = attrs.Factory(list)
    most: int | None = None

    def put(self, entry: str) -> list[str]:
        if len(self.entries) == self.most:
            raise ConnectionError("the till is shut")
        self.entries.append(entry)
        return self.entries

    def shut(self, after: int | None) -> None:
        self.most = after


async def test_of_several_attempts_of_a_child_the_last_one_is_made_again(world: World) -> None:
    """Line 25."""

    @da.orchestrator
    async def parent() -> list[str]:
        retry = da.RetryPolicy(max_attempts=2, initial_interval=5)
        return await in_a_row.options(id="child", retry=retry)(["pay"])

    shop = Shop("pay")
    async with world([parent, in_a_row, shop]) as env:
        handle = await env.client.start(parent())
        with pytest.raises(ConnectionError):
            await handle.result()
        shop.broken.clear()
        await handle.rewind()
        assert await handle.result() == ["pay"]
        ends = {each.id: each.status async for each in env.client.list(name="in_a_row")}
        assert ends == {
            "child": da.RuntimeStatus.FAILED,
            "child~2": da.RuntimeStatus.COMPLETED,
        }
    assert shop.runs == {"pay": 3}


async def test_a_detached_instance_is_rewound_by_itself(world: World) -> None:
    """Line 25: it is nobody's child; whoever awaits it fails again, as long as it has failed."""

    @da.orchestrator
    async def flow() -> list[str]:
        ref = await da.start(in_a_row(["pay"]), id="free")
        return await ref.result()

    shop = Shop("pay")
    async with world([flow, in_a_row, shop]) as env:
        handle = await env.client.start(flow())
        with pytest.raises(ConnectionError):
            await handle.result()
        shop.broken.clear()
        await handle.rewind()
        with pytest.raises(ConnectionError):
            await handle.result()
        await env.client.handle("free").rewind()
        await handle.rewind()
        assert await handle.result() == ["pay"]
    assert shop.runs == {"pay": 2}


async def test_only_the_last_generation_is_rewound(world: World) -> None:
    """Lines 20 and 25."""

    @da.orchestrator
    async def count(number: int) -> str:
        await asyncio.sleep(1)
        if number < 3:
            da.continue_as_new(count(number + 1))
        return await Shop.do(f"{number}")

    shop = Shop("3")
    async with world([count, shop]) as env:
        handle = await env.client.start(count(1))
        with pytest.raises(ConnectionError):
            await handle.result()
        shop.broken.clear()
        await handle.rewind()
        assert await handle.result() == "3"
        assert env.now() == after(3)


async def test_side_effects_and_marks_before_the_cut_stay_and_those_after_it_go(
    world: World,
) -> None:
    """Lines 25 and 30."""
    made = itertools.count(1)

    def number() -> int:
        return next(made)

    @da.orchestrator
    async def flow() -> list[int | bool]:
        found: list[int | bool] = [da.side_effect(number), da.patched("before")]
        try:
            await Shop.do("pay")
        except ConnectionError:
            da.side_effect(number)
            da.patched("after")
            raise
        return [*found, da.side_effect(number)]

    shop = Shop("pay")
    async with world([flow, shop]) as env:
        handle = await env.client.start(flow())
        with pytest.raises(ConnectionError):
            await handle.result()
        shop.broken.clear()
        await handle.rewind()
        assert await handle.result() == [1, True, 3]
        assert [mark.id for mark in kinds_of(await handle.history(), PatchMarked)] == ["before"]


async def test_of_two_operators_who_rewind_at_once_one_does(world: World) -> None:
    """Line 25."""
    shop = Shop("pay")
    async with world([in_a_row, shop]) as env:
        handle = await env.client.start(in_a_row(["pay"]))
        with pytest.raises(ConnectionError):
            await handle.result()
        shop.broken.clear()
        ends = await asyncio.gather(*(handle.rewind() for _ in range(3)), return_exceptions=True)
        assert sorted(type(end).__name__ for end in ends) == [
            "InvalidStateError",
            "InvalidStateError",
            "NoneType",
        ]
        assert await handle.result() == ["pay"]
    assert shop.runs == {"pay": 2}


async def test_a_section_that_was_left_before_the_failure_is_not_entered_again(
    world: World,
) -> None:
    """Lines 25 and 33."""

    @da.orchestrator
    async def flow() -> str:
        async with da.lock("first"):
            await Shop.do("pack")
        async with da.lock("second"):
            return await Shop.do("pay")

    @da.orchestrator
    async def holder() -> None:
        async with da.lock("first"):
            await da.wait_for_event("go")

    shop = Shop("pay")
    async with world([flow, holder, shop]) as env:
        handle = await env.client.start(flow())
        with pytest.raises(ConnectionError):
            await handle.result()
        other = await env.client.start(holder())
        await env.advance(0)
        shop.broken.clear()
        await handle.rewind()
        assert await handle.result() == "pay"
        assert not (await other.state()).status.has_ended
    assert shop.runs == {"pack": 1, "pay": 2}


# ---- what cannot be rewound ----------------------------------------------------------------


@da.orchestrator
async def end(how: str) -> None:
    await da.wait_for_event("go")


@pytest.mark.parametrize("how", ["live", "completed", "cancelled", "terminated", "suspended"])
async def test_only_what_has_failed_is_rewound(world: World, how: str) -> None:
    """Line 25."""
    async with world([end]) as env:
        handle = await env.client.start(end(how))
        await env.advance(0)
        match how:
            case "completed":
                await handle.raise_event("go")
                await handle.wait()
            case "cancelled":
                await handle.cancel("no")
                await handle.wait()
            case "terminated":
                await handle.terminate("no")
            case "suspended":
                await handle.suspend("wait")
            case _:
                pass
        before = await handle.history()
        with pytest.raises(da.InvalidStateError, match=handle.id):
            await handle.rewind()
        assert await handle.history() == before


async def test_one_that_was_suspended_while_it_failed_may_be_rewound(world: World) -> None:
    """Lines 23 and 25: a suspended instance that is rewound by its parent, too."""
    shop = Shop("pay")
    async with world([family, in_a_row, shop]) as env:
        handle = await env.client.start(family(["pay"]))
        with pytest.raises(ConnectionError):
            await handle.result()
        shop.broken.clear()
        await handle.rewind()
        await handle.suspend("wait a moment")
        await env.advance(10)
        assert (await handle.state()).status is da.RuntimeStatus.SUSPENDED
        await handle.resume()
        assert await handle.result() == ["before", "pay"]
