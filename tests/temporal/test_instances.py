"""Children, detached instances, continue as new, side effects, patches and chance on a Temporal
cluster: whatever must come out of history again."""

import asyncio
import random
import uuid

from tests.temporal.conftest import Cluster

import durable_async as da


@da.activity
async def double(number: int) -> int:
    return 2 * number


@da.orchestrator
async def child(number: int) -> int:
    if number < 0:
        raise ValueError("no negative numbers", number)
    return await double(number)


@da.orchestrator
async def parent(count: int) -> list[int]:
    return await asyncio.gather(*[child(number) for number in range(count)])


async def test_children_are_child_workflows_with_ids_of_their_own(cluster: Cluster) -> None:
    await cluster.worker(parent, child, double)
    handle = await cluster.client.start(parent(3), id="family")
    assert await handle.result() == [0, 2, 4]
    started = [each for each in await handle.history() if type(each).__name__ == "ChildStarted"]
    ids = [each.request.instance_id for each in started]  # type: ignore[union-attr]
    assert len(set(ids)) == 3
    state = await cluster.client.handle(ids[0]).state()
    assert (state.name, state.parent_id) == ("child", "family")


@da.orchestrator
async def worried_parent(number: int) -> str:
    try:
        await child(number)
    except ValueError as error:
        return f"{error.args}"
    return "fine"


async def test_a_childs_failure_reaches_its_parent_as_itself(cluster: Cluster) -> None:
    await cluster.worker(worried_parent, child, double)
    handle = await cluster.client.start(worried_parent(-1))
    assert await handle.result() == "('no negative numbers', -1)"


@da.orchestrator
async def sleeper() -> str:
    await da.wait_for_event("wake")
    return "awake"


@da.orchestrator
async def waits_for_child(id: str) -> str:
    da.set_custom_status("begun")
    try:
        return await sleeper.options(id=id)()
    except da.InstanceTerminatedError:
        return "terminated"
    except da.InstanceCancelledError:
        return "cancelled"
    except da.InstanceAlreadyExistsError as error:
        failure = da.failure_of(error)
        assert failure is not None and failure.instance_id is None  # nor raised in that one
        return "taken"


async def _until_live(cluster: Cluster, id: str) -> da.Handle[object]:
    handle = cluster.client.handle(id)
    async with asyncio.timeout(60):
        while True:
            try:
                if (await handle.state()).pending:
                    return handle
            except da.InstanceNotFoundError:
                await asyncio.sleep(0.02)


async def test_a_parent_hears_how_its_child_was_ended(cluster: Cluster) -> None:
    await cluster.worker(waits_for_child, sleeper)
    for verb in ("terminate", "cancel"):
        below = f"child-{verb}"
        handle = await cluster.client.start(waits_for_child(below))
        await getattr(await _until_live(cluster, below), verb)("by an operator")
        assert await handle.result() == {"terminate": "terminated", "cancel": "cancelled"}[verb]


async def test_an_id_that_is_taken_is_told_at_the_await(cluster: Cluster) -> None:
    await cluster.worker(waits_for_child, sleeper)
    await cluster.client.start(sleeper(), id="taken")
    handle = await cluster.client.start(waits_for_child("taken"))
    assert await handle.result() == "taken"


async def test_terminating_a_parent_terminates_its_children(cluster: Cluster) -> None:
    await cluster.worker(waits_for_child, sleeper)
    handle = await cluster.client.start(waits_for_child("below"))
    below = await _until_live(cluster, "below")
    await handle.terminate("all of it")
    assert (await below.wait()).status is da.RuntimeStatus.TERMINATED
    assert (await handle.wait()).reason == "all of it"


@da.orchestrator
async def impatient_parent(id: str) -> str:
    try:
        async with asyncio.timeout(0.3):
            await sleeper.options(id=id)()
    except TimeoutError:
        return "too late"
    return "in time"


async def test_cancelling_the_parents_await_cancels_the_child(cluster: Cluster) -> None:
    await cluster.worker(impatient_parent, sleeper)
    assert await (await cluster.client.start(impatient_parent("slow"))).result() == "too late"
    state = await cluster.client.handle("slow").wait()
    assert state.status is da.RuntimeStatus.CANCELLED


@da.orchestrator
async def leaves_child(id: str) -> str:
    task = asyncio.create_task(sleeper.options(id=id)())
    await da.wait_for_event("go")
    assert not task.done()
    return "gone"


async def test_live_children_are_cancelled_when_their_parent_ends(cluster: Cluster) -> None:
    await cluster.worker(leaves_child, sleeper)
    handle = await cluster.client.start(leaves_child("left"))
    below = await _until_live(cluster, "left")
    await handle.raise_event("go")
    assert await handle.result() == "gone"
    assert (await below.wait()).status is da.RuntimeStatus.CANCELLED


@da.orchestrator
async def starter(id: str) -> str:
    ref = await da.start(sleeper(), id=id)
    ref.send_event("wake")
    return await ref.result()


@da.orchestrator
async def starter_and_gone(id: str) -> str:
    ref = await da.start(sleeper(), id=id)
    return ref.id


async def test_a_detached_instance_can_be_told_and_awaited(cluster: Cluster) -> None:
    await cluster.worker(starter, sleeper)
    assert await (await cluster.client.start(starter("apart"))).result() == "awake"
    assert (await cluster.client.handle("apart").state()).parent_id is None


async def test_a_detached_instance_lives_on(cluster: Cluster) -> None:
    await cluster.worker(starter_and_gone, sleeper)
    assert await (await cluster.client.start(starter_and_gone("on"))).result() == "on"
    handle = cluster.client.handle("on", str)
    await handle.raise_event("wake")
    assert await handle.result() == "awake"


@da.orchestrator
async def awaits(id: str) -> str:
    ref = await da.start(sleeper(), id=id, if_exists="attach")
    return await ref.result()


async def test_an_instance_that_others_started_can_be_awaited(cluster: Cluster) -> None:
    await cluster.worker(awaits, sleeper)
    other = await cluster.client.start(sleeper(), id="others")
    handle = await cluster.client.start(awaits("others"))
    await other.raise_event("wake")
    assert await handle.result() == "awake"


@da.orchestrator
async def counts(number: int, until: int, taken: list[str]) -> list[str]:
    if number == 0:
        await da.wait_for_event("begin")
    if number < until:
        da.continue_as_new(counts(number + 1, until, taken))
    return [await da.wait_for_event("word", str) for _ in range(2)]


async def test_an_instance_that_continues_as_new_keeps_its_id_and_its_events(
    cluster: Cluster,
) -> None:
    handle = await cluster.client.start(counts(0, 3, []), id="on and on")
    before = (await handle.state()).execution_id
    for word in ("one", "two"):
        await handle.raise_event("word", word, key=word)
    await handle.raise_event("begin")
    await handle.raise_event("word", "one", key="one")
    await cluster.worker(counts)
    assert await handle.result() == ["one", "two"]
    state = await handle.state()
    assert state.execution_id != before
    assert state.input == [3, 3, []]


performed: list[int] = []


def draw() -> int:
    performed.append(1)
    return random.randrange(10**12)


@da.orchestrator
async def chances() -> list[int]:
    drawn = [da.side_effect(draw)]
    await double(1)
    drawn += [da.side_effect(draw), da.side_effect(draw)]
    await da.wait_for_event("go")
    drawn.append(da.side_effect(draw))
    return drawn


async def test_a_side_effect_runs_once_and_is_remembered(cluster: Cluster) -> None:
    performed.clear()
    await cluster.worker(chances, double, cache=0)
    handle = await cluster.client.start(chances())
    await handle.raise_event("go")
    drawn = await handle.result()
    recorded = [
        int(each.result.data)
        for each in await handle.history()
        if type(each).__name__ == "SideEffectRecorded"
    ]
    assert drawn == recorded
    assert len(performed) == len(set(drawn)) == 4


def fail_once() -> int:
    raise KeyError("nothing there")


@da.orchestrator
async def side_effect_fails() -> str:
    try:
        da.side_effect(fail_once)
    except KeyError as error:
        await double(1)
        return f"{error}"
    return "no failure"


async def test_a_side_effect_that_fails_fails_the_same_at_replay(cluster: Cluster) -> None:
    await cluster.worker(side_effect_fails, double, cache=0)
    assert await (await cluster.client.start(side_effect_fails())).result() == "'nothing there'"


@da.orchestrator
async def patched_flow() -> list[object]:
    seen: list[object] = [da.patched("one"), da.side_effect(draw), da.patched("two")]
    await double(1)
    seen += [da.patched("one"), da.side_effect(draw), da.patched("three")]
    await double(2)
    return seen


async def test_patches_and_side_effects_mix_in_one_episode(cluster: Cluster) -> None:
    performed.clear()
    await cluster.worker(patched_flow, double, cache=0)
    handle = await cluster.client.start(patched_flow())
    seen = await handle.result()
    assert [seen[place] for place in (0, 2, 3, 5)] == [True, True, True, True]
    assert len(performed) == 2


@da.orchestrator(name="evolving")
async def evolving_before() -> list[object]:
    first = await double(1)
    await da.wait_for_event("go")
    return [first]


@da.orchestrator(name="evolving")
async def evolving_after() -> list[object]:
    early = da.patched("early")
    first = await double(1)
    await da.wait_for_event("go")
    late = da.patched("late")
    return [first, early, late]


async def test_a_patch_is_false_where_history_has_gone_past_it(cluster: Cluster) -> None:
    async with da.Worker(cluster.client, [evolving_before, double], cache=0):
        handle = await cluster.client.start(evolving_before())
        async with asyncio.timeout(60):
            while not any(call.kind == "event" for call in (await handle.state()).pending):
                pass
    await cluster.worker(evolving_after, double)
    await handle.raise_event("go")
    assert await handle.result() == [2, False, True]


@da.orchestrator
async def unique() -> list[str]:
    first = [str(da.uuid4()), str(da.random().random()), da.now().isoformat()]
    await double(1)
    return [*first, str(da.uuid4()), str(da.random().random())]


async def test_uuids_and_random_numbers_are_those_of_the_execution(cluster: Cluster) -> None:
    await cluster.worker(unique, double, cache=0)
    one = await (await cluster.client.start(unique())).result()
    other = await (await cluster.client.start(unique())).result()
    assert len({*one, *other}) == 10
    assert uuid.UUID(one[0]).version is not None


@da.orchestrator
async def sends(id: str) -> str:
    da.send_event(id, "wake", None)
    da.send_event("nobody", "wake", None)
    return "sent"


async def test_an_event_for_another_instance_reaches_it_and_one_for_nobody_is_dropped(
    cluster: Cluster,
) -> None:
    await cluster.worker(sends, sleeper)
    other = await cluster.client.start(sleeper(), id="receiver")
    assert await (await cluster.client.start(sends("receiver"))).result() == "sent"
    assert await other.result() == "awake"
