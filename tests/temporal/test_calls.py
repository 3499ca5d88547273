"""What a client asks of a cluster, counted: each question is a round trip, and clusters bill it."""

from typing import Any

import attrs
import pytest
from tests.temporal.conftest import Cluster

import durable_async as da
from durable_async.engines.temporal.reading import instances


@attrs.define
class Calls:
    """The names of the calls since it was asked last. Those of workers go another way."""

    names: list[str] = attrs.field(factory=list)

    def take(self) -> list[str]:
        taken, self.names = self.names, []
        return taken


@pytest.fixture
def calls(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Calls:
    connection: Any = cluster.client.connection
    service: Any = connection.temporal.service_client
    calls, real = Calls(), service._rpc_call

    async def counted(rpc: str, *arguments: Any, **options: Any) -> Any:
        calls.names.append(rpc)
        return await real(rpc, *arguments, **options)

    monkeypatch.setattr(service, "_rpc_call", counted)
    return calls


START = "start_workflow_execution"
DESCRIBE = "describe_workflow_execution"
HISTORY = "get_workflow_execution_history"


@da.orchestrator
async def double(number: int) -> int:
    return number * 2


@da.orchestrator
async def fail(number: int) -> int:
    raise LookupError("no", number)


@da.orchestrator
async def wait() -> str:
    return await da.wait_for_event("go", str)


async def test_a_start_and_its_result_are_two_calls(cluster: Cluster, calls: Calls) -> None:
    await cluster.worker(double, fail)
    assert await (await cluster.client.start(double(1))).result() == 2  # it asks once for tags
    calls.take()
    handle = await cluster.client.start(double(2))
    assert await handle.result() == 4
    assert calls.take() == [START, HISTORY]
    assert await handle.result() == 4
    assert calls.take() == [HISTORY]
    failing = await cluster.client.start(fail(3))
    with pytest.raises(LookupError):
        await failing.result()
    assert calls.take() == [START, HISTORY]


async def test_of_one_that_was_cancelled_why_is_asked_as_well(
    cluster: Cluster, calls: Calls
) -> None:
    await cluster.worker(wait)
    handle = await cluster.client.start(wait())
    calls.take()
    await handle.cancel("not wanted")
    assert calls.take() == [DESCRIBE, "request_cancel_workflow_execution"]
    with pytest.raises(da.InstanceCancelledError, match="not wanted"):
        await handle.result()
    assert calls.take() == [HISTORY, DESCRIBE]


async def test_an_event_is_one_call(cluster: Cluster, calls: Calls) -> None:
    await cluster.worker(wait)
    handle = await cluster.client.start(wait())
    calls.take()
    await handle.raise_event("go", "now")
    assert calls.take() == ["signal_workflow_execution"]
    assert await handle.result() == "now"


async def test_the_last_state_is_three_calls_and_a_look_at_it_two(
    cluster: Cluster, calls: Calls
) -> None:
    await cluster.worker(double)
    handle = await cluster.client.start(double(2))
    calls.take()
    waited = await handle.wait()
    assert calls.take() == [HISTORY, DESCRIBE, HISTORY]
    seen = await handle.state()
    assert calls.take() == [DESCRIBE, HISTORY]
    assert (seen.output, seen.input, seen.status) == (4, [2], da.RuntimeStatus.COMPLETED)
    assert attrs.evolve(waited, pending=seen.pending) == seen


async def test_a_long_history_is_not_read_for_its_two_ends(
    cluster: Cluster, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cluster.worker(double)
    handle = await cluster.client.start(double(2))
    short = await handle.wait()
    calls.take()
    monkeypatch.setattr(instances, "_SHORT", 3)
    assert await handle.state() == short
    assert calls.take() == [DESCRIBE, HISTORY, HISTORY]


async def test_a_list_asks_once_for_each_that_has_ended(cluster: Cluster, calls: Calls) -> None:
    await cluster.worker(double)
    handles = [await cluster.client.start(double(number)) for number in range(5)]
    expected = {handle.id: await handle.wait() for handle in handles}
    done = da.RuntimeStatus.COMPLETED
    while await cluster.client.count(status=done) < len(handles):
        pass
    calls.take()
    states = [state async for state in cluster.client.list(name="double", status=done)]
    assert {state.id: state for state in states} == expected
    taken = calls.take()
    assert taken.count(HISTORY) == len(handles)
    assert DESCRIBE not in taken


async def test_a_list_of_long_ones_tells_the_same(
    cluster: Cluster, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cluster.worker(double)
    expected = await (await cluster.client.start(double(2))).wait()
    done = da.RuntimeStatus.COMPLETED
    while not await cluster.client.count(status=done):
        pass
    monkeypatch.setattr(instances, "_SHORT", 3)
    assert [state async for state in cluster.client.list(status=done)] == [expected]
