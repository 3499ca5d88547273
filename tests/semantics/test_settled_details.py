"""What the numbered lines leave open, and is settled all the same.

Some of it is specified elsewhere: the clock of test environments, and what they raise, in
tests/testing; schedules, `da.run` and guards in tests/app; requests and references in
tests/unit/dsl; locks with line 33, blocked instances with line 29, if_exists with line 27.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

import durable_async as da
from durable_async import testing
from durable_async.model.history import EventAwaited, EventSent

from .worlds import World, after, kinds_of

HERE = re.escape(Path(__file__).name)
NAIVE = datetime(2030, 1, 1)


@da.activity
async def note(what: str) -> str:
    return what


@da.orchestrator
async def wait_for(name: str) -> Any:
    return await da.wait_for_event(name)


@da.orchestrator
async def sleeper() -> str:
    await asyncio.sleep(3_600)
    return "slept"


# ---- test environments ---------------------------------------------------------------------


async def test_stand_ins_are_put_in_place_at_once_by_functions_or_definitions() -> None:
    @da.activity
    async def fake(what: str) -> str:
        return f"{what} of a definition"

    @da.orchestrator
    async def flow() -> str:
        return await note("said")

    async with testing.environment([flow, note]) as env:
        assert env.replace(note, lambda what: f"{what} of a function") is None  # type: ignore[func-returns-value]  # it is no coroutine
        assert await (await env.client.start(flow())).result() == "said of a function"
        env.replace(note, fake)
        handle = await env.client.start(flow())
        assert await handle.result() == "said of a definition"
        assert not inspect.iscoroutinefunction(testing.replay)
        testing.replay(await handle.history(), [flow, note])


async def test_without_a_cache_each_episode_is_rebuilt(world: World) -> None:
    passed: list[int] = []

    @da.orchestrator
    async def flow() -> None:
        for number in range(3):
            passed.append(number)
            await asyncio.sleep(1)

    async with world([flow], rebuild=False, cache=0) as env:
        await (await env.client.start(flow())).result()
    assert passed == [0, 0, 1, 0, 1, 2, 0, 1, 2]


# ---- matching ------------------------------------------------------------------------------


def sends(to: str, name: str, data: object) -> da.Orchestrator[[], str]:
    @da.orchestrator(name="sends")
    async def flow() -> str:
        da.send_event(to, name, data)
        return await da.wait_for_event("go", str)

    return flow


@pytest.mark.parametrize(
    ("changed", "fits"),
    [
        (sends("box", "news", "other data"), True),
        (sends("box", "olds", "data"), False),
        (sends("other-box", "news", "data"), False),
    ],
)
async def test_a_message_is_matched_by_its_name_and_target(
    world: World, changed: da.Orchestrator[[], str], fits: bool
) -> None:
    original = sends("box", "news", "data")
    async with world([original, wait_for]) as env:
        box = await env.client.start(wait_for("news"), id="box")
        handle = await env.client.start(original())
        assert await box.result() == "data"
        await env.deploy([changed, wait_for])
        await handle.raise_event("go", "went on")
        if fits:
            assert await handle.result() == "went on"
        else:
            with pytest.raises(da.NonDeterminismError):
                await handle.result()
        (sent,) = kinds_of(await handle.history(), EventSent)
        assert (sent.instance_id, sent.name) == ("box", "news")


async def test_a_wait_for_an_event_is_matched_by_its_name_whatever_its_type() -> None:
    @da.orchestrator(name="flow")
    async def untyped() -> str:
        return str(await da.wait_for_event("number"))

    @da.orchestrator(name="flow")
    async def typed() -> str:
        return str(await da.wait_for_event("number", float))

    async with testing.environment([untyped]) as env:
        handle = await env.client.start(untyped())
        await env.advance(0)
        (wait,) = kinds_of(await handle.history(), EventAwaited)
        assert wait.name == "number"
        await env.deploy([typed])
        await handle.raise_event("number", 1)
        assert await handle.result() == "1.0"


@pytest.mark.parametrize("how", ["returns", "raises"])
async def test_to_end_with_recorded_commands_ahead_is_a_mismatch(world: World, how: str) -> None:
    @da.orchestrator(name="flow")
    async def original() -> str:
        await note("first")
        return await da.wait_for_event("go", str)

    @da.orchestrator(name="flow")
    async def shorter() -> str:
        await note("first")
        if how == "raises":
            raise LookupError("gone")
        return "done"

    async with world([original, note]) as env:
        handle = await env.client.start(original())
        await env.advance(0)
        await env.deploy([shorter, note])
        await handle.raise_event("go", "went on")
        with pytest.raises(da.NonDeterminismError, match=r"event 'go'.*(ends|fails) before it"):
            await handle.result()
        assert (await handle.state()).status is da.RuntimeStatus.BLOCKED
        await env.deploy([original, note])
        assert await handle.result() == "went on"


# ---- what a state and a failure tell -------------------------------------------------------


async def test_a_failure_tells_what_failed_where_and_why(world: World) -> None:
    @da.activity(retry=da.RetryPolicy(max_attempts=2, initial_interval=1))
    async def pay() -> None:
        error = ConnectionError("no route")
        error.add_note("tried the second bank")
        raise error from TimeoutError("too slow")

    @da.orchestrator
    async def flow() -> None:
        await pay()

    async with world([flow, pay]) as env:
        handle = await env.client.start(flow(), id="order-1")
        failure = (await handle.wait()).failure
        assert failure is not None
        assert failure.type_name == "builtins:ConnectionError"
        assert failure.message == "no route"
        assert "tried the second bank" in failure.notes
        assert (failure.activity, failure.attempt, failure.instance_id) == ("pay", 2, "order-1")
        assert failure.cause is not None
        assert failure.cause.message == "too slow"
        assert "in pay" in failure.traceback


async def test_what_is_pending_tells_the_attempt_that_is_next_and_the_line(world: World) -> None:
    @da.activity(retry=da.RetryPolicy(max_attempts=5, initial_interval=60))
    async def pay() -> None:
        raise ConnectionError("no route")

    @da.orchestrator
    async def flow() -> None:
        await pay()

    async with world([flow, pay]) as env:
        handle = await env.client.start(flow())
        await env.advance(70)  # two attempts have failed
        (pending,) = (await handle.state()).pending
        assert (pending.kind, pending.name, pending.attempt) == ("activity", "pay", 3)
        assert pending.due_at == after(120)  # a second minute, as no wait is longer
        assert pending.last_failure is not None
        assert re.search(rf"{HERE}:\d+$", pending.line)


async def test_the_length_of_a_history_is_how_many_events_it_has(world: World) -> None:
    async with world([sleeper]) as env:
        handle = await env.client.start(sleeper())
        for _ in range(2):
            assert (await handle.state()).history_length == len(await handle.history())
            await env.advance(0)
        await handle.result()
        assert (await handle.state()).history_length == len(await handle.history())


# ---- what is refused -----------------------------------------------------------------------


@da.orchestrator
async def naive(how: str) -> None:
    match how:
        case "sleep_until":
            await da.sleep_until(NAIVE)
        case "start_at":
            await da.start(sleeper(), start_at=NAIVE)
        case _:
            da.entity_ref(Box, "k").signal_at(NAIVE, Box.put, 1)


@da.entity
@attrs.define
class Box:
    content: int = 0

    def put(self, content: int) -> None:
        self.content = content


@pytest.mark.parametrize("how", ["sleep_until", "start_at", "signal_at"])
async def test_a_moment_without_a_time_zone_is_refused_with_what_to_add(how: str) -> None:
    async with testing.environment([naive, sleeper, Box]) as env:
        handle = await env.client.start(naive(how))
        with pytest.raises(ValueError, match="time zone"):
            await handle.result()
        with pytest.raises(ValueError, match="time zone"):
            await env.client.start(sleeper(), start_at=NAIVE)
        assert await env.client.count() == 1


async def test_events_without_a_name_are_refused_on_every_way() -> None:
    @da.orchestrator
    async def flow(how: str) -> None:
        if how == "send":
            da.send_event("other", "")
        else:
            await da.wait_for_event("")

    async with testing.environment([flow]) as env:
        for how in ("send", "wait"):
            with pytest.raises(ValueError, match="empty"):
                await (await env.client.start(flow(how))).result()
        handle = env.client.handle("any")
        with pytest.raises(ValueError, match="empty"):
            await handle.raise_event("")


def test_two_definitions_of_one_name_are_refused_where_the_worker_is_made() -> None:
    with pytest.raises(ValueError, match=rf"(?s)'sends'.*{HERE}:\d+.*{HERE}:\d+"):
        da.Worker(da.Client("sqlite://"), [sends("a", "b", 1), sends("c", "d", 2)])


Verb = Callable[[da.Handle[Any]], Awaitable[object]]
LIVE_VERBS: dict[str, Verb] = {
    "raise_event": lambda handle: handle.raise_event("go"),
    "ask": lambda handle: handle.ask("question"),
    "cancel": lambda handle: handle.cancel("why"),
    "terminate": lambda handle: handle.terminate("why"),
    "suspend": lambda handle: handle.suspend("why"),
    "resume": lambda handle: handle.resume("why"),
}


@pytest.mark.parametrize("end", ["completed", "cancelled", "terminated"])
async def test_what_has_ended_is_told_nothing_more(world: World, end: str) -> None:
    async with world([wait_for]) as env:
        handle = await env.client.start(wait_for("go"), id="order-1")
        match end:
            case "completed":
                await handle.raise_event("go", "x")
            case "cancelled":
                await handle.cancel("no")
            case _:
                await handle.terminate("no")
        await handle.wait()
        before = await handle.history()
        for name, verb in LIVE_VERBS.items():
            with pytest.raises(da.InstanceFinishedError, match=f"'order-1'.*{end.upper()}"):
                await verb(handle)
            assert await handle.history() == before, name


async def test_whoever_is_unknown_is_named(world: World) -> None:
    async with world([wait_for]) as env:
        unknown = env.client.handle("nobody")
        verbs: dict[str, Verb] = LIVE_VERBS | {
            "rewind": lambda handle: handle.rewind(),
            "restart": lambda handle: handle.restart(),
            "purge": lambda handle: handle.purge(),
        }
        for verb in verbs.values():
            with pytest.raises(da.InstanceNotFoundError, match="'nobody'"):
                await verb(unknown)


# ---- suspended -----------------------------------------------------------------------------


async def test_timers_that_were_due_while_it_was_suspended_come_in_the_order_of_their_time(
    world: World,
) -> None:
    @da.orchestrator
    async def flow() -> list[str]:
        order: list[str] = []

        async def nap(seconds: int) -> None:
            await asyncio.sleep(seconds)
            order.append(f"{seconds} at {da.now():%H:%M:%S}")

        await asyncio.gather(nap(30), nap(10), nap(20), nap(3_600))
        return order

    async with world([flow]) as env:
        handle = await env.client.start(flow())
        await env.advance(1)
        await handle.suspend("a break")
        await handle.suspend("and another")  # a no-op
        await env.advance(60)
        state = await handle.state()
        assert state.status is da.RuntimeStatus.SUSPENDED
        length = state.history_length
        await handle.resume()
        await handle.resume()
        await env.advance(0)
        assert (await handle.state()).history_length > length
        assert await handle.result() == [
            "10 at 00:01:01",
            "20 at 00:01:01",
            "30 at 00:01:01",
            "3600 at 01:00:00",
        ]


async def test_a_question_to_one_that_is_suspended_waits_for_its_answer(world: World) -> None:
    @da.orchestrator
    async def flow() -> None:
        async for request in da.requests("double", int):
            request.reply(2 * request.data)

    async with world([flow]) as env:
        handle = await env.client.start(flow())
        await env.advance(0)
        await handle.suspend("a break")
        question = asyncio.ensure_future(handle.ask("double", 21, int))
        await env.advance(60)
        assert not question.done()
        await handle.resume()
        assert await question == 42


async def test_what_comes_while_it_is_suspended_is_delivered_in_the_order_in_which_it_came(
    world: World,
) -> None:
    @da.orchestrator
    async def flow() -> list[str]:
        order: list[str] = []

        async def when(name: str, wait: Any) -> None:
            await wait
            order.append(name)

        await asyncio.gather(
            when("timer", asyncio.sleep(20)),
            when("event", da.wait_for_event("go")),
            when("activity", slow()),
        )
        return order

    release = asyncio.Event()

    @da.activity
    async def slow() -> None:
        await release.wait()

    async with world([flow, slow]) as env:
        handle = await env.client.start(flow())
        await env.advance(1)
        await handle.suspend("a break")
        await env.advance(9)
        await handle.raise_event("go")
        await env.advance(20)
        release.set()
        await env.advance(10)
        await handle.resume()
        assert await handle.result() == ["event", "timer", "activity"]


# ---- arguments -----------------------------------------------------------------------------


@da.orchestrator
async def typed(number: int = 0, share: float = 0.0, *, names: tuple[str, ...] = ()) -> list[Any]:
    return [number, share, type(share).__name__, list(names)]


WRONG: list[tuple[str, Callable[[], Any]]] = [
    ("str for int", lambda: typed("1")),  # type: ignore[arg-type]  # what is tested
    ("float for int", lambda: typed(1.0)),  # type: ignore[arg-type]  # what is tested
    ("bool for int", lambda: typed(True)),
    ("bool for float", lambda: typed(1, True)),
    ("str for float", lambda: typed(1, "2")),  # type: ignore[arg-type]  # what is tested
    ("a member", lambda: typed(names=("a", 1))),  # type: ignore[arg-type]  # what is tested
]


@pytest.mark.parametrize("call", [call for _, call in WRONG], ids=[name for name, _ in WRONG])
async def test_an_argument_that_does_not_fit_is_refused_and_nothing_is_recorded(
    call: Callable[[], Any],
) -> None:
    @da.orchestrator
    async def parent() -> str:
        try:
            await call()
        except da.SerializationError:
            return f"refused, with {da.info().history_length} events"
        return "taken"

    async with testing.environment([typed, parent]) as env:
        with pytest.raises(da.SerializationError, match="typed"):
            await env.client.start(call())
        assert await env.client.count() == 0
        handle = await env.client.start(parent())
        assert (await handle.result()).startswith("refused")
        kinds = [type(event).__name__ for event in await handle.history()]
        assert kinds == ["ExecutionStarted", "EpisodeStarted", "ExecutionCompleted"]


async def test_an_int_fits_a_float_and_may_be_of_any_size(world: World) -> None:
    huge = -(10**40)
    async with world([typed]) as env:
        handle = await env.client.start(typed(huge, 3, names=("a",)))
        assert await handle.result() == [huge, 3.0, "float", ["a"]]


# ---- issued, not awaited -------------------------------------------------------------------


async def test_messages_replies_and_cancels_are_issued_and_not_awaited(world: World) -> None:
    @da.orchestrator
    async def flow() -> list[Any]:
        ref = await da.start(wait_for("news"), id="free")
        other = await da.start(wait_for("news"), id="cancelled")
        said: list[Any] = [
            da.send_event("free", "olds"),  # type: ignore[func-returns-value]  # what is tested
            ref.send_event("news", "sent"),  # type: ignore[func-returns-value]  # what is tested
            other.cancel("no"),  # type: ignore[func-returns-value]  # what is tested
        ]
        async for request in da.requests("question", str):
            if request.data == "no":
                said.append(request.reject("not that"))  # type: ignore[func-returns-value]  # what is tested
            else:
                said.append(request.reply("yes"))  # type: ignore[func-returns-value]  # what is tested
                break
        return [*said, await ref.result()]

    async with world([flow, wait_for]) as env:
        handle = await env.client.start(flow())
        with pytest.raises(da.RequestRejectedError, match="not that"):
            await handle.ask("question", "no")
        assert await handle.ask("question", "well?", str) == "yes"
        assert await handle.result() == [*[None] * 5, "sent"]
        state = await env.client.handle("cancelled").wait()
        assert state.status is da.RuntimeStatus.CANCELLED


async def test_a_message_to_nobody_is_dropped_and_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    @da.orchestrator
    async def flow() -> str:
        da.send_event("nobody-here", "news")
        return await note("went on")

    async with world([flow, note]) as env:
        assert await (await env.client.start(flow())).result() == "went on"
    assert "nobody-here" in caplog.text


# ---- what ends an interpreter --------------------------------------------------------------


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
async def test_an_orchestrator_that_would_leave_the_interpreter_fails_and_the_worker_lives(
    world: World, error: type[BaseException]
) -> None:
    @da.orchestrator
    async def flow(where: str) -> str:
        if where == "orchestrator":
            raise error("leave")
        return await leave()

    @da.activity
    async def leave() -> str:
        raise error("leave")

    @da.activity
    def leave_in_a_thread() -> str:
        raise error("leave")

    @da.orchestrator
    async def in_a_thread() -> str:
        return await leave_in_a_thread()

    async with world([flow, in_a_thread, leave, leave_in_a_thread, wait_for]) as env:
        handle = await env.client.start(flow("orchestrator"))
        state = await handle.wait()
        assert state.status is da.RuntimeStatus.FAILED
        assert state.failure is not None
        assert state.failure.type_name == f"builtins:{error.__name__}"
        for call in (flow("activity"), in_a_thread()):
            with pytest.raises(da.RemoteError) as raised:
                await (await env.client.start(call)).result()
            assert raised.value.type_name.endswith(error.__name__)
        other = await env.client.start(wait_for("go"))
        await other.raise_event("go", "the worker lives")
        assert await other.result() == "the worker lives"


# ---- what is told --------------------------------------------------------------------------


async def test_a_background_failure_that_nobody_collects_is_told_with_instance_and_line(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    @da.orchestrator
    async def flow() -> str:
        async def breaks() -> None:
            raise LookupError("nobody looks")

        task = asyncio.create_task(breaks())
        await asyncio.sleep(1)
        del task
        return "done"

    with caplog.at_level(logging.WARNING, logger="durable_async.worker"):
        async with world([flow]) as env:
            assert await (await env.client.start(flow(), id="order-1")).result() == "done"
    told = [
        record
        for record in caplog.records
        if record.exc_info is not None and isinstance(record.exc_info[1], LookupError)
    ]
    assert [record.name for record in told] == ["durable_async.worker"]
    assert "'order-1'" in told[0].getMessage()
    assert re.search(rf"{HERE}:\d+", told[0].getMessage())


async def test_what_waits_for_somebody_that_is_missing_is_told_with_instance_and_line(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    @da.orchestrator
    async def flow() -> str:
        return await note("nobody runs it")

    with caplog.at_level(logging.WARNING, logger="durable_async.worker"):
        async with world([flow]) as env:
            await env.client.start(flow(), id="order-1")
            await env.advance(0)
    (told,) = [record for record in caplog.records if record.name == "durable_async.worker"]
    assert "'note'" in told.getMessage()
    assert "'order-1'" in told.getMessage()
    assert re.search(rf"{HERE}:\d+", told.getMessage())
