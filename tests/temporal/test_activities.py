"""Orchestrators and activities on a Temporal cluster, from the start to the result."""

import asyncio
import threading

import pytest
from tests.temporal.conftest import Cluster

import durable_async as da


class CardDeclinedError(Exception):
    def __init__(self, code: str, cents: int) -> None:
        super().__init__(code, cents)
        self.code, self.cents = code, cents


@da.activity
async def charge(order: str, cents: int) -> str:
    return f"{order}/{cents}"


@da.activity
def thread_name() -> str:
    return threading.current_thread().name


@da.activity
async def decline(cents: int) -> None:
    raise CardDeclinedError("no funds", cents)


@da.orchestrator
async def checkout(order: str, items: list[int]) -> list[str]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(charge(order, cents)) for cents in items]
    return [task.result() for task in tasks]


async def test_an_orchestrator_runs_its_activities_on_temporal(cluster: Cluster) -> None:
    await cluster.worker(checkout, charge)
    handle = await cluster.client.start(checkout("o-1", [100, 250, 7]), id="o-1")
    assert await handle.result() == ["o-1/100", "o-1/250", "o-1/7"]
    state = await handle.state()
    assert state.status is da.RuntimeStatus.COMPLETED
    assert state.input == ["o-1", [100, 250, 7]]
    assert state.output == ["o-1/100", "o-1/250", "o-1/7"]


@da.orchestrator
async def echo(value: object) -> object:
    return value


async def test_falsy_values_come_back_as_they_are(cluster: Cluster) -> None:
    await cluster.worker(echo)
    values: list[object] = [0, "", False, None, [], {}, 1.5, "\N{SNOWMAN}"]
    handles = [await cluster.client.start(echo(value)) for value in values]
    assert [await handle.result() for handle in handles] == values


@da.orchestrator
async def in_thread() -> str:
    return await thread_name()


async def test_a_plain_def_activity_runs_in_a_thread(cluster: Cluster) -> None:
    await cluster.worker(in_thread, thread_name)
    handle = await cluster.client.start(in_thread())
    assert (await handle.result()).startswith("durable-activity")


@da.orchestrator
async def pay(cents: int) -> str:
    try:
        await decline(cents)
    except CardDeclinedError as error:
        return f"{error.code}: {error.cents}"
    return "paid"


async def test_an_exception_of_an_activity_reaches_the_orchestrator_as_itself(
    cluster: Cluster,
) -> None:
    await cluster.worker(pay, decline)
    assert await (await cluster.client.start(pay(5))).result() == "no funds: 5"


@da.orchestrator
async def pay_or_fail(cents: int) -> None:
    await decline(cents)


async def test_an_uncaught_failure_ends_the_instance_and_reaches_the_client_as_itself(
    cluster: Cluster,
) -> None:
    await cluster.worker(pay_or_fail, decline)
    handle = await cluster.client.start(pay_or_fail(5), id="declined")
    with pytest.raises(CardDeclinedError) as caught:
        await handle.result()
    assert (caught.value.code, caught.value.cents) == ("no funds", 5)
    failure = da.failure_of(caught.value)
    assert failure is not None
    assert (failure.activity, failure.attempt) == ("decline", 1)
    state = await handle.state()
    assert state.status is da.RuntimeStatus.FAILED
    assert state.failure is not None
    assert "CardDeclinedError" in state.failure.type_name


class Flaky:
    """Fails until the third attempt."""

    def __init__(self) -> None:
        self.attempts: list[int] = []
        self.keys: set[str] = set()

    @da.activity(retry=da.RetryPolicy(max_attempts=5, initial_interval=0.01))
    async def call(self) -> int:
        info = da.activity_info()
        self.attempts.append(info.attempt)
        self.keys.add(info.idempotency_key)
        if info.attempt < 3:
            raise OSError("not yet")
        return info.attempt


@da.orchestrator
async def persistent() -> int:
    return await Flaky.call()


async def test_a_failed_attempt_is_tried_again_under_the_same_key(cluster: Cluster) -> None:
    flaky = Flaky()
    await cluster.worker(persistent, flaky)
    assert await (await cluster.client.start(persistent())).result() == 3
    assert flaky.attempts == [1, 2, 3]
    assert len(flaky.keys) == 1


attempts: list[int] = []


@da.activity(retry=da.RetryPolicy(max_attempts=3, initial_interval=0.01))
async def hopeless() -> None:
    attempts.append(da.activity_info().attempt)
    raise OSError("never")


@da.activity(
    retry=da.RetryPolicy(max_attempts=3, initial_interval=0.01, non_retryable=(ValueError,))
)
async def senseless() -> None:
    attempts.append(da.activity_info().attempt)
    raise ValueError("no sense in it")


@da.activity
async def unforgiving() -> None:
    attempts.append(da.activity_info().attempt)
    raise OSError("once is enough")


@da.orchestrator
async def try_each(name: str) -> str:
    activities = {"hopeless": hopeless, "senseless": senseless, "unforgiving": unforgiving}
    try:
        await activities[name]()
    except Exception as error:
        failure = da.failure_of(error)
        assert failure is not None
        return f"{type(error).__name__} after {failure.attempt}"
    return "no failure"


@pytest.mark.parametrize(
    ("name", "came_to"),
    [
        ("hopeless", "OSError after 3"),
        ("senseless", "ValueError after 1"),
        ("unforgiving", "OSError after 1"),
    ],
)
async def test_retries_end_where_the_policy_says(cluster: Cluster, name: str, came_to: str) -> None:
    attempts.clear()
    await cluster.worker(try_each, hopeless, senseless, unforgiving)
    assert await (await cluster.client.start(try_each(name))).result() == came_to
    assert attempts == list(range(1, int(came_to[-1]) + 1))


@da.activity(timeout=0.2)
async def endless() -> None:
    await asyncio.Event().wait()


@da.activity(heartbeat_timeout=0.2)
async def silent() -> None:
    await asyncio.Event().wait()


@da.orchestrator
async def impatient(name: str) -> str:
    try:
        await {"endless": endless, "silent": silent}[name]()
    except TimeoutError as error:
        return f"{type(error).__name__}: {error}"
    return "ended"


@pytest.mark.parametrize(
    ("name", "says"), [("endless", "longer than its timeout"), ("silent", "gave no heartbeat")]
)
async def test_an_attempt_past_its_time_is_an_activity_timeout(
    cluster: Cluster, name: str, says: str
) -> None:
    await cluster.worker(impatient, endless, silent)
    result = await (await cluster.client.start(impatient(name))).result()
    assert result.startswith("ActivityTimeoutError")
    assert says in result


class Resuming:
    """Says how far it is, and fails; the next attempt goes on from there."""

    @da.activity(retry=da.RetryPolicy(max_attempts=2, initial_interval=0.01))
    async def work(self) -> str:
        info = da.activity_info()
        if info.attempt == 1:
            da.heartbeat({"done": 7})
            raise OSError("fell over")
        return f"from {info.last_heartbeat}"


@da.orchestrator
async def resume_work() -> str:
    return await Resuming.work()


async def test_the_next_attempt_finds_the_last_heartbeat(cluster: Cluster) -> None:
    await cluster.worker(resume_work, Resuming())
    assert await (await cluster.client.start(resume_work())).result() == "from {'done': 7}"


class Slow:
    """The first attempt never ends by itself."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.stopped = asyncio.Event()

    @da.activity
    async def work(self) -> int:
        attempt = da.activity_info().attempt
        self.began.set()
        if attempt == 1:
            try:
                await asyncio.Event().wait()
            finally:
                self.stopped.set()
        return attempt


@da.orchestrator
async def slow_work() -> int:
    return await Slow.work()


async def test_a_worker_that_stops_hands_back_what_has_not_ended(cluster: Cluster) -> None:
    slow = Slow()
    async with da.Worker(cluster.client, [slow_work, slow], drain_timeout=0.1):
        handle = await cluster.client.start(slow_work())
        await slow.began.wait()
    assert slow.stopped.is_set()
    await cluster.worker(slow_work, slow)
    assert await handle.result() == 2


async def test_a_worker_that_stops_lets_what_runs_end(cluster: Cluster) -> None:
    gate = Gate()
    worker = da.Worker(cluster.client, [through_gate, gate])
    async with worker:
        handle = await cluster.client.start(through_gate())
        await gate.began.wait()
        asyncio.get_running_loop().call_later(0.2, gate.opened.set)
    await cluster.worker(through_gate, gate)
    assert await handle.result() == 1


class Gate:
    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.opened = asyncio.Event()

    @da.activity
    async def work(self) -> int:
        self.began.set()
        await self.opened.wait()
        return da.activity_info().attempt


@da.orchestrator
async def through_gate() -> int:
    return await Gate.work()


async def test_an_activity_runs_on_the_queue_that_it_names(cluster: Cluster) -> None:
    await cluster.worker(elsewhere)
    other = da.Worker(cluster.client, [charge], queues=("other",))
    handle = await cluster.client.start(elsewhere())
    async with other:
        assert await handle.result() == "o-9/9"


@da.orchestrator
async def elsewhere() -> str:
    return await charge.options(queue="other")("o-9", 9)
