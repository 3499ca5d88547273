"""The examples, on a Temporal cluster; what ran, Temporal's own replayer replays."""

import importlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import durable_async as da

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py") if not path.stem.startswith("_"))

OF_THEIR_OWN = {"eternal_counter", "run_script", "unit_testing"}
"""Their orchestrators run in tests of their own. `run_script` and `unit_testing` open no client;
the hundred rounds of `eternal_counter` take as many seconds: Temporal begins no run earlier than a
second after the one before."""


class Recorder:
    """Takes the place of `da.Client` and `da.Worker`, and keeps what they were given.

    functions: of the newest worker; started: the ids of all instances; purged: the types of the
    workflows that were replayed before they went.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.functions: list[object] = []
        self.started: list[str] = []
        self.purged: list[str] = []

    def put_into(self, patch: pytest.MonkeyPatch) -> None:
        recorder = self

        class RecordedClient(da.Client):
            def __init__(self, url: str, **settings: Any) -> None:
                assert url == "sqlite://"
                super().__init__(recorder.url, **settings)

            async def start(self, call: Any, **options: Any) -> da.Handle[Any]:
                handle = await super().start(call, **options)
                recorder.started.append(handle.id)
                return handle

            async def purge(self, **conditions: Any) -> int:
                recorder.purged += await recorder.replay_with(self)
                return await super().purge(**conditions)

        class RecordedWorker(da.Worker):
            def __init__(self, client: da.Client, functions: Any, **settings: Any) -> None:
                recorder.functions = list(functions)
                super().__init__(client, functions, **settings)

        patch.setattr(da, "Client", RecordedClient)
        patch.setattr(da, "Worker", RecordedWorker)

    async def replay(self) -> list[str]:
        """Replay every run of what was started, by schedules too, and of its children; the types of
        the workflows."""
        if self.purged:
            return self.purged  # what the cluster still shows of them goes any moment
        async with da.Client("sqlite://") as client:  # that is, on the cluster
            return await self.replay_with(client)

    async def replay_with(self, client: da.Client) -> list[str]:
        from durable_async.dsl.registry import Registry
        from durable_async.engines.temporal import replayer

        names: list[str] = []

        async def told(histories: AsyncIterator[Any]) -> AsyncIterator[Any]:
            async for history in histories:
                started = history.events[0].workflow_execution_started_event_attributes
                names.append(started.workflow_type.name)
                yield history

        connection: Any = client.connection
        # Visibility lags behind: what is in there must be replayed, not be complete.
        listed = [state.id async for state in client.list()]
        ids = list(dict.fromkeys([*self.started, *listed]))
        histories = told(_histories(connection.temporal, ids))
        await replayer(Registry.of(self.functions), da.Converter()).replay_workflows(histories)
        return names


async def _histories(temporal: Any, ids: list[str]) -> AsyncIterator[Any]:
    """Those of all runs, as their events lead from one to the others."""
    todo = [(each, (await temporal.get_workflow_handle(each).describe()).run_id) for each in ids]
    seen = set()
    while todo:
        if (run := todo.pop()) in seen:
            continue
        seen.add(run)
        instance_id, run_id = run
        history = await temporal.get_workflow_handle(instance_id, run_id=run_id).fetch_history()
        yield history
        started = history.events[0].workflow_execution_started_event_attributes
        if started.continued_execution_run_id:
            todo.append((instance_id, started.continued_execution_run_id))
        for event in history.events:
            if event.HasField("child_workflow_execution_started_event_attributes"):
                child = event.child_workflow_execution_started_event_attributes.workflow_execution
                todo.append((child.workflow_id, child.run_id))
            for entity in _entities_in(event):
                described = await temporal.get_workflow_handle(entity).describe()
                todo.append((entity, described.run_id))


def _entities_in(event: Any) -> Iterator[str]:
    """The workflows of those that it speaks to."""
    if event.HasField("external_workflow_execution_signaled_event_attributes"):
        told = event.external_workflow_execution_signaled_event_attributes.workflow_execution
        if told.workflow_id.startswith("durable_async.entity:"):
            yield told.workflow_id


@pytest.fixture
def example_path() -> Iterator[None]:
    """Examples are scripts: they are found by their own names."""
    sys.path.append(str(EXAMPLES))
    yield
    sys.path.remove(str(EXAMPLES))


@pytest.fixture
def recorder(temporal_url: str, monkeypatch: pytest.MonkeyPatch, example_path: None) -> Recorder:
    recorder = Recorder(temporal_url)
    recorder.put_into(monkeypatch)
    return recorder


def _imported(name: str) -> ModuleType:
    return importlib.import_module(name)


def test_the_table_names_examples_that_there_are() -> None:
    assert OF_THEIR_OWN.issubset(NAMES)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", [each for each in NAMES if each not in OF_THEIR_OWN])
async def test_an_example_runs_unchanged_and_is_replayed(recorder: Recorder, name: str) -> None:
    await _imported(name).main()
    replayed = await recorder.replay()
    assert len(replayed) >= max(len(recorder.started), 1)


async def test_entities_of_an_example_are_replayed_too(recorder: Recorder) -> None:
    await _imported("aggregator").main()
    replayed = await recorder.replay()
    assert replayed.count("close_day") == 1
    assert replayed.count("durable_async.entity") >= 4


async def test_children_of_an_example_are_replayed_too(recorder: Recorder) -> None:
    await _imported("child_retry").main()
    replayed = await recorder.replay()
    assert replayed.count("release") >= 1
    assert replayed.count("build") >= 3


async def test_the_rounds_of_the_eternal_counter_are_replayed_one_by_one(
    recorder: Recorder,
) -> None:
    counter = _imported("eternal_counter").counter
    async with da.Client("sqlite://") as client, da.Worker(client, [counter]):
        handle = await client.start(counter())
        for number in (1, 2, 3):
            await handle.raise_event("add", number)
        await handle.raise_event("stop")
        assert await handle.result() == 6
    assert await recorder.replay() == ["counter"] * 4


async def test_the_script_of_an_example_runs_with_a_client_and_a_worker(
    recorder: Recorder,
) -> None:
    book = _imported("run_script")
    functions = [book.make_book, book.typeset, book.bind]
    async with da.Client("sqlite://") as client, da.Worker(client, functions):
        handle = await client.start(book.make_book(["one", "three"]))
        assert await handle.result() == "a book of 8 pages"
    assert await recorder.replay() == ["make_book"]


async def test_the_orchestrator_that_shows_testing_runs_with_other_activities(
    recorder: Recorder,
) -> None:
    testing = _imported("unit_testing")
    balances = iter([40_00, 12_00, 0])

    @da.activity(name="fetch_balance")
    async def balance(customer: str) -> int:
        return next(balances)

    functions = [testing.dun, balance, testing.send_reminder]
    async with da.Client("sqlite://") as client, da.Worker(client, functions):
        handle = await client.start(testing.dun("Ada", timedelta(seconds=0.01)))
        assert await handle.result() == ["reminded Ada of 40.00", "reminded Ada of 12.00"]
    assert await recorder.replay() == ["dun"]


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_demo_passes_with_its_worker_killed(temporal_url: str, tmp_path: Path) -> None:
    program = EXAMPLES / "order_fulfilment" / "demo.py"
    done = subprocess.run(
        [sys.executable, str(program), "--orders", "24", "--plain", "--url", temporal_url],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SIGKILL: worker" in done.stdout
    assert "PASSED: 24 orders" in done.stdout
