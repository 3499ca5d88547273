"""What an orchestrator cannot do, it is told at once: the function, its own line, the way out.

Invariant: a refusal is an error at the line that asked, never a wait that nothing ends.
"""

import asyncio
import concurrent.futures
import contextlib
import inspect
import signal
import socket
import sys
import threading
import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import anyio
import anyio.to_thread
import pytest
from tests.loop.durable import Code, Recorded, World, drive
from tests.loop.steps import Steps

from durable_async.core.loop import OrchestratorLoop
from durable_async.core.refusals import REFUSED
from durable_async.errors import NotDurableError

Body = Callable[[Steps], Coroutine[Any, Any, Any]]


def run(body: Body, *, rebuild: bool = False) -> Recorded:
    return drive(lambda: Code("refused", body), World(), rebuild=rebuild)


def refused_line(body: Body) -> str:
    """The line of `body` that the comment "# refused" stands on."""
    lines, first = inspect.getsourcelines(body)
    (offset,) = [number for number, line in enumerate(lines) if "# refused" in line]
    return f"{__file__}:{first + offset}"


# ---- the ways out of the process and of the thread, as users write them ----------------------


async def to_thread(steps: Steps) -> None:
    await asyncio.to_thread(sum, [1, 2])  # refused


async def thread_of_anyio(steps: Steps) -> None:
    await anyio.to_thread.run_sync(sum, [1, 2])  # refused


async def file_of_anyio(steps: Steps) -> None:
    await anyio.open_file("/nowhere")  # refused


async def executor(steps: Steps) -> None:
    await asyncio.get_running_loop().run_in_executor(None, sum, [1, 2])  # refused


async def connection(steps: Steps) -> None:
    await asyncio.open_connection("localhost", 80)  # refused


async def server(steps: Steps) -> None:
    await asyncio.start_server(lambda reader, writer: None, "localhost", 0)  # refused


async def unix_connection(steps: Steps) -> None:
    await asyncio.open_unix_connection("/nowhere")  # refused


async def datagrams(steps: Steps) -> None:
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(asyncio.DatagramProtocol, ("localhost", 0))  # refused


async def receiving(steps: Steps) -> None:
    with socket.socket() as opened:
        await asyncio.get_running_loop().sock_recv(opened, 1)  # refused


async def program(steps: Steps) -> None:
    await asyncio.create_subprocess_exec("true")  # refused


async def shell(steps: Steps) -> None:
    await asyncio.create_subprocess_shell("true")  # refused


async def pipe(steps: Steps) -> None:
    await asyncio.get_running_loop().connect_read_pipe(asyncio.Protocol, sys.stdin)  # refused


async def name_lookup(steps: Steps) -> None:
    await asyncio.get_running_loop().getaddrinfo("localhost", 80)  # refused


async def signals(steps: Steps) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, print)  # refused


async def threadsafe(steps: Steps) -> None:
    asyncio.get_running_loop().call_soon_threadsafe(print)  # refused


async def coroutine_threadsafe(steps: Steps) -> None:
    work = steps.act(1)
    with contextlib.closing(work):
        asyncio.run_coroutine_threadsafe(work, asyncio.get_running_loop())  # refused


async def nested_run(steps: Steps) -> None:
    work = steps.act(1)
    with contextlib.closing(work):
        asyncio.get_running_loop().run_until_complete(work)  # refused


async def thread_pool(steps: Steps) -> None:
    asyncio.get_running_loop().set_default_executor(None)  # refused


async def stopping(steps: Steps) -> None:
    asyncio.get_running_loop().stop()  # refused


async def inside_a_task_of_a_group(steps: Steps) -> None:
    async def child() -> None:
        await asyncio.to_thread(sum, [1, 2])

    async with asyncio.TaskGroup() as group:
        group.create_task(child())


# ---- what is not this orchestrator's ---------------------------------------------------------


async def foreign_future(steps: Steps) -> None:
    with contextlib.closing(asyncio.new_event_loop()) as other:
        await steps.act(1)
        await other.create_future()  # refused


async def foreign_future_first(steps: Steps) -> None:
    with contextlib.closing(asyncio.new_event_loop()) as other:
        await other.create_future()  # refused


async def something_else(steps: Steps) -> None:
    @types.coroutine
    def of_another_library() -> Any:
        yield "a command for trio"  # refused

    await of_another_library()


async def wait_over_a_future_of_ones_own(steps: Steps) -> None:
    await asyncio.wait([asyncio.Future()])  # refused


async def wait_over_a_gather(steps: Steps) -> None:
    both = asyncio.gather(steps.act(1), steps.act(2))
    try:
        await asyncio.wait([both])  # refused
    finally:
        both.cancel()


class _Later:
    def __await__(self) -> Generator[Any, Any, None]:
        return asyncio.sleep(1).__await__()


async def as_completed_over_two_of_another_kind(steps: Steps) -> None:
    for finished in asyncio.as_completed([_Later(), _Later()]):  # refused
        await finished


async def as_completed_over_a_set(steps: Steps) -> None:
    work = {steps.act(number) for number in range(3)}
    try:
        for finished in asyncio.as_completed(work):  # refused
            await finished
    finally:
        for coroutine in work:
            coroutine.close()


async def as_completed_over_a_generator(steps: Steps) -> None:
    work = [steps.act(number) for number in range(3)]
    try:
        for finished in asyncio.as_completed(each for each in work):  # refused
            await finished
    finally:
        for coroutine in work:
            coroutine.close()


async def eager_factory(steps: Steps) -> None:
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)  # refused


async def a_future_of_a_thread(steps: Steps) -> None:
    await asyncio.wrap_future(concurrent.futures.Future())  # refused


REFUSALS: list[tuple[Body, str, str]] = [
    (to_thread, "to_thread", "`def` activity"),
    (thread_of_anyio, "anyio.to_thread.run_sync", "`def` activity"),
    (file_of_anyio, "anyio.to_thread.run_sync", "`def` activity"),
    (executor, "run_in_executor", "`def` activity"),
    (thread_pool, "set_default_executor", "`def` activity"),
    (connection, "create_connection", "activity"),
    (server, "create_server", "activity"),
    (unix_connection, "create_unix_connection", "activity"),
    (datagrams, "create_datagram_endpoint", "activity"),
    (receiving, "sock_recv", "activity"),
    (program, "create_subprocess_exec", "activity"),
    (shell, "create_subprocess_shell", "activity"),
    (pipe, "connect_read_pipe", "activity"),
    (name_lookup, "getaddrinfo", "activity"),
    (signals, "add_signal_handler", "external event"),
    (threadsafe, "call_soon_threadsafe", "external event"),
    (coroutine_threadsafe, "call_soon_threadsafe", "external event"),
    (nested_run, "run_until_complete", "await the coroutine"),
    (stopping, "loop.stop", "await the coroutine"),
    (foreign_future, "Future", "activity"),
    (foreign_future_first, "Future", "activity"),
    (something_else, "a command for trio", "activity"),
    (wait_over_a_future_of_ones_own, "asyncio.wait", "create_task"),
    (wait_over_a_gather, "asyncio.wait", "create_task"),
    (as_completed_over_a_set, "as_completed over a set", "list"),
    (as_completed_over_two_of_another_kind, "as_completed over several awaitables", "tasks"),
    (a_future_of_a_thread, "wrap_future", "`def` activity"),
]
if sys.version_info >= (3, 12):
    REFUSALS += [
        (eager_factory, "set_task_factory", "leave out"),
        # Python 3.11 refuses it itself, with a TypeError.
        (as_completed_over_a_generator, "as_completed over a generator", "list"),
    ]


@pytest.mark.parametrize("rebuild", [False, True], ids=["kept", "rebuilt"])
@pytest.mark.parametrize(
    ("body", "function", "way_out"),
    [pytest.param(*refusal, id=refusal[0].__name__) for refusal in REFUSALS],
)
def test_a_refusal_names_the_function_the_line_and_the_way_out(
    body: Body, function: str, way_out: str, rebuild: bool
) -> None:
    failure = run(body, rebuild=rebuild).failure
    assert failure is not None
    assert failure.type_name == "NotDurableError", failure.message
    assert function in failure.message
    assert refused_line(body) in failure.message
    assert way_out in failure.message.partition("Way out: ")[2]


def test_a_refusal_can_be_caught_and_the_orchestrator_goes_on() -> None:
    async def body(steps: Steps) -> Any:
        outcomes = []
        for _ in range(2):
            try:
                await asyncio.to_thread(sum, [1])
            except NotDurableError as error:
                outcomes.append(type(error).__name__)
            outcomes.append(await steps.act(1))
        return outcomes

    expected = ["NotDurableError", 2, "NotDurableError", 2]
    assert run(body).result == run(body, rebuild=True).result == expected


def test_what_anyio_would_run_in_a_thread_is_refused_each_time_and_never_run() -> None:
    ran: list[str] = []

    async def body(steps: Steps) -> Any:
        refusals = 0
        for _ in range(2):
            try:
                await anyio.to_thread.run_sync(ran.append, "in a thread")
            except NotDurableError:
                refusals += 1
            with anyio.move_on_after(1):
                await anyio.sleep(5)
        return [refusals, await steps.act(1)]

    assert run(body).result == run(body, rebuild=True).result == [2, 2]
    assert ran == []
    assert not any(thread.name.startswith("AnyIO") for thread in threading.enumerate())


def test_a_refused_foreign_future_can_be_caught_where_it_was_awaited() -> None:
    async def body(steps: Steps) -> Any:
        with contextlib.closing(asyncio.new_event_loop()) as other:
            try:
                await other.create_future()
            except NotDurableError:
                return await steps.act(1)

    assert run(body).result == run(body, rebuild=True).result == 2


def test_a_refusal_in_a_child_task_reaches_the_group() -> None:
    failure = run(inside_a_task_of_a_group).failure
    assert failure is not None
    assert failure.type_name == "ExceptionGroup"


@pytest.mark.parametrize("method", sorted(REFUSED))
def test_every_refused_method_refuses_at_the_call(method: str) -> None:
    async def body(steps: Steps) -> None:
        getattr(asyncio.get_running_loop(), method)(None, None)  # refused

    failure = run(body).failure
    assert failure is not None
    assert failure.type_name == "NotDurableError"
    assert REFUSED[method][0] in failure.message
    assert refused_line(body) in failure.message
    assert failure.message.endswith(f"{REFUSED[method][1]}.")


def test_no_method_of_an_event_loop_is_left_unanswered() -> None:
    names = [name for name, _ in inspect.getmembers(asyncio.AbstractEventLoop, inspect.isfunction)]
    unanswered = [
        name
        for name in names
        if getattr(OrchestratorLoop, name) is getattr(asyncio.AbstractEventLoop, name)
    ]
    assert unanswered == []


def test_asyncio_run_inside_is_refused_by_asyncio_itself_and_the_way_out_is_told() -> None:
    async def body(steps: Steps) -> None:
        work = steps.act(1)
        with contextlib.closing(work):
            try:
                asyncio.run(work)  # refused
            except ValueError:
                work.close()

    failure = run(body).failure
    assert failure is not None
    assert failure.type_name == "NotDurableError"
    assert failure.message.startswith(f"asyncio.run cannot be durable at {refused_line(body)}")
    assert "create_task" in failure.message


def test_the_refusal_of_asyncio_run_can_be_caught_as_asyncio_raises_it() -> None:
    async def body(steps: Steps) -> Any:
        work = steps.act(1)
        with contextlib.closing(work):
            try:
                asyncio.run(work)
            except RuntimeError as error:
                return type(error).__name__

    assert run(body).result == "RuntimeError"


def test_a_task_that_the_loop_did_not_make_is_refused_and_never_begins() -> None:
    began: list[str] = []

    async def work() -> None:
        began.append("work")

    async def body(steps: Steps) -> None:
        asyncio.Task(work())  # refused

    failure = run(body).failure
    assert failure is not None
    assert failure.type_name == "NotDurableError"
    assert "asyncio.create_task(...)" in failure.message and __file__ in failure.message
    assert began == []
