"""What an execution asks of others: children, instances, entities, locks, and whoever asked it."""

import asyncio
from typing import Any

import attrs
import pytest
from tests.unit.core.scripts import (
    ARRIVAL,
    T0,
    Arrival,
    CardDeclined,
    Code,
    act,
    after,
    answer,
    answered,
    asked,
    call,
    child,
    data,
    detached,
    done,
    entity,
    episode,
    event,
    first,
    got,
    history_of,
    kept_and_rebuilt,
    lock,
    outcome,
    refused,
    replayed,
    request,
    result_of,
    runtime,
    send,
    send_cancel,
    signal,
    started,
)

from durable_async.core.episode import Execution
from durable_async.errors import InstanceAlreadyExistsError, RemoteError
from durable_async.model.commands import (
    AnswerRequest,
    AwaitInstance,
    CallEntity,
    CancelChild,
    CancelEntityCall,
    CancelInstanceWait,
    ReleaseLock,
    RequestLock,
    SendCancel,
    SendEvent,
    SignalEntity,
    StartChild,
    StartInstance,
)
from durable_async.model.history import (
    CallCompleted,
    CallFailed,
    ChildStarted,
    EntityCalled,
    EventAwaited,
    EventWaitCancelled,
    ExecutionCompleted,
    LockReleased,
    LockRequested,
)
from durable_async.model.identity import Caller
from durable_async.model.outcome import Blocked


def only(result: Any) -> Any:
    (command,) = outcome(result).commands
    return command


# ---- children --------------------------------------------------------------------------------


async def one_child() -> Any:
    return await child()


def test_a_child_is_started_where_it_is_awaited_and_knows_who_waits_for_it() -> None:
    command = only(first(one_child))
    assert isinstance(command, StartChild)
    assert command.request.parent == Caller("order-1", "e-1", 0)
    assert (command.request.name, command.request.input) == ("ship", data([1]))
    assert (command.number, command.fingerprint, command.line) == (0, 1, "flows.py:4")
    assert command.recorded() in first(one_child).events


def test_ids_of_children_come_of_the_execution_and_the_number() -> None:
    async def two() -> None:
        await asyncio.gather(child(), child())

    def requests(execution_id: str) -> list[Any]:
        start = attrs.evolve(started(), execution_id=execution_id)
        execution = Execution(Code(two))
        commands = outcome(execution.run([start], (), T0)).commands
        execution.close()
        return [command.request for command in commands if isinstance(command, StartChild)]

    ours, again, others = requests("e-1"), requests("e-1"), requests("e-2")
    assert [each.instance_id for each in ours] == ["e-1:0", "e-1:1"]
    assert ours == again
    assert {each.execution_id for each in ours}.isdisjoint(each.execution_id for each in others)
    assert len({each.execution_id for each in ours}) == 2
    assert all(len(each.execution_id) == 32 for each in ours)


def test_an_explicit_id_is_the_childs() -> None:
    async def named() -> None:
        await child(id="ship-7")

    assert only(first(named)).request.instance_id == "ship-7"


def test_the_childs_result_is_that_of_the_await() -> None:
    history = kept_and_rebuilt(one_child, answered(0, 42))
    assert history[-1] == ExecutionCompleted(result=data(42))


def test_a_failed_child_raises_where_it_is_awaited() -> None:
    async def catching() -> Any:
        try:
            await child()
        except CardDeclined as error:
            return str(error)

    history = kept_and_rebuilt(catching, refused(0, message="out of stock"))
    assert history[-1] == ExecutionCompleted(result=data("out of stock"))


def test_a_cancelled_await_cancels_the_child_and_goes_on_at_once() -> None:
    async def losing() -> Any:
        task = asyncio.create_task(one_child())
        await act(1)
        task.cancel()
        await asyncio.wait([task])
        return "gone on"

    history = history_of(losing)
    result = outcome(replayed(losing, history, done(0, 0)))
    assert result.commands == (CancelChild(number=1, instance_id="e-1:1"),)
    assert result.ended == ExecutionCompleted(result=data("gone on"))
    kept_and_rebuilt(losing, done(0, 0))


def test_what_a_cancelled_child_comes_to_is_ignored() -> None:
    async def losing() -> None:
        task = asyncio.create_task(one_child())
        await act(1)
        task.cancel()
        await event("never")

    execution = Execution(Code(losing))
    history = list(outcome(execution.run([started()], (), T0)).events)
    history += outcome(execution.run((), (done(0, 0),), T0)).events
    assert outcome(execution.run((), (answered(1, 3),), T0)).events == ()
    execution.close()
    assert outcome(replayed(losing, [started(), *history], answered(1, 3))).events == ()


def test_definitions_of_others_are_learnt_as_they_are_awaited() -> None:
    learnt: list[object] = []

    async def asking() -> None:
        common: dict[str, Any] = {"name": "n", "version": None, "newest": False, "queue": "q"}
        rest: dict[str, Any] = {"input": data(1), "fingerprint": 0, "line": "a.py:1"}
        runtime().start_child(
            **common, **rest, id=None, tags={}, arrival=ARRIVAL, definition="child"
        )
        runtime().call_entity(
            **rest, entity=entity(), operation="o", lock=None, arrival=ARRIVAL, definition="entity"
        )
        runtime().signal_entity(
            **rest, entity=entity(), operation="o", due=None, definition="signalled"
        )
        runtime().start_instance(
            **common,
            **rest,
            id=None,
            tags={},
            start_at=None,
            if_exists="raise",
            definition="detached",
        )
        runtime().continue_as_new(**(common | {"tags": None}), **rest, carry=True, definition="it")

    execution = Execution(Code(asking), learn=learnt.append)
    execution.run([started()], (), T0)
    execution.close()
    assert learnt == ["child", "entity", "signalled", "detached", "it"]


# ---- how an answer arrives -------------------------------------------------------------------


def test_a_result_that_cannot_be_read_raises_where_it_is_awaited() -> None:
    async def catching() -> Any:
        try:
            await child()
        except Exception as error:
            return type(error).__name__

    unreadable = CallCompleted(number=0, result=attrs.evolve(data(1), data=b"{"))
    assert kept_and_rebuilt(catching, unreadable)[-1] == ExecutionCompleted(
        result=data("SerializationError")
    )


class TestAFailureOfAClassThatIsNotAtHand:
    async def script(self) -> Any:
        try:
            await child()
        except RemoteError as error:
            await event("never")
            return error.type_name

    def test_is_recorded_as_delivered_as_a_remote_error(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Arrival, "known", False)
        history = history_of(self.script, refused(0))
        assert attrs.evolve(refused(0), as_remote=True) in history
        monkeypatch.setattr(Arrival, "known", True)
        assert outcome(replayed(self.script, history)).events == ()

    def test_blocks_where_it_was_delivered_as_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def script() -> None:
            try:
                await child()
            except CardDeclined:
                await event("never")

        history = history_of(script, refused(0))
        monkeypatch.setattr(Arrival, "known", False)
        result = replayed(script, history)
        assert isinstance(result, Blocked)
        assert result.reason == "missing_class"
        assert "event 4 delivered x:Y as itself" in result.message


# ---- other instances -------------------------------------------------------------------------


async def starting() -> Any:
    instance_id, there = detached()
    await there
    return instance_id


def test_a_detached_start_gives_the_id_and_waits_until_it_is_there() -> None:
    command = only(first(starting))
    assert isinstance(command, StartInstance)
    assert command.request.instance_id == "e-1:0"
    assert command.request.parent is None
    assert kept_and_rebuilt(starting, answered(0))[-1] == ExecutionCompleted(result=data("e-1:0"))


def test_what_only_has_to_be_answered_brings_nothing() -> None:
    async def script() -> Any:
        return [await detached()[1], await lock("a")[1]]

    history = kept_and_rebuilt(script, answered(0, "more than was asked"), answered(1))
    assert history[-1] == ExecutionCompleted(result=data([None, None]))


def test_a_detached_start_of_an_id_that_is_taken_raises() -> None:
    async def taken() -> Any:
        try:
            await detached(id="audit-1")[1]
        except InstanceAlreadyExistsError as error:
            return str(error)

    problem = refused(0, "durable_async.errors:InstanceAlreadyExistsError", "it is there")
    assert kept_and_rebuilt(taken, problem)[-1] == ExecutionCompleted(result=data("it is there"))


def test_giving_up_the_wait_for_a_start_records_nothing() -> None:
    async def impatient() -> Any:
        _, there = detached()
        await act(1)
        there.cancel()
        await event("never")

    result = outcome(replayed(impatient, history_of(impatient), done(1, 0)))
    assert [type(each) for each in result.events[2:]] == [EventAwaited]
    history = kept_and_rebuilt(impatient, done(1, 0))
    assert outcome(replayed(impatient, history, answered(0))).events == ()


async def awaiting() -> Any:
    return await result_of("other")


def test_another_instances_result_can_be_awaited() -> None:
    assert first(awaiting).commands == (
        AwaitInstance(number=0, instance_id="other", line="flows.py:6"),
    )
    assert kept_and_rebuilt(awaiting, answered(0, 5))[-1] == ExecutionCompleted(result=data(5))


def test_a_cancelled_wait_for_another_instance_leaves_it_alone() -> None:
    async def losing() -> None:
        wait = result_of("other")
        await act(1)
        wait.cancel()
        assert not wait.cancel()

    result = outcome(replayed(losing, history_of(losing), done(1, 0)))
    assert result.commands == (CancelInstanceWait(number=0, instance_id="other"),)
    kept_and_rebuilt(losing, done(1, 0))


def test_messages_to_other_instances_are_issued_at_the_call() -> None:
    async def sending() -> None:
        send("order-2", "paid", [1])
        send_cancel("order-3", "too late")

    assert first(sending).commands == (
        SendEvent(number=0, instance_id="order-2", name="paid", data=data([1]), line="flows.py:7"),
        SendCancel(number=1, instance_id="order-3", reason="too late", line="flows.py:8"),
    )
    kept_and_rebuilt(sending)


# ---- requests --------------------------------------------------------------------------------


async def answering() -> None:
    request_id, question = await request()
    answer(request_id, [ARRIVAL.value(question)])


def test_a_request_brings_its_id_and_is_answered_under_it() -> None:
    assert history_of(answering)[-1] == EventAwaited(
        number=0, name="ask", line="flows.py:9", request=True
    )
    result = outcome(replayed(answering, history_of(answering), asked("ask", "how many", "r-7")))
    assert result.commands == (
        AnswerRequest(number=1, request_id="r-7", result=data(["how many"]), line="flows.py:10"),
    )
    kept_and_rebuilt(answering, asked("ask", "how many", "r-7"))


def test_requests_and_events_of_one_name_do_not_mix() -> None:
    async def both() -> Any:
        found, (_, question) = await asyncio.gather(event("x"), request("x"))
        return [found, json_of(question)]

    def json_of(payload: Any) -> Any:
        return ARRIVAL.value(payload)

    for news in ([got("x", 1), asked("x", 2)], [asked("x", 2), got("x", 1)]):
        assert kept_and_rebuilt(both, *news)[-1] == ExecutionCompleted(result=data([1, 2]))


def test_requests_wait_in_line_and_a_cancelled_waiter_swallows_none() -> None:
    async def unlucky() -> Any:
        waiter = asyncio.create_task(request())
        await act(0)
        runtime().inbox.receive(asked("ask", 1, "first"))
        waiter.cancel()  # in the same step: it has not resumed yet
        await asyncio.wait([waiter])
        return [(await request())[0], (await request())[0]]

    history = history_of(unlucky, done(0, 0))
    assert EventWaitCancelled(number=1) in history
    result = outcome(replayed(unlucky, history, asked("ask", 2, "second")))
    assert result.ended == ExecutionCompleted(result=data(["first", "second"]))


def test_of_several_that_were_handed_something_the_cancelled_one_gives_its_own_back() -> None:
    async def unlucky() -> Any:
        waiters = [asyncio.create_task(event("go")) for _ in range(3)]
        await act(0)
        for number in range(3):
            runtime().inbox.receive(got("go", number))
        waiters[1].cancel()  # in the same step: it has not resumed yet
        await asyncio.wait(waiters)
        return [waiters[0].result(), waiters[2].result(), await event("go")]

    result = outcome(replayed(unlucky, history_of(unlucky), done(0, 0)))
    assert result.ended == ExecutionCompleted(result=data([0, 2, 1]))


def test_a_waiter_that_was_cancelled_first_leaves_to_others_what_they_were_handed() -> None:
    async def script() -> Any:
        waiters = [asyncio.create_task(event("go")) for _ in range(2)]
        await act(0)
        waiters[0].cancel()
        runtime().inbox.receive(got("go", 1))  # in the same step: nobody has resumed yet
        await asyncio.wait(waiters)
        return [waiters[0].cancelled(), waiters[1].result()]

    result = outcome(replayed(script, history_of(script), done(0, 0)))
    assert result.ended == ExecutionCompleted(result=data([True, 1]))


# ---- entities and locks ----------------------------------------------------------------------


async def adding() -> Any:
    return await call()


def test_an_operation_is_called_where_it_is_awaited() -> None:
    assert first(adding).commands == (
        CallEntity(
            number=0,
            entity=entity(),
            operation="add",
            input=data([1]),
            fingerprint=1,
            line="flows.py:11",
        ),
    )
    assert kept_and_rebuilt(adding, answered(0, 9))[-1] == ExecutionCompleted(result=data(9))


def test_a_cancelled_operation_is_taken_back() -> None:
    async def losing() -> None:
        wait = call()
        await act(1)
        wait.cancel()

    result = outcome(replayed(losing, history_of(losing), done(1, 0)))
    assert result.commands == (CancelEntityCall(number=0, entity=entity()),)
    kept_and_rebuilt(losing, done(1, 0))


def test_a_signal_is_issued_and_nobody_waits_for_it() -> None:
    async def signalling() -> None:
        signal()
        signal(due=after(60))

    commands = first(signalling).commands
    assert [type(each) for each in commands] == [SignalEntity, SignalEntity]
    assert [getattr(each, "due", None) for each in commands] == [None, after(60)]
    assert first(signalling).ended == ExecutionCompleted(result=data(None))
    kept_and_rebuilt(signalling)


async def section() -> Any:
    number, granted = lock("a", "b")
    try:
        await granted
        return await call("a", lock=number)
    finally:
        runtime().release_lock(number)
        runtime().release_lock(number)


def test_a_lock_is_requested_granted_and_released_once() -> None:
    history = kept_and_rebuilt(section, answered(0), answered(1, 5))
    assert history == [
        started(),
        episode(),
        LockRequested(number=0, entities=(entity("a"), entity("b")), line="flows.py:13"),
        episode(),
        CallCompleted(number=0),
        EntityCalled(
            number=1,
            entity=entity("a"),
            operation="add",
            input=data([1]),
            fingerprint=1,
            lock=0,
            line="flows.py:11",
        ),
        episode(),
        answered(1, 5),
        LockReleased(number=0),
        ExecutionCompleted(result=data(5)),
    ]
    assert first(section).commands == (
        RequestLock(number=0, entities=(entity("a"), entity("b")), line="flows.py:13"),
    )


def test_a_lock_that_is_not_wanted_any_more_is_released_before_it_is_granted() -> None:
    async def losing() -> None:
        task = asyncio.create_task(section())
        await act(1)
        task.cancel()
        await asyncio.wait([task])
        await event("never")

    history = kept_and_rebuilt(losing, done(0, 0))
    assert history.count(LockReleased(number=1)) == 1
    assert outcome(replayed(losing, history, answered(1))).events == ()


def test_a_lock_granted_to_who_is_cancelled_in_the_same_step_is_released() -> None:
    async def losing() -> None:
        task = asyncio.create_task(section())
        await event("go")
        task.cancel()
        await asyncio.wait([task])
        await event("never")

    history = history_of(losing)
    news = (answered(1), got("go", 1))
    history += outcome(replayed(losing, history, *news)).events
    assert LockReleased(number=1) in history
    assert outcome(replayed(losing, history)).events == ()


def test_a_lock_failure_is_an_error_of_ours() -> None:
    async def failing() -> Any:
        try:
            await lock("a")[1]
        except Exception as error:
            return type(error).__name__

    problem = refused(0, "durable_async.errors:LockError", "it would wait for itself")
    assert kept_and_rebuilt(failing, problem)[-1] == ExecutionCompleted(result=data("LockError"))


def test_cancels_of_one_step_are_ordered_by_task_whatever_they_cancel() -> None:
    async def waiting(wait: Any) -> None:
        await wait

    async def many(order: list[int]) -> None:
        loop_tasks = [
            asyncio.create_task(waiting(wait))
            for wait in (child(), result_of("o"), call(), lock("a")[1], act(0))
        ]
        await event("go")
        for place in order:
            loop_tasks[place].cancel()
        await asyncio.wait(loop_tasks)

    def script(order: list[int]) -> Any:
        async def ordered() -> None:
            await many(order)

        return ordered

    histories = []
    for order in ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 0, 3, 1]):
        histories.append(kept_and_rebuilt(script(order), got("go", 1)))
        result = replayed(script(order), histories[0])
        assert outcome(result).events == ()
    assert histories[0] == histories[1] == histories[2]
    kinds = [
        type(each)
        for each in outcome(
            replayed(script([0, 1, 2, 3, 4]), history_of(script([0, 1, 2, 3, 4])), got("go", 1))
        ).commands
    ]
    assert kinds[:4] == [CancelChild, CancelInstanceWait, CancelEntityCall, ReleaseLock]


# ---- eviction --------------------------------------------------------------------------------


def test_nothing_is_issued_while_an_execution_is_closed() -> None:
    seen: list[str] = []

    async def holding() -> None:
        number, granted = lock("a")
        await granted
        try:
            await event("never")
        finally:
            runtime().release_lock(number)
            send()
            send_cancel()
            answer("r-1")
            signal()
            assert not runtime().patched("p")
            assert lock("b")[0] == -1
            assert detached(id="d")[0] == "d"
            assert detached()[0] == ""
            waits = (child(), call(), result_of("o"), act(1), detached()[1], lock("c")[1])
            for number, wait in enumerate(waits):
                try:
                    await wait
                except GeneratorExit:
                    seen.append(f"wait {number}")
            try:
                runtime().continue_as_new()
            except BaseException as error:
                seen.append(type(error).__name__)

    execution = Execution(Code(holding))
    history = list(outcome(execution.run([started()], (), T0)).events)
    history += outcome(execution.run((), (answered(0),), T0)).events
    execution.close()
    assert seen[:6] == [f"wait {number}" for number in range(6)]
    assert outcome(replayed(holding, [started(), *history])).events == ()


@pytest.mark.parametrize("wait", [child, call, lambda: lock("a")[1], lambda: result_of("o")])
def test_an_execution_that_waits_for_others_is_not_idle(wait: Any) -> None:
    async def waiting() -> None:
        await wait()

    async def stuck() -> None:
        wait().cancel()
        await asyncio.get_running_loop().create_future()

    assert not first(waiting).idle
    assert first(stuck).idle


@pytest.mark.parametrize("answer_of", [answered, refused])
def test_an_answer_that_nobody_waits_for_is_ignored_and_in_history_it_is_torn(
    answer_of: Any,
) -> None:
    history = history_of(one_child)
    assert outcome(replayed(one_child, history, answer_of(7))).events == ()
    result = replayed(one_child, [*history, episode(), answer_of(7)])
    assert isinstance(result, Blocked)
    assert "waits for nothing of that number" in result.message


def test_recorded_forms_hold_all_that_was_asked_for() -> None:
    assert ChildStarted in [type(each) for each in first(one_child).events]
    assert CallFailed(number=1, failure=refused(1).failure) == refused(1)
