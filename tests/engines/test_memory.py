"""What is the memory engine's own; that it keeps the rules is told by `test_conformance`."""

from durable_async.engines.memory import MemoryEngine
from durable_async.model.commands import (
    AnswerRequest,
    AwaitInstance,
    Command,
    ReleaseLock,
    RequestLock,
)
from durable_async.model.work import ForgetAnswer, InstanceQuery, Purge
from durable_async.testing.parties import (
    Party,
    SettableClock,
    activity,
    call,
    child,
    completed,
    continued,
    counter,
    event,
    the_only,
    value,
)


def test_what_another_session_left_behind_is_noticed_once() -> None:
    engine = MemoryEngine(SettableClock())
    party = Party.join(engine)
    party.run(party.start(), activity(0))
    assert not engine.changed()
    engine.close_session(party.session)
    assert engine.changed()
    assert not engine.changed()


def test_a_store_in_memory_outlives_closing() -> None:
    engine = MemoryEngine(SettableClock())
    engine.open()
    Party.join(engine).start()
    engine.close()
    engine.open()
    assert engine.count(InstanceQuery()) == 1


def test_many_rounds_leave_no_trace_of_what_is_over() -> None:
    clock = SettableClock()
    engine = MemoryEngine(clock)
    party = Party.join(engine)
    claimed = party.start()
    party.run(claimed)
    for _ in range(50):
        (woken,) = party.commit(messages=[event()]).claimed
        receipt = party.run(woken, activity(len(party.history())))
        party.fail(receipt.activities[0], 0.001)
        clock.advance(1)
        (task,) = party.commit().activities
        (woken,) = party.fail(task).claimed
        party.run(woken)
    assert len(engine._store.agenda) < 10
    assert len(engine._store.queue) < 10


def test_ten_thousand_generations_leave_no_trace_of_those_before() -> None:
    engine = MemoryEngine(SettableClock())
    party = Party.join(engine)
    other = party.start("o")
    claimed = party.start()
    store = engine._store
    for generation in range(2, 10_002):
        commands: list[Command] = [
            activity(0),
            AwaitInstance(number=1, instance_id="o"),
            call(2),
            RequestLock(number=3, entities=(counter("locked"),)),
            AnswerRequest(number=4, request_id=f"r{generation}", result=value()),
        ]
        party.commit(claims=False, episodes=[party.episode(claimed, *commands)])
        party.lengths["i"] += 1 + len(commands)
        end = continued(generation=generation)
        messages = [ForgetAnswer(request_id=f"r{generation}")]
        receipt = party.run_all(
            party.episode(claimed, ended=end, length=party.lengths["i"]), messages=messages
        )
        (claimed,) = [each for each in receipt.claimed if each.lease.instance_id == "i"]
    instance = store.instances["i"]
    assert len(instance.history) == 1
    assert not instance.answers and not instance.activities and not instance.waits
    assert not store.instances["o"].waiters
    assert not store.running and not store.entities
    for agenda in (store.agenda, store.queue, store.operations):
        assert len(agenda) < 10
    assert party.run(other, ended=completed()).claimed == ()


def test_whatever_is_purged_leaves_no_trace() -> None:
    engine = MemoryEngine(SettableClock())
    party = Party.join(engine)
    for _ in range(50):
        receipt = party.run(party.start("p"), child("c"))
        woken = the_only(party.run(the_only(receipt.claimed), ended=completed()).claimed)
        lock = RequestLock(number=9, entities=(counter(),))
        party.run(woken, lock, ReleaseLock(number=9), ended=completed())
        party.commit(messages=[Purge(instance_id="p")])
    store = engine._store
    assert not store.instances and not store.children and not store.entities
