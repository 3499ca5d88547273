"""Timers, events, custom status, cancel and terminate on a Temporal cluster, and what is seen of
an instance from outside."""

import asyncio
import traceback
from datetime import UTC, datetime, timedelta

import pytest
from tests.temporal.conftest import Cluster

import durable_async as da


@da.activity
async def note(text: str) -> str:
    return f"noted {text}"


@da.orchestrator
async def approval(seconds: float) -> str:
    da.set_custom_status({"waits": "for approval"})
    try:
        async with asyncio.timeout(seconds):
            approved = await da.wait_for_event("approved", bool)
    except TimeoutError:
        da.set_custom_status(None)
        return await note("late")
    da.set_custom_status("done")
    return "yes" if approved else "no"


async def test_an_event_beats_its_timeout(cluster: Cluster) -> None:
    await cluster.worker(approval, note)
    handle = await cluster.client.start(approval(3600))
    await handle.raise_event("approved", True)
    assert await handle.result() == "yes"
    assert (await handle.state()).custom_status == "done"


async def test_a_timer_fires_when_no_event_comes(cluster: Cluster) -> None:
    await cluster.worker(approval, note)
    handle = await cluster.client.start(approval(0.2))
    assert await handle.result() == "noted late"
    assert (await handle.state()).custom_status is None


@da.orchestrator
async def collect(count: int) -> list[int]:
    taken: list[int] = []
    async for number in da.events("number", int):
        taken.append(number)
        da.set_custom_status(len(taken))
        if len(taken) == count:
            break
    return taken


async def test_events_are_kept_until_they_are_awaited_and_come_in_order(cluster: Cluster) -> None:
    handle = await cluster.client.start(collect(5))
    for number in range(5):
        await handle.raise_event("number", number)
    await cluster.worker(collect)
    assert await handle.result() == [0, 1, 2, 3, 4]


async def test_an_event_with_the_same_key_is_delivered_once(cluster: Cluster) -> None:
    await cluster.worker(collect)
    handle = await cluster.client.start(collect(2))
    for number, key in [(1, "a"), (1, "a"), (2, "b")]:
        await handle.raise_event("number", number, key=key)
    assert await handle.result() == [1, 2]
    await handle.raise_event("number", 2, key="b")  # by one who does not know that it has come
    with pytest.raises(da.InstanceFinishedError):
        await handle.raise_event("number", 3, key="c")


@da.orchestrator
async def anew(rounds: int) -> int:
    await da.wait_for_event("go")
    return rounds if rounds == 2 else da.continue_as_new(anew(rounds + 1))


async def test_a_key_is_known_after_the_end_whichever_run_it_came_to(cluster: Cluster) -> None:
    await cluster.worker(anew)
    handle = await cluster.client.start(anew(1))
    await handle.raise_event("go", key="first")
    await handle.raise_event("go", key="second")
    assert await handle.result() == 2
    for key in ("first", "second"):
        await handle.raise_event("go", key=key)


async def _until_waiting(handle: da.Handle[object], kind: str) -> da.InstanceState:
    async with asyncio.timeout(60):
        while True:
            state = await handle.state()
            if any(call.kind == kind for call in state.pending):
                return state


async def test_state_stack_and_history_tell_what_an_instance_waits_for(cluster: Cluster) -> None:
    await cluster.worker(approval, note)
    handle = await cluster.client.start(approval(3600), id="o-1", tags={"shop": "berlin"})
    await _until_waiting(handle, "event")
    state = await handle.state()
    assert state.status is da.RuntimeStatus.RUNNING
    assert state.custom_status == {"waits": "for approval"}
    assert state.tags == {"shop": "berlin"}
    assert {(call.kind, call.name) for call in state.pending} == {
        ("timer", ""),
        ("event", "approved"),
    }
    assert all("test_waiting.py:" in call.line for call in state.pending)
    stack = await handle.stack()
    assert "approved" in stack
    assert "test_waiting.py:" in stack
    kinds = [type(event).__name__ for event in await handle.history()]
    assert kinds == ["ExecutionStarted", "EpisodeStarted", "TimerStarted", "EventAwaited"]


@da.orchestrator
async def tidy() -> str:
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError as error:
        da.set_custom_status(await note(str(error)))
        raise
    return "slept"


async def test_a_cancelled_instance_cleans_up_with_durable_calls(cluster: Cluster) -> None:
    await cluster.worker(tidy, note)
    handle = await cluster.client.start(tidy(), id="o-1")
    await _until_waiting(handle, "timer")
    await handle.cancel("not wanted")
    with pytest.raises(da.InstanceCancelledError, match="not wanted"):
        await handle.result()
    state = await handle.state()
    assert state.status is da.RuntimeStatus.CANCELLED
    assert state.reason == "not wanted"
    assert state.custom_status == "noted not wanted"
    with pytest.raises(da.InstanceFinishedError):
        await handle.cancel("again")


@da.orchestrator
async def stubborn() -> list[str]:
    reasons = []
    while len(reasons) < 2:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError as error:
            reasons.append(str(error))
            da.set_custom_status(len(reasons))
    return reasons


async def test_each_cancel_request_is_one_cancelled_error(cluster: Cluster) -> None:
    await cluster.worker(stubborn)
    handle = await cluster.client.start(stubborn())
    await _until_waiting(handle, "timer")
    await handle.cancel("first")
    await handle.cancel("second")
    assert await handle.result() == ["first", "second"]
    assert (await handle.state()).status is da.RuntimeStatus.COMPLETED


async def test_an_instance_that_no_worker_has_taken_ends_cancelled_without_running(
    cluster: Cluster,
) -> None:
    handle = await cluster.client.start(tidy())
    assert (await handle.state()).status is da.RuntimeStatus.PENDING
    await handle.cancel("too early")
    await cluster.worker(tidy, note)
    state = await handle.wait()
    assert state.status is da.RuntimeStatus.CANCELLED
    assert state.reason == "too early"
    assert state.custom_status is None


async def test_a_terminated_instance_runs_no_code(cluster: Cluster) -> None:
    await cluster.worker(tidy, note)
    handle = await cluster.client.start(tidy())
    await _until_waiting(handle, "timer")
    await handle.terminate("enough")
    with pytest.raises(da.InstanceTerminatedError, match="enough"):
        await handle.result()
    state = await handle.state()
    assert state.reason == "enough"
    assert state.custom_status is None


async def _until_status(handle: da.Handle[object], status: da.RuntimeStatus) -> da.InstanceState:
    async with asyncio.timeout(60):
        while (state := await handle.state()).status is not status:
            pass
    return state


async def test_a_suspended_instance_runs_no_code_until_it_is_resumed(cluster: Cluster) -> None:
    await cluster.worker(collect)
    handle = await cluster.client.start(collect(2))
    await handle.raise_event("number", 1)
    async with asyncio.timeout(60):
        while (await handle.state()).custom_status != 1:
            pass
    await handle.suspend("a look first")
    await handle.suspend("again")
    state = await _until_status(handle, da.RuntimeStatus.SUSPENDED)
    assert state.suspended == "a look first"
    before = await handle.history()
    await handle.raise_event("number", 2)
    assert await handle.history() == before
    await handle.resume()
    assert await handle.result() == [1, 2]


async def test_a_cancel_resumes_a_suspended_instance(cluster: Cluster) -> None:
    await cluster.worker(tidy, note)
    handle = await cluster.client.start(tidy())
    await _until_waiting(handle, "timer")
    await handle.suspend()
    await _until_status(handle, da.RuntimeStatus.SUSPENDED)
    await handle.cancel("over")
    assert (await handle.wait()).status is da.RuntimeStatus.CANCELLED


class Cancellable:
    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.cancelled = asyncio.Event()

    @da.activity
    async def work(self) -> None:
        self.began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


@da.orchestrator
async def give_up() -> str:
    task = asyncio.create_task(Cancellable.work())
    await da.wait_for_event("go")
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return "gave up"
    return "went on"


async def test_cancelling_the_await_cancels_the_activity(cluster: Cluster) -> None:
    activity = Cancellable()
    await cluster.worker(give_up, activity)
    handle = await cluster.client.start(give_up())
    await activity.began.wait()
    await handle.raise_event("go")
    assert await handle.result() == "gave up"
    async with asyncio.timeout(60):
        await activity.cancelled.wait()


@da.orchestrator
async def wait_for_its_end() -> str:
    task = asyncio.create_task(Cancellable.work.options(cancel="wait")())
    await da.wait_for_event("go")
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return "it has ended"
    return "went on"


async def test_a_cancel_can_wait_for_the_end_of_the_activity(cluster: Cluster) -> None:
    activity = Cancellable()
    await cluster.worker(wait_for_its_end, activity)
    handle = await cluster.client.start(wait_for_its_end())
    await activity.began.wait()
    await handle.raise_event("go")
    assert await handle.result() == "it has ended"
    assert activity.cancelled.is_set()


@da.orchestrator
async def tell_time() -> datetime:
    return da.now()


async def test_an_instance_can_be_started_for_later(cluster: Cluster) -> None:
    await cluster.worker(tell_time)
    due = datetime.now(UTC) + timedelta(seconds=1.5)
    handle = await cluster.client.start(tell_time(), start_at=due)
    assert await handle.result() >= due - timedelta(milliseconds=50)


async def test_an_instance_that_is_started_for_later_says_when_it_begins(cluster: Cluster) -> None:
    await cluster.worker(tell_time)
    due = datetime.now(UTC) + timedelta(days=1)
    handle = await cluster.client.start(tell_time(), start_at=due)
    state = await handle.state()
    assert state.status is da.RuntimeStatus.PENDING
    assert state.start_at is not None
    assert abs(state.start_at - due) < timedelta(minutes=1)  # the server counts from its own clock
    await handle.terminate("it was only asked")
    assert (await handle.state()).start_at is None


async def test_starting_an_id_again_does_what_if_exists_says(cluster: Cluster) -> None:
    await cluster.worker(collect, tell_time)
    handle = await cluster.client.start(collect(1), id="one")
    with pytest.raises(da.InstanceAlreadyExistsError, match="exists already") as refused:
        await cluster.client.start(collect(1), id="one")
    told = "".join(traceback.format_exception(refused.value))
    assert "temporalio" not in told  # what the library said of it, nobody needs
    with pytest.raises(da.InstanceAlreadyExistsError, match="not of"):
        await cluster.client.start(tell_time(), id="one", if_exists="attach")
    with pytest.raises(da.InstanceAlreadyExistsError, match="ended instances only"):
        await cluster.client.start(collect(1), id="one", if_exists="replace")
    attached = await cluster.client.start(collect(9), id="one", if_exists="attach")
    await attached.raise_event("number", 3)
    assert await handle.result() == [3]
    with pytest.raises(da.InstanceAlreadyExistsError):
        await cluster.client.start(collect(1), id="one")
    assert await (
        await cluster.client.start(collect(1), id="one", if_exists="attach")
    ).result() == [3]
    anew = await cluster.client.start(collect(1), id="one", if_exists="replace")
    await anew.raise_event("number", 4)
    assert await anew.result() == [4]


async def test_an_unknown_instance_and_an_ended_one_are_told_apart(cluster: Cluster) -> None:
    await cluster.worker(tell_time)
    with pytest.raises(da.InstanceNotFoundError):
        await cluster.client.handle("nobody").state()
    with pytest.raises(da.InstanceNotFoundError):
        await cluster.client.handle("nobody").raise_event("go")
    handle = await cluster.client.start(tell_time())
    await handle.result()
    with pytest.raises(da.InstanceFinishedError):
        await handle.raise_event("go")


def test_a_namespace_is_said_once() -> None:
    with pytest.raises(ValueError, match="one of the two"):
        da.Client("temporal://localhost:7233/shop", namespace="other")
