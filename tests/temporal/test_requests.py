"""Requests on a Temporal cluster: asked at any time, answered once, and heard by who waits."""

import asyncio
import contextlib
import json
from datetime import timedelta
from typing import Any

import pytest
from tests.temporal import flows
from tests.temporal.conftest import LONG, Cluster
from tests.temporal.test_replay import _replay, _runs, _temporal

import durable_async as da
from durable_async.model.history import RequestAnswered
from durable_async.model.payload import Payload
from durable_async.model.work import Answer, RaiseEvent


@da.orchestrator
async def clerk(count: int) -> list[int]:
    """Doubles numbers; turns down those below zero."""
    asked: list[int] = []
    async for request in da.requests("double", int):
        if request.data < 0:
            request.reject("below zero")
        else:
            request.reply(2 * request.data)
        asked.append(request.data)
        if len(asked) == count:
            break
    return asked


@da.orchestrator
async def office(count: int) -> str:
    """Answers until it is closed, and goes on as new after so many answers."""
    closed = asyncio.ensure_future(da.wait_for_event("close"))
    for _ in range(count):
        request = asyncio.ensure_future(anext(da.requests("double", int)))
        await asyncio.wait([request, closed], return_when=asyncio.FIRST_COMPLETED)
        if closed.done():
            break
        request.result().reply(2 * request.result().data)
    else:
        da.continue_as_new(office(count))
    return "closed"


@da.orchestrator
async def sleeper() -> str:
    await da.wait_for_event("wake")
    return "awake"


@da.orchestrator
async def printer(size: int) -> None:
    async for request in da.requests("text"):
        request.reply("x" * size)


async def _signalled(handle: da.Handle[Any], name: str, data: int, id: str) -> None:
    """Asked by somebody who does not wait."""
    request = RaiseEvent(
        instance_id=handle.id, name=name, data=Payload(json.dumps(data).encode()), request_id=id
    )
    await handle._connection().send(request)


async def _answered(handle: da.Handle[Any], id: str) -> object:
    answer: Answer = await handle._connection().answered(handle.id, id)
    return answer.reason if answer.result is None else json.loads(answer.result.data)


@pytest.mark.parametrize("cache", [0, 1, 10_000])
async def test_each_question_has_its_answer_also_of_one_that_is_evicted(
    cluster: Cluster, cache: int
) -> None:
    await cluster.worker(clerk, cache=cache)
    handle = await cluster.client.start(clerk(5), id="clerk")
    other = await cluster.client.start(clerk(1), id="other")
    assert await handle.ask("double", 1, int) == 2
    assert await asyncio.gather(*[handle.ask("double", each) for each in (2, 3)]) == [4, 6]
    assert await other.ask("double", 10) == 20
    with pytest.raises(da.RequestRejectedError, match="below zero"):
        await handle.ask("double", -1)
    assert await handle.ask("double", 4) == 8
    assert sorted(await handle.result()) == [-1, 1, 2, 3, 4]
    assert await _replay(cluster, ["clerk", "other"], [clerk]) == 2


async def test_data_that_does_not_fit_is_turned_down_and_the_loop_goes_on(cluster: Cluster) -> None:
    await cluster.worker(clerk)
    handle = await cluster.client.start(clerk(1))
    with pytest.raises(da.RequestRejectedError, match=r"'two' .*does not fit"):
        await handle.ask("double", "two")
    assert await handle.ask("double", 2) == 4


async def test_what_is_asked_before_a_worker_is_there_is_answered_when_one_comes(
    cluster: Cluster,
) -> None:
    handle = await cluster.client.start(clerk(2))
    first = asyncio.ensure_future(handle.ask("double", 1))
    with pytest.raises(TimeoutError, match="stays asked"):
        await handle.ask("double", 2, timeout=0.3)
    assert not first.done()
    await cluster.worker(clerk)
    assert await first == 2
    assert sorted(await handle.result()) == [1, 2]


async def test_one_that_is_suspended_answers_when_it_is_resumed(cluster: Cluster) -> None:
    await cluster.worker(clerk)
    handle = await cluster.client.start(clerk(1))
    await handle.suspend("lunch")
    while (await handle.state()).status is not da.RuntimeStatus.SUSPENDED:
        pass
    with pytest.raises(TimeoutError, match="SUSPENDED: lunch"):
        await handle.ask("double", 1, timeout=0.5)
    await handle.resume()
    assert await handle.result() == [1]


async def test_who_leaves_hears_nothing_and_the_question_is_answered_all_the_same(
    cluster: Cluster,
) -> None:
    handle = await cluster.client.start(clerk(1))
    asking = asyncio.ensure_future(handle.ask("double", 21))
    while not asking.done():
        described = await _temporal(cluster).get_workflow_handle(handle.id).describe()
        if described.history_length > 2:
            asking.cancel()
        await asyncio.wait([asking], timeout=0.05)
    assert asking.cancelled()
    await cluster.worker(clerk)
    assert await handle.result() == [21]
    (answered,) = [each for each in await handle.history() if isinstance(each, RequestAnswered)]
    assert answered.result == Payload(b"42")


async def test_whoever_asks_one_that_ends_without_an_answer_is_told_so(cluster: Cluster) -> None:
    await cluster.worker(sleeper)
    handle = await cluster.client.start(sleeper())
    asking = asyncio.ensure_future(handle.ask("double", 1))
    with pytest.raises(TimeoutError, match="waits for requests"):
        await handle.ask("double", 1, timeout=0.2)
    await handle.raise_event("wake")
    with pytest.raises(da.InstanceFinishedError, match="without an answer"):
        await asking
    with pytest.raises(da.InstanceFinishedError):
        await handle.ask("double", 1)
    with pytest.raises(da.InstanceNotFoundError):
        await cluster.client.handle("nobody").ask("double", 1)


async def test_whoever_asks_one_that_is_terminated_or_replaced_is_told_so(
    cluster: Cluster,
) -> None:
    handle = await cluster.client.start(sleeper(), id="it")
    await _signalled(handle, "double", 1, "a")
    asking = asyncio.ensure_future(_answered(handle, "a"))
    await asyncio.wait([asking], timeout=0.1)
    await handle.terminate("enough")
    await cluster.client.start(sleeper(), id="it", if_exists="replace")
    with pytest.raises(da.InstanceFinishedError, match=r"TERMINATED|replaced"):
        await asking


async def test_the_same_request_is_answered_once_however_often_it_is_asked(
    cluster: Cluster,
) -> None:
    await cluster.worker(office)
    handle = await cluster.client.start(office(3), id="office")
    for _ in range(2):
        await _signalled(handle, "double", 4, "again")
        assert await _answered(handle, "again") == 8
    for number in range(4):
        assert await handle.ask("double", number) == 2 * number
    assert len(await _runs(cluster, "office")) == 2
    # By now the instance has gone on as new.
    await _signalled(handle, "double", 5, "again")
    assert await _answered(handle, "again") == 8
    there = _temporal(cluster).get_workflow_handle("office")
    assert await there.execute_update("double", 5, id="again") == 8
    await handle.raise_event("close")
    assert await handle.result() == "closed"
    assert await _answered(handle, "again") == 8


@pytest.mark.parametrize("cache", [0, 10_000])
async def test_questions_and_answers_survive_generations(cluster: Cluster, cache: int) -> None:
    await cluster.worker(office, cache=cache)
    handle = await cluster.client.start(office(2), id="office")
    answers = await asyncio.gather(*[handle.ask("double", number) for number in range(5)])
    assert answers == [0, 2, 4, 6, 8]
    await handle.raise_event("close")
    assert await handle.result() == "closed"
    assert await _replay(cluster, ["office"], [office]) == 3


async def test_who_asked_is_told_when_the_instance_continues_as_new_without_an_answer(
    cluster: Cluster,
) -> None:
    await cluster.worker(forgetful)
    handle = await cluster.client.start(forgetful(), id="forgetful")
    with pytest.raises(da.RequestRejectedError, match="continued as new"):
        await handle.ask("double", 1)
    assert await handle.ask("double", 2) == 4
    assert await handle.result() == 1


@da.orchestrator
async def forgetful(round: int = 0) -> int:
    request = await anext(da.requests("double", int))
    if round == 0:
        da.continue_as_new(forgetful(1), events="drop")
    request.reply(request.data * 2)
    return round


@pytest.mark.parametrize("cache", [0, 10_000])
async def test_questions_and_answers_survive_new_runs(cluster: Cluster, cache: int) -> None:
    await cluster.worker(office, cache=cache)
    handle = await cluster.client.start(office(10 * LONG), id="office")
    await _signalled(handle, "double", 100, "first")
    for number in range(LONG // 3):
        assert await handle.ask("double", number) == 2 * number
    assert len(await _runs(cluster, "office")) > 1
    await _signalled(handle, "double", 5, "first")
    assert await _answered(handle, "first") == 200
    await handle.raise_event("close")
    assert await handle.result() == "closed"
    await _replay(cluster, ["office"], [office])


async def test_a_crowd_hears_its_answers_although_the_memo_shows_the_last_ones_only(
    cluster: Cluster,
) -> None:
    handle = await cluster.client.start(office(1_000))
    asking = [asyncio.ensure_future(handle.ask("double", number)) for number in range(120)]
    await asyncio.wait(asking, timeout=0.5)  # all of them are there, before anybody answers
    await cluster.worker(office)
    assert await asyncio.gather(*asking) == [2 * number for number in range(120)]
    described = await _temporal(cluster).get_workflow_handle(handle.id).describe()
    shown = [key for key in described.raw_info.memo.fields if key.startswith("answer:")]
    assert len(shown) == 50


async def test_answers_of_any_size_arrive_and_people_read_the_small_ones(cluster: Cluster) -> None:
    await cluster.worker(printer, clerk)
    handle = await cluster.client.start(printer(300_000))
    assert len(await handle.ask("text")) == 300_000
    small = await cluster.client.start(clerk(2))
    assert await small.ask("double", 3) == 6
    described = await _temporal(cluster).get_workflow_handle(small.id).describe()
    ((_, memo),) = [
        (key, json.loads(field.data))
        for key, field in described.raw_info.memo.fields.items()
        if key.startswith("answer:")
    ]
    assert (memo["number"], memo["result"]) == (0, 6)


async def test_an_answer_is_heard_when_no_worker_runs_any_more(cluster: Cluster) -> None:
    handle = await cluster.client.start(clerk(2))
    await _signalled(handle, "double", 1, "small")
    async with da.Worker(cluster.client, [clerk]):
        assert await _answered(handle, "small") == 2
    assert await _answered(handle, "small") == 2


async def test_a_large_answer_is_waited_for_until_a_worker_can_tell_it(cluster: Cluster) -> None:
    handle = await cluster.client.start(printer(5_000))
    await _signalled(handle, "text", 0, "large")
    async with da.Worker(cluster.client, [printer]):
        while not _shown(await _temporal(cluster).get_workflow_handle(handle.id).describe()):
            await asyncio.sleep(0.05)
    asking = asyncio.ensure_future(_answered(handle, "large"))
    await asyncio.wait([asking], timeout=0.5)
    assert not asking.done()
    await cluster.worker(printer)
    assert await asking == "x" * 5_000


def _shown(described: Any) -> list[str]:
    return [key for key in described.raw_info.memo.fields if key.startswith("answer:")]


class Rot13:
    """A codec whose output shows no input."""

    def encode(self, payload: Payload) -> Payload:
        return Payload(bytes(byte ^ 0x5A for byte in payload.data), "xor")

    def decode(self, payload: Payload) -> Payload:
        return Payload(bytes(byte ^ 0x5A for byte in payload.data))


@da.orchestrator
async def secretary() -> None:
    async for request in da.requests("secret", str):
        request.reply(f"the secret of {request.data}")


async def test_a_codec_hides_answers_too(temporal_url: str) -> None:
    client = da.Client(temporal_url, codec=Rot13())
    async with client, da.Worker(client, [secretary]):
        handle = await client.start(secretary())
        assert await handle.ask("secret", "anna", str) == "the secret of anna"
        connection: Any = client.connection
        described = await connection.temporal.get_workflow_handle(handle.id).describe()
        assert b"secret of" not in described.raw_description.SerializeToString()


async def test_temporals_own_tools_ask_by_an_update(cluster: Cluster) -> None:
    from temporalio.client import WorkflowUpdateFailedError

    await cluster.worker(clerk)
    handle = await cluster.client.start(clerk(3), id="clerk")
    there = _temporal(cluster).get_workflow_handle("clerk")
    for _ in range(2):
        assert await there.execute_update("double", 4, id="mine") == 8
    assert await _answered(handle, "mine") == 8
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await there.execute_update("double", -4, id="other")
    assert "below zero" in str(refused.value.cause)
    with pytest.raises(WorkflowUpdateFailedError):
        await there.execute_update("durable_async.suspend", "no")
    # The answer comes with the end.
    assert await there.execute_update("double", 5) == 10
    assert await handle.result() == [4, -4, 5]
    assert await _replay(cluster, ["clerk"], [clerk]) == 1


async def test_an_update_that_a_new_run_breaks_off_stays_asked(cluster: Cluster) -> None:
    handle = await cluster.client.start(pauses(), id="pauses")
    await cluster.worker(pauses)
    there = _temporal(cluster).get_workflow_handle("pauses")
    asking = asyncio.ensure_future(
        there.execute_update("double", 4, id="mine", rpc_timeout=timedelta(seconds=5))
    )
    while not [each for each in await handle.history() if getattr(each, "request_id", None)]:
        await asyncio.sleep(0.05)
    await handle.raise_event("on")
    with contextlib.suppress(Exception):  # Temporal breaks it off, or a repetition is answered
        assert await asking == 8
    assert await there.execute_update("double", 4, id="mine") == 8
    assert len(await _runs(cluster, "pauses")) == 2
    assert await handle.result() == 1


@da.orchestrator
async def pauses(round: int = 0) -> int:
    if round == 0:
        await da.wait_for_event("on")
        da.continue_as_new(pauses(1))
    request = await anext(da.requests("double", int))
    request.reply(request.data * 2)
    await asyncio.sleep(2)
    return round


async def test_side_effects_a_status_and_answers_of_one_episode_are_replayed(
    cluster: Cluster,
) -> None:
    await cluster.worker(busy, flows.step, cache=0)
    handle = await cluster.client.start(busy(), id="busy")
    first, second = await handle.ask("draw"), await handle.ask("draw")
    assert await handle.result() == [first, second]
    assert (await handle.state()).custom_status == second
    assert await _replay(cluster, ["busy"], [busy, flows.step]) == 1


@da.orchestrator
async def busy() -> list[int]:
    drawn: list[int] = []
    async for request in da.requests("draw"):
        drawn.append(da.side_effect(flows.draw))
        da.set_custom_status(drawn[-1])
        request.reply(drawn[-1])
        await flows.step(1)
        if len(drawn) == 2:
            break
    return drawn
