"""Every kind of command, held against history: another one, a changed one, one too few or many."""

import asyncio
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from tests.unit.core.scripts import (
    ARRIVAL,
    T0,
    Code,
    Script,
    act,
    after,
    answer,
    call,
    child,
    detached,
    done,
    effect,
    event,
    go_on,
    history_of,
    lock,
    mismatch,
    outcome,
    replayed,
    request,
    result_of,
    runtime,
    send,
    send_cancel,
    signal,
    started,
)

from durable_async.core.episode import Execution, run_episode

Ask = Callable[[], Any]


def later(make: Callable[[], Any]) -> Ask:
    """Awaited in a task of its own, so that what comes behind it is asked for too."""
    return lambda: asyncio.ensure_future(make())


def sleeping(delay: float) -> Ask:
    return lambda: asyncio.get_running_loop().call_later(delay, print)


@attrs.frozen
class Kind:
    """ask: for the thing. other: for another of its kind. said: how each is called. changed: the
    same with other arguments, if that can be told."""

    name: str
    ask: Ask
    other: Ask
    said: tuple[str, str]
    changed: Ask | None = None


KINDS = (
    Kind(
        "activity",
        lambda: act(1, name="charge"),
        lambda: act(1, name="refund"),
        ("activity 'charge' scheduled at flows.py:1", "activity 'refund' at flows.py:1"),
        lambda: act(2, name="charge"),
    ),
    Kind(
        "event",
        later(lambda: event("paid")),
        later(lambda: event("shipped")),
        ("a wait for event 'paid' at flows.py:2", "a wait for event 'shipped' at flows.py:2"),
    ),
    Kind(
        "request",
        later(lambda: request("price")),
        later(lambda: event("price")),
        ("a wait for request 'price' at flows.py:9", "a wait for event 'price' at flows.py:2"),
    ),
    Kind(
        "side effect",
        lambda: effect(lambda: 1, name="roll"),
        lambda: effect(lambda: 1, name="toss"),
        ("side effect 'roll' recorded at flows.py:3", "side effect 'toss' at flows.py:3"),
    ),
    Kind(
        "child",
        lambda: child("ship"),
        lambda: child("send"),
        ("child 'ship' with id 'e-1:0' started at flows.py:4", "child 'send' with id 'e-1:0'"),
        lambda: child("ship", x=2),
    ),
    Kind(
        "id of a child",
        lambda: child("ship", id="s-1"),
        lambda: child("ship", id="s-2"),
        ("child 'ship' with id 's-1' started", "child 'ship' with id 's-2' at flows.py:4"),
    ),
    Kind(
        "child without its id",
        lambda: child("ship", id="s-1"),
        lambda: child("ship"),
        ("child 'ship' with id 's-1' started", "child 'ship' with id 'e-1:0' at flows.py:4"),
    ),
    Kind(
        "detached instance",
        lambda: detached("audit"),
        lambda: detached("log"),
        (
            "a detached instance of 'audit' with id 'e-1:0' started at flows.py:5",
            "a detached instance of 'log' with id 'e-1:0' at flows.py:5",
        ),
    ),
    Kind(
        "another's result",
        lambda: result_of("a-1"),
        lambda: result_of("a-2"),
        ("the result of instance 'a-1' awaited", "the result of instance 'a-2' at flows.py:6"),
    ),
    Kind(
        "message",
        lambda: send("a-1", "go"),
        lambda: send("a-1", "stop"),
        ("event 'go' sent to instance 'a-1' at flows.py:7", "event 'stop' sent to instance 'a-1'"),
    ),
    Kind(
        "target of a message",
        lambda: send("a-1", "go"),
        lambda: send("a-2", "go"),
        ("event 'go' sent to instance 'a-1'", "event 'go' sent to instance 'a-2' at flows.py:7"),
    ),
    Kind(
        "cancel of another",
        lambda: send_cancel("a-1"),
        lambda: send_cancel("a-2"),
        ("a cancel of instance 'a-1' at flows.py:8", "a cancel of instance 'a-2' at flows.py:8"),
        lambda: send_cancel("a-1", "another reason"),
    ),
    Kind(
        "answer",
        lambda: answer("r-1"),
        lambda: answer("r-2"),
        ("an answer to request 'r-1' at flows.py:10", "an answer to request 'r-2' at flows.py:10"),
    ),
    Kind(
        "operation",
        lambda: call("k", "add"),
        lambda: call("k", "drop"),
        (
            "operation 'add' of entity Counter 'k' called at flows.py:11",
            "operation 'drop' of entity Counter 'k' at flows.py:11",
        ),
        lambda: call("k", "add", x=2),
    ),
    Kind(
        "entity",
        lambda: call("k", "add"),
        lambda: call("l", "add"),
        ("entity Counter 'k'", "operation 'add' of entity Counter 'l' at flows.py:11"),
    ),
    Kind(
        "signal",
        lambda: signal("k", "reset"),
        lambda: signal("k", "drop"),
        (
            "signal 'reset' to entity Counter 'k' at flows.py:12",
            "signal 'drop' to entity Counter 'k' at flows.py:12",
        ),
        lambda: signal("k", "reset", due=after(5)),
    ),
    Kind(
        "lock",
        lambda: lock("a"),
        lambda: lock("a", "b"),
        (
            "a lock of entity Counter 'a' requested at flows.py:13",
            "a lock of entity Counter 'a', entity Counter 'b' at flows.py:13",
        ),
    ),
    Kind(
        "timer",
        sleeping(5),
        lambda: act(1, name="charge"),
        ("a timer until 2026-03-01 12:00:05 UTC started at ", "activity 'charge' at flows.py:1"),
        sleeping(50),
    ),
)

kinds = pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in KINDS])


def script(*asks: Ask) -> Script:
    """Asks for all of it in its first step, then waits for an event that is asked for at last."""

    async def asking() -> None:
        kept = [ask() for ask in asks]
        await asyncio.sleep(0)  # so that tasks begin
        await event("last", line="flows.py:99")
        del kept

    return asking


def nothing() -> None:
    """Ask for nothing."""


@kinds
def test_unchanged_code_asks_for_the_same(kind: Kind) -> None:
    history = history_of(script(kind.ask))
    result = outcome(run_episode(Code(script(kind.ask)), history, (), T0, strict=True))
    assert (result.events, result.commands) == ((), ())


@kinds
def test_asking_for_another_is_a_mismatch_with_both_lines_and_what_to_do(kind: Kind) -> None:
    message = mismatch(replayed(script(kind.other), history_of(script(kind.ask))))
    recorded, asked = kind.said
    assert f"event 2 says {recorded}" in message or recorded in message
    assert f"but the code asks for {asked}" in message
    assert "roll it back" in message and "goes on by itself" in message


@kinds
def test_asking_for_it_no_more_is_a_mismatch(kind: Kind) -> None:
    message = mismatch(replayed(script(nothing), history_of(script(kind.ask))))
    assert kind.said[0] in message
    assert "the code asks for a wait for event 'last' at flows.py:99" in message


@kinds
def test_asking_for_one_more_is_a_mismatch(kind: Kind) -> None:
    message = mismatch(replayed(script(kind.ask), history_of(script())))
    assert "event 2 says a wait for event 'last' at flows.py:99" in message

    async def last_of_all() -> None:
        await act(0)
        kind.ask()
        await asyncio.sleep(0)
        await asyncio.get_running_loop().create_future()

    async def without() -> None:
        await act(0)
        await asyncio.get_running_loop().create_future()

    message = mismatch(replayed(last_of_all, history_of(without, done(0, 0))))
    assert "history has no further command at event 5" in message


@kinds
def test_ending_before_it_is_a_mismatch(kind: Kind) -> None:
    async def ends() -> None: ...

    message = mismatch(replayed(ends, history_of(script(kind.ask))))
    assert "the orchestrator now ends before it" in message
    assert kind.said[0] in message


@kinds
def test_other_arguments_are_told_of_and_in_strict_replay_a_mismatch(kind: Kind) -> None:
    if kind.changed is None:
        return
    history = history_of(script(kind.ask))
    reports: list[str] = []
    execution = Execution(Code(script(kind.changed)), report=lambda what, _: reports.append(what))
    result = outcome(execution.run(history, (), T0))
    execution.close()
    assert (result.events, len(reports)) == ((), 1)
    assert "arguments changed: history says" in reports[0] and kind.said[0] in reports[0]
    strict = run_episode(Code(script(kind.changed)), history, (), T0, strict=True)
    message = mismatch(strict)
    assert kind.said[0] in message
    assert "with other arguments at" in message or "until 2026-03-01 12:00:50 UTC at" in message


def test_timers_that_read_alike_are_told_apart() -> None:
    history = history_of(script(sleeping(5)))
    reports: list[str] = []
    execution = Execution(Code(script(sleeping(5.25))), report=lambda what, _: reports.append(what))
    execution.run(history, (), T0)
    execution.close()
    (said,) = reports
    assert said.count("until 2026-03-01 12:00:05 UTC") == 2
    assert "UTC, at another moment of that second, at " in said


def test_a_surplus_command_tells_what_history_has_instead() -> None:
    async def old() -> None:
        await act(1)
        await act(2)

    async def new() -> None:
        await act(1)
        act(3, name="new", line="new.py:1")
        await act(2)

    message = mismatch(replayed(new, history_of(old, done(0, 0), done(1, 0))))
    assert "event 5 says activity 'act' scheduled" in message
    assert "asks for activity 'new' at new.py:1" in message

    async def at_once() -> None:
        act(3, name="new", line="new.py:1")
        act(4, name="newer", line="new.py:2")
        await act(1)

    async def only() -> None:
        act(3, name="new", line="new.py:1")
        await asyncio.get_running_loop().create_future()

    message = mismatch(replayed(at_once, history_of(only, done(0, 0))))
    assert "(event 3 says an episode started)" in message
    assert "asks for activity 'newer' at new.py:2, and history has no further command" in message


CANCELLED = (
    pytest.param(child, "child 0 cancelled", id="child"),
    pytest.param(lambda: result_of("o"), "the wait 0 for an instance cancelled", id="instance"),
    pytest.param(call, "the operation 0 of an entity cancelled", id="entity"),
    pytest.param(lambda: lock("a")[1], "lock 0 released", id="lock"),
    pytest.param(lambda: act(0), "activity 0 cancelled", id="activity"),
)


@pytest.mark.parametrize(("wait", "told"), CANCELLED)
def test_giving_up_is_matched_by_target_and_missing_or_surplus_it_is_a_mismatch(
    wait: Ask, told: str
) -> None:
    def giving_up(when: str) -> Script:
        async def asking() -> None:
            future = wait()
            await act(1, name="first")
            if when == "before":
                future.cancel()
            act(2, name="second")
            if when == "after":
                future.cancel()
            await event("never")

        return asking

    histories = {when: history_of(giving_up(when), done(1, 0)) for when in ("before", "after", "")}
    for when in ("before", "after"):
        for other in ("before", "after"):
            assert outcome(replayed(giving_up(other), histories[when])).events == ()
        assert f"says {told}, but the code now waits" in mismatch(
            replayed(giving_up(""), histories[when])
        )
        surplus = mismatch(replayed(giving_up(when), histories[""]))
        assert f"the code asks for {told} at {__file__}:" in surplus


def test_a_cancel_that_is_owed_is_told_with_its_own_position() -> None:
    async def cancels() -> None:
        timers = [asyncio.get_running_loop().call_later(60, print) for _ in range(2)]
        await act(0)
        timers[0].cancel()
        timers[1].cancel()
        act(1)
        await event("never")

    async def cancels_one() -> None:
        timers = [asyncio.get_running_loop().call_later(60, print) for _ in range(2)]
        await act(0)
        timers[1].cancel()
        act(1)
        await event("never")

    message = mismatch(replayed(cancels_one, history_of(cancels, done(2, 0))))
    assert "event 7 says timer 0 cancelled, but the code now waits" in message


def test_blocked_tells_apart_what_history_says_and_what_the_code_asks_for() -> None:
    blocked: Any = replayed(script(lambda: child("send")), history_of(script(child)))
    assert blocked.recorded == "child 'ship' with id 'e-1:0' started at flows.py:4"
    assert blocked.asked == "the code asks for child 'send' with id 'e-1:0' at flows.py:4"
    assert blocked.line == "flows.py:4"


def test_going_on_as_new_is_asked_for_where_a_command_stands() -> None:
    async def goes_on() -> None:
        go_on("again")

    message = mismatch(replayed(goes_on, history_of(script(child))))
    assert "event 2 says child 'ship' with id 'e-1:0' started at flows.py:4" in message
    assert "asks for going on as new with 'again' at flows.py:14" in message


def test_lines_of_other_calls_are_looked_up_only_for_those_who_read_them() -> None:
    looked_up: list[str] = []

    def line() -> str:
        looked_up.append("line")
        return "flows.py:5"

    async def starting() -> None:
        runtime().send_event(instance_id="o", name="go", data=ARRIVAL_DATA, line=line)
        await event("last")

    history = history_of(starting)
    assert looked_up == ["line"]
    assert outcome(replayed(starting, history)).events == ()
    assert looked_up == ["line"]
    assert started() == history[0]
    assert ARRIVAL.value(ARRIVAL_DATA) == 1


ARRIVAL_DATA = attrs.evolve(started().input, data=b"1")
