"""What Temporal's own tools show of an instance, and what a codec hides from them."""

import logging
import re
from typing import Any

import pytest
from tests.temporal.conftest import Cluster

import durable_async as da
from durable_async.codecs import EncryptionCodec


class DeclinedError(Exception):
    pass


@da.activity(retry=da.RetryPolicy(max_attempts=4, initial_interval=2.0), timeout=60)
async def charge(card: str, cents: int) -> str:
    if cents < 0:
        raise DeclinedError(f"{card} gives nothing back")
    return f"{card}: {cents}"


@da.orchestrator
async def checkout(card: str) -> str:
    da.set_custom_status({"card": card})
    paid = await charge.options(summary="the whole sum")(card, 5)
    await da.sleep(0.01)
    word = await da.wait_for_event("approved", str)
    try:
        await charge.options(retry=da.RetryPolicy(max_attempts=1))(card, -1)
    except DeclinedError as error:
        return f"{paid}, {word}, {error}"
    return paid


async def _events(cluster: Cluster, instance_id: str) -> list[Any]:
    connection: Any = cluster.client.connection
    history = await connection.temporal.get_workflow_handle(instance_id).fetch_history()
    return list(history.events)


async def _run(cluster: Cluster) -> tuple[da.Handle[str], list[Any]]:
    await cluster.worker(checkout, charge)
    handle = await cluster.client.start(checkout("4711"), id="o-1")
    await handle.raise_event("approved", "fine", key="k")
    assert await handle.result() == "4711: 5, fine, 4711 gives nothing back"
    return handle, await _events(cluster, "o-1")


def _first(events: list[Any], name: str) -> Any:
    """The attributes of the first event of this kind, and what else the event says."""
    event = next(each for each in events if each.HasField(f"{name}_event_attributes"))
    return getattr(event, f"{name}_event_attributes"), event


async def test_temporals_history_has_our_names_and_readable_payloads(cluster: Cluster) -> None:
    _, events = await _run(cluster)
    started, _ = _first(events, "workflow_execution_started")
    assert started.workflow_type.name == "checkout"
    assert started.input.payloads[0].metadata["encoding"] == b"json/plain"
    assert started.input.payloads[0].data == b'["4711"]'
    activity, event = _first(events, "activity_task_scheduled")
    assert activity.activity_type.name == "charge"
    assert activity.input.payloads[0].data == b'["4711",5]'
    assert activity.retry_policy.initial_interval.seconds == 2
    assert event.user_metadata.summary.data == b'"the whole sum"'
    _, event = _first(events, "timer_started")
    assert b"test_tools.py:" in event.user_metadata.summary.data
    signal, _ = _first(events, "workflow_execution_signaled")
    assert signal.signal_name == "approved"
    assert signal.input.payloads[0].data == b'"fine"'
    failed, _ = _first(events, "activity_task_failed")
    assert failed.failure.message.startswith("4711 gives nothing back (test_tools.py:")
    assert failed.failure.application_failure_info.type == "DeclinedError"
    completed, _ = _first(events, "workflow_execution_completed")
    assert completed.result.payloads[0].data == b'"4711: 5, fine, 4711 gives nothing back"'


async def test_temporals_own_queries_show_stack_and_history(cluster: Cluster) -> None:
    await cluster.worker(checkout, charge)
    handle = await cluster.client.start(checkout("4711"), id="o-1")
    connection: Any = cluster.client.connection
    there = connection.temporal.get_workflow_handle("o-1")
    while not any(call.kind == "event" for call in (await handle.state()).pending):
        pass
    for query in ("stack", "__stack_trace"):  # `temporal workflow stack`, and the Web UI
        stack = await there.query(query)
        assert re.search(r"^event 'approved' at .*test_tools\.py:\d+$", stack, re.MULTILINE)
        assert re.search(r"^Task-1 is at .*test_tools\.py:\d+$", stack, re.MULTILINE)
        assert "temporalio" not in stack
    assert (await there.query("history"))[0]["kind"] == "ExecutionStarted"
    await there.signal("approved", "by hand")
    assert "by hand" in await handle.result()


async def test_what_is_as_by_default_is_not_written_down(cluster: Cluster) -> None:
    await cluster.worker(checkout, charge)
    handle = await cluster.client.start(checkout("4711"), id="o-1")
    await handle.raise_event("approved", "fine")
    await handle.result()
    connection: Any = cluster.client.connection
    there = connection.temporal.get_workflow_handle("o-1")
    memo = await (await there.describe()).memo()
    assert memo["durable_async"].keys() == {"format", "execution_id"}
    scheduled, _ = _first((await there.fetch_history()).events, "activity_task_scheduled")
    assert len(scheduled.input.payloads) == 2  # it has options
    assert b"null" not in scheduled.input.payloads[1].data


async def test_a_failed_attempt_is_logged_in_one_line(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await cluster.worker(checkout, charge)
        handle = await cluster.client.start(checkout("4711"), id="o-1")
        await handle.raise_event("approved", "fine")
        await handle.result()
    assert re.search(r"failed: \S*test_tools:DeclinedError: 4711 gives nothing back", caplog.text)
    assert "Traceback" not in caplog.text


async def test_a_codec_hides_values_from_the_cluster(temporal_url: str) -> None:
    codec = EncryptionCodec({"k1": b"0" * 32})
    async with (
        da.Client(temporal_url, codec=codec) as client,
        da.Worker(client, [checkout, charge], cache=0),
    ):
        handle = await client.start(checkout("4711"), id="o-1")
        await handle.raise_event("approved", "fine")
        assert await handle.result() == "4711: 5, fine, 4711 gives nothing back"
        state = await handle.state()
        assert (state.input, state.custom_status) == (["4711"], {"card": "4711"})
        connection: Any = client.connection
        history = await connection.temporal.get_workflow_handle("o-1").fetch_history()
    assert "4711" not in history.to_json()
    assert not any(b"4711" in event.SerializeToString() for event in history.events)


async def test_an_unknown_namespace_is_a_store_error_that_says_how_to_make_it(
    temporal_target: str,
) -> None:
    with pytest.raises(da.StoreError, match="temporal operator namespace create nowhere"):
        async with da.Client(f"temporal://{temporal_target}/nowhere"):
            pass


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_no_cluster_is_a_store_error_that_says_how_to_start_one(host: str) -> None:
    start = "`temporal server start-dev --port 1 --db-filename"
    with pytest.raises(da.StoreError, match=f"no Temporal cluster answers at {host}:1.*{start}"):
        async with da.Client(f"temporal://{host}:1/default"):
            pass
