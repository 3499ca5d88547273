"""What is the memory engine's own; that it keeps the rules is told by `test_conformance`."""

from durable_async.engines.memory import MemoryEngine
from durable_async.model.work import InstanceQuery
from durable_async.testing.parties import Party, SettableClock, activity, event


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
