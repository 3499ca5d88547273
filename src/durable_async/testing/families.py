"""`Rivals` who ask things of one another: children, messages, entities, locks, new executions, and
operators who suspend, cancel, rewind and purge them.

Invariant: what the reference answers, the other engine answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import attrs
from hypothesis import strategies as st

from durable_async.core.rewind import rewound
from durable_async.model.commands import (
    AnswerRequest,
    AwaitInstance,
    CancelChild,
    CancelEntityCall,
    CancelInstanceWait,
    Command,
    ReleaseLock,
    RequestLock,
    SendCancel,
    SendEvent,
    SignalEntity,
    StartChild,
    StartInstance,
)
from durable_async.model.history import (
    ChildStarted,
    EntityCalled,
    EventReceived,
    ExecutionCancelled,
    ExecutionContinued,
    ExecutionStarted,
    InstanceAwaited,
    LockRequested,
)
from durable_async.model.identity import NAMED_LOCK, Caller, EntityId
from durable_async.model.outcome import Outcome
from durable_async.model.work import (
    Batch,
    Cancel,
    Claimed,
    ClaimedEntity,
    EntityCommit,
    EntityLease,
    EntityQuery,
    EpisodeCommit,
    ForgetAnswer,
    InstanceQuery,
    OperationResult,
    Purge,
    Receipt,
    Resume,
    Rewind,
    SendSignal,
    Suspend,
    Terminate,
)
from durable_async.testing.parties import (
    call,
    continued,
    counter,
    create,
    event,
    failed,
    signal,
    value,
)
from durable_async.testing.rivals import IDS, Actor, Rivals

__all__ = ["Families", "family_steps"]

KEYS = ("a", "b", "c")
REQUESTS = ("q0", "q1")


def family_steps() -> st.SearchStrategy[tuple[int, ...]]:
    """What `Families.take` plays."""
    return st.tuples(st.integers(0, 33), *[st.integers(0, 11)] * 4)


class Families(Rivals):
    def __init__(self, *arguments: Any) -> None:
        self._operations: dict[int, int] = {}
        self._leases: dict[EntityLease, EntityLease] = {}
        self._entities: dict[EntityId, tuple[Actor, ClaimedEntity]] = {}
        super().__init__(*arguments)

    def take(self, step: tuple[int, ...]) -> None:
        kind, *choices = step
        actor = self._actors[choices[0] % len(self._actors)]
        name = f"i{choices[1] % IDS}"
        match kind:
            case 20:
                self._commit(actor, messages=[Cancel(instance_id=name, reason=f"{choices[2]}")])
            case 21:
                self._commit(actor, messages=[Suspend(instance_id=name, reason=f"{choices[2]}")])
            case 22:
                self._commit(actor, messages=[Resume(instance_id=name)])
            case 23:
                self._commit(actor, messages=[Purge(instance_id=name)])
            case 24 | 25:
                self._rewind(actor, name)
            case 26:
                self._commit(actor, messages=[self._signal(choices)])
            case 27 | 28 | 29 | 30:
                self._operate(actor, choices)
            case 31:
                self._release_entity(actor, choices)
            case 32:
                self._commit(actor, messages=[self._other_message(name, choices)])
            case 33:
                stop = Terminate(instance_id=name, reason="r", recursive=choices[2] % 2 == 0)
                self._commit(actor, messages=[stop])
            case _:
                super().take(step)

    # ---- clients -----------------------------------------------------------------------------

    def _rewind(self, actor: Actor, name: str) -> None:
        (record,) = self._reference.records((name,))
        if record is not None and record.failure is not None:
            try:
                rewound(self._reference.history(name))
            except (KeyError, ValueError):  # what was played makes no sense to the core
                return
        self._commit(actor, messages=[Rewind(instance_id=name)])

    def _signal(self, choices: list[int]) -> SendSignal:
        due = None
        if choices[2] % 3 == 0:
            due = self._clock.now() + timedelta(seconds=choices[3] / 4)
        return signal(KEYS[choices[1] % len(KEYS)], input=value(f"{choices[2]}"), due=due)

    def _other_message(self, name: str, choices: list[int]) -> Any:
        request = REQUESTS[choices[2] % len(REQUESTS)]
        if choices[3] % 2:
            return ForgetAnswer(request_id=request)
        return event(name, request_id=request)

    # ---- episodes ----------------------------------------------------------------------------

    def _episode(self, actor: Actor, claimed: Claimed, choices: list[int]) -> EpisodeCommit:
        commit = super()._episode(actor, claimed, choices)
        if choices[3] not in (5, 6) or not isinstance(commit.result, Outcome):
            return commit
        self._executions += 1
        name = claimed.lease.instance_id
        ended: Any = ExecutionCancelled(reason="r")
        if choices[3] == 6:
            ended = self._continued(name)
        outcome = attrs.evolve(
            commit.result,
            ended=ended,
            events=(*commit.result.events, ended),
            carried=None if choices[2] % 3 == 0 else (EventReceived(name="c", data=value()),),
        )
        return attrs.evolve(commit, result=outcome)

    def _continued(self, name: str) -> ExecutionContinued:
        (record,) = self._reference.records((name,))
        parent = None
        if record is not None:
            started = self._reference.history(name)[0]
            assert isinstance(started, ExecutionStarted)
            parent = started.parent
        execution_id = f"x{self._executions}"
        return continued(
            name, input=value("[2]"), execution_id=execution_id, parent=parent, tags={"t": "2"}
        )

    def _commands(self, length: int, instance_id: str, choices: list[int]) -> list[Command]:
        (record,) = self._reference.records((instance_id,))
        if record is None:  # it was purged
            return []
        made = super()._commands(length, instance_id, choices)
        past = self._reference.history(instance_id)
        started = past[0]
        assert isinstance(started, ExecutionStarted)
        first = length * 10 + 3
        kind, other = choices[2], f"i{choices[3] % IDS}"
        match kind % 12:
            case 0 | 1:
                made.append(self._child(started, first, f"i{choices[1] % IDS}"))
                made.append(self._child(started, first + 1, f"i{(choices[1] + 1) % IDS}"))
            case 2:
                self._executions += 1
                made.append(StartInstance(number=first, request=self._detached(other)))
            case 3:
                made.append(AwaitInstance(number=first, instance_id=other))
            case 4:
                made.append(SendEvent(number=first, instance_id=other, name="e", data=value("1")))
                made.append(SendCancel(number=first + 1, instance_id=other, reason="s"))
            case 5:
                request = REQUESTS[choices[1] % len(REQUESTS)]
                made.append(AnswerRequest(number=first, request_id=request, result=value("7")))
            case 6 | 7:
                made += self._section(first, choices)
            case 8:
                made.append(call(first, KEYS[choices[1] % len(KEYS)]))
                made.append(
                    SignalEntity(
                        number=first + 1, entity=counter("b"), operation="add", input=value("[]")
                    )
                )
            case _:
                made += self._given_up(past, choices)
        return made

    def _child(self, started: ExecutionStarted, number: int, name: str) -> StartChild:
        parent = Caller(started.instance_id, started.execution_id, number)
        request = create(name, execution_id=f"{started.execution_id}.{number}", parent=parent)
        return StartChild(number=number, request=request)

    def _detached(self, name: str) -> Any:
        return create(name, execution_id=f"x{self._executions}", if_exists="replace")

    def _section(self, first: int, choices: list[int]) -> list[Command]:
        """A lock of one or two, and a call from inside it."""
        key = KEYS[choices[1] % len(KEYS)]
        entities = {counter(key), counter("b"), EntityId(NAMED_LOCK, "n")}
        wanted = tuple(sorted(entities))[choices[3] % 2 :]
        request = RequestLock(number=first, entities=wanted)
        return [request, call(first + 1, "b", lock=first), call(first + 2, "b")]

    def _given_up(self, past: Iterable[Any], choices: list[int]) -> list[Command]:
        """Of what it had asked for, some is not wanted any more."""
        made: list[Command] = []
        for each in past:
            if choices[1] % 2 and getattr(each, "number", 0) % 2:
                continue
            match each:
                case ChildStarted(number=number, request=request):
                    made.append(CancelChild(number=number, instance_id=request.instance_id))
                case InstanceAwaited(number=number, instance_id=instance_id):
                    made.append(CancelInstanceWait(number=number, instance_id=instance_id))
                case EntityCalled(number=number, entity=entity):
                    made.append(CancelEntityCall(number=number, entity=entity))
                case LockRequested(number=number):
                    made.append(ReleaseLock(number=number))
                case _:
                    pass
        return made

    # ---- entities ----------------------------------------------------------------------------

    def _operate(self, actor: Actor, choices: list[int]) -> None:
        """All or some of the operations of an entity that somebody has in hand."""
        if not self._entities:
            return
        entity = sorted(self._entities)[choices[1] % len(self._entities)]
        holder, claimed = self._entities.pop(entity)
        done = claimed.operations[: len(claimed.operations) - choices[2] % 2]
        results = []
        for each in done:
            if (each.number + choices[3]) % 5 == 0:
                results.append(OperationResult(number=each.number, failure=failed()))
                continue
            sent: dict[str, Any] = {}
            if choices[3] % 4 == 1:
                sent["messages"] = (signal("a"), event(f"i{choices[2] % IDS}"))
            if choices[3] % 4 == 2:
                self._executions += 1
                sent["starts"] = (
                    create(f"i{choices[2] % IDS}", execution_id=f"x{self._executions}"),
                )
            results.append(OperationResult(number=each.number, result=value("3"), **sent))
        state = None if choices[3] % 3 == 0 else value(f"{choices[2]}")
        commit = EntityCommit(lease=claimed.lease, state=state, results=tuple(results))
        self._commit(holder if choices[3] != 11 else actor, entities=[commit])

    def _release_entity(self, actor: Actor, choices: list[int]) -> None:
        if self._entities:
            entity = sorted(self._entities)[choices[1] % len(self._entities)]
            holder, claimed = self._entities.pop(entity)
            self._commit(holder, releases=[claimed.lease])

    # ---- both at once ------------------------------------------------------------------------

    def _translated(self, batch: Batch, session: str) -> Batch:
        batch = super()._translated(batch, session)
        entities = tuple(
            EntityCommit(
                lease=self._leases[each.lease],
                state=each.state,
                results=tuple(
                    attrs.evolve(result, number=self._operations[result.number])
                    for result in each.results
                ),
            )
            for each in batch.entities
        )
        releases = tuple(
            self._leases[each] if isinstance(each, EntityLease) else each for each in batch.releases
        )
        return attrs.evolve(batch, entities=entities, releases=releases)

    def _learn(self, expected: Receipt, actual: Receipt) -> None:
        super()._learn(expected, actual)
        others = {each.lease.entity: each for each in actual.claimed_entities}
        for each in expected.claimed_entities:
            other = others.get(each.lease.entity)
            if other is not None:
                self._leases[each.lease] = other.lease
                for one, same in zip(each.operations, other.operations, strict=False):
                    self._operations[one.number] = same.number
        assert _entities_of(actual) == _entities_of(expected)
        assert actual.answered == expected.answered
        kinds = [[type(error) for error in each.entities] for each in (actual, expected)]
        assert kinds[0] == kinds[1]

    def _follow(self, actor: Actor, batch: Batch, receipt: Receipt) -> None:
        super()._follow(actor, batch, receipt)
        for each in receipt.claimed_entities:
            self._entities[each.lease.entity] = actor, each

    def _end_session(self, actor: Actor, choices: list[int]) -> None:
        held = [name for name, (holder, _) in self._entities.items() if holder is actor]
        for name in held:
            del self._entities[name]
        super()._end_session(actor, choices)

    def _compare(self) -> None:
        super()._compare()
        reference, engine = self._reference, self._engine
        for entity in (*map(counter, KEYS), EntityId(NAMED_LOCK, "n")):
            assert engine.entity(entity) == reference.entity(entity)
        for query in (EntityQuery(), EntityQuery(type="counter", key_prefix="a", limit=1)):
            assert engine.entities(query) == reference.entities(query)
        for request in REQUESTS:
            assert engine.answer(request) == reference.answer(request)
        for instances in (
            InstanceQuery(parent_id="i0"),
            InstanceQuery(completed_before=self._clock.now()),
        ):
            assert engine.page(instances).records == reference.page(instances).records
            assert engine.count(instances) == reference.count(instances)


def _entities_of(receipt: Receipt) -> dict[EntityId, Any]:
    return {
        each.lease.entity: (
            each.state,
            [(one.name, one.input, one.caller, one.at) for one in each.operations],
        )
        for each in receipt.claimed_entities
    }
