"""Episodes of a batch.

Invariant: an episode is checked, and its events encoded, before anything of it is written, so that
one that is refused leaves nothing behind.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final, assert_never

from durable_async.engines import refusals
from durable_async.engines.clock import microseconds
from durable_async.engines.continuations import news_of_next, outlives, started
from durable_async.engines.limits import HISTORY_LIMIT, HISTORY_WARNING
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.activities import GOES_ON, WAITS, Activities
from durable_async.engines.sqlite.calls import Calls
from durable_async.engines.sqlite.creations import Creations
from durable_async.engines.sqlite.ends import Ends
from durable_async.engines.sqlite.holdings import Attempt, Held
from durable_async.engines.sqlite.rows import (
    DamageError,
    chunk_row,
    custom_status_row,
    message_row,
    news_of,
    serial_of,
    timer_row,
)
from durable_async.engines.sqlite.standing import of_held
from durable_async.engines.sqlite.writing import NewActivity, Writing
from durable_async.errors import LeaseLostError
from durable_async.model.commands import (
    AwaitEvent,
    CancelActivity,
    CancelEventWait,
    CancelTimer,
    Command,
    MarkPatch,
    RecordSideEffect,
    ScheduleActivity,
    StartTimer,
)
from durable_async.model.history import (
    ActivityCancelled,
    Delivered,
    ExecutionContinued,
    ExecutionFailed,
    TimerFired,
)
from durable_async.model.outcome import Blocked, Outcome, Unchanged
from durable_async.model.payload import Payload
from durable_async.model.work import EpisodeCommit

__all__ = ["Episodes"]

_logger: Final = logging.getLogger("durable_async.engines")

_HISTORY_ALONE: Final = (AwaitEvent, CancelEventWait, RecordSideEffect, MarkPatch)
"""Commands that nobody has to carry out."""


_ITS_OWN: Final = (ScheduleActivity, CancelActivity, StartTimer, CancelTimer, *_HISTORY_ALONE)
"""Commands that come to nothing in an episode that ends the execution."""


class Episodes:
    def __init__(
        self,
        writing: Writing,
        activities: Activities,
        ends: Ends,
        creations: Creations,
        calls: Calls,
    ) -> None:
        self._writing = writing
        self._activities = activities
        self._ends = ends
        self._creations = creations
        self._calls = calls

    def commit(self, commit: EpisodeCommit) -> None:
        writing = self._writing
        held = writing.holdings.held(commit.lease, writing.session)
        if held.root is not None and self._ends.reach_children():
            writing.write()
            held = writing.holdings.held(commit.lease, writing.session)
        if commit.length != held.length:
            self.release(held)
            raise refusals.length_differs(commit.lease, commit.length, held.length)
        if held.key in writing.stepped:  # a second episode of one instance: all in order
            self._activities.queue_all()
        match commit.result:
            case Outcome() as outcome:
                self._apply(held, commit, outcome)
            case Blocked(reason=reason, message=message):
                self._block(held, f"{reason}: {message}")
            case _:
                assert_never(commit.result)

    def release(self, held: Held) -> None:
        writing = self._writing
        writing.database.execute(queries.RELEASE, (held.key, held.session, held.lease.epoch))
        writing.holdings.drop(held)
        writing.created.pop(held.lease.instance_id, None)
        writing.hints.instance_at(writing.now)

    def _block(self, held: Held, why: str) -> None:
        """Nothing of the episode is kept. What it was woken with in memory is still to be
        reported by its session."""
        writing = self._writing
        writing.write()
        row = (why, writing.fingerprint, writing.now, held.key)
        writing.database.execute(queries.BLOCK, row)
        writing.database.execute(queries.TRIED, (held.key, writing.fingerprint))
        writing.holdings.drop(held)
        writing.hints.instance_at(writing.now)  # others may have other definitions

    # ---- outcomes ----------------------------------------------------------------------------

    def _apply(self, held: Held, commit: EpisodeCommit, outcome: Outcome) -> None:
        writing = self._writing
        finished = self._finished(held, commit)
        events, ended = outcome.events, outcome.ended
        length = held.length + len(events)
        if length > HISTORY_LIMIT and ended is None:
            self._fail_for_length(held, length)
        if held.length < HISTORY_WARNING <= length:
            _logger.warning("%s", refusals.long_history(held.lease.instance_id, length))
        if ended is not None:
            self._end(held, commit, outcome, finished)
            return
        key = held.key
        if events:
            execution_id = held.lease.execution_id
            writing.chunks.append(chunk_row(key, execution_id, held.length, events))
        # From here on, nothing can be refused any more.
        writing.stepped.add(key)
        if finished:
            self._activities.finish(finished)
        if not isinstance(outcome.custom_status, Unchanged):
            self._set_custom_status(key, outcome.custom_status)
        if commit.consumed:
            writing.consumed += [(message, key) for message in commit.consumed]
        for event in events:
            if type(event) is TimerFired:
                writing.ended_timers.append((key, event.number))
        others = self.carry_out(held, outcome.commands) if outcome.commands else None
        self._step(held, length, idle=outcome.idle)
        writing.holdings.advance(held, length, queries.RUNNING)
        writing.holdings.answer(key)
        if others is not None:
            self.ask_others(held, others)

    def _step(self, held: Held, length: int, *, idle: bool = False) -> None:
        writing = self._writing
        step = (length, writing.now, idle, writing.now, held.key)
        if held.status == queries.RUNNING:
            writing.steps.append(step)
        else:
            writing.first_steps.append(step)
            if held.status == queries.BLOCKED:
                writing.database.execute(queries.FORGET_TRIED, (held.key,))

    def _finished(self, held: Held, commit: EpisodeCommit) -> Sequence[Attempt]:
        """The activities that an episode was woken with directly. Each must still be this
        session's: if another one runs it, there may come to be two results."""
        if not commit.finished:
            return ()
        holdings, session = self._writing.holdings, self._writing.session
        try:
            attempts = [holdings.attempt(each, session) for each in commit.finished]
            for attempt in attempts:
                if serial_of(attempt.key) != held.serial:
                    raise refusals.report_refused(attempt.task.lease)
            if self._has_missed_news(held, commit):
                raise refusals.news_missed(held.lease)
        except LeaseLostError:
            self.release(held)
            raise
        return attempts

    def _has_missed_news(self, held: Held, commit: EpisodeCommit) -> bool:
        """Whether something was accepted before this batch that the episode does not know of."""
        writing = self._writing
        if not writing.holdings.has_news(held):
            return False
        earlier = writing.database.rows(queries.EARLIER_NEWS, (held.key, writing.now))
        if any(message not in commit.consumed for (message,) in earlier):
            return True
        if held.key not in writing.holdings.mailed:
            writing.holdings.has_no_news(held)
        return False

    def _fail_for_length(self, held: Held, length: int) -> None:
        instance_id = held.lease.instance_id
        error = refusals.history_limit(instance_id, length)
        ended = ExecutionFailed(failure=refusals.failure_from(error, instance_id=instance_id))
        self._ends.end(of_held(held), ended, (ended,))
        raise error

    def _set_custom_status(self, key: int, status: Payload | None) -> None:
        database = self._writing.database
        if status is None:
            database.execute(queries.CLEAR_CUSTOM_STATUS, (key,))
        else:
            database.execute(queries.SET_CUSTOM_STATUS, (key, custom_status_row(key, status)))

    # ---- commands ----------------------------------------------------------------------------

    def carry_out(self, held: Held, commands: Sequence[Command]) -> list[Command] | None:
        """Returns those that concern others, for `ask_others`."""
        writing, key = self._writing, held.key
        timers: dict[int, int] = {}
        activities: dict[int, NewActivity] = {}
        others: list[Command] | None = None
        for command in commands:
            kind = type(command)  # a chain of `match` costs more than all else here
            if kind is ScheduleActivity:
                assert isinstance(command, ScheduleActivity)
                activities[command.number] = self._activities.new(held, command)
            elif kind is StartTimer:
                assert isinstance(command, StartTimer)
                timers[command.number] = microseconds(command.due)
            elif kind is CancelTimer:
                assert isinstance(command, CancelTimer)
                if timers.pop(command.number, None) is None:
                    writing.ended_timers.append((key, command.number))
            elif isinstance(command, CancelActivity):
                if activities.pop(command.number, None) is None:
                    why = WAITS if command.wait else GOES_ON
                    self._activities.cancel_later(held, command.number, why)
                elif command.wait:
                    writing.notify(key, ActivityCancelled(number=command.number))
            elif kind not in _HISTORY_ALONE:
                others = others or []
                others.append(command)
        if timers:
            rows = [timer_row(key, number, due) for number, due in timers.items()]
            writing.started_timers += rows
        if activities:
            writing.schedule(key, [*activities.values()])
        return others

    def ask_others(self, held: Held, commands: Sequence[Command]) -> None:
        """To be called when the instance's own step was collected: others may answer it."""
        self._writing.write()
        for command in commands:
            self._calls.carry_out(held, command)

    # ---- ends --------------------------------------------------------------------------------

    def _end(
        self, held: Held, commit: EpisodeCommit, outcome: Outcome, finished: Sequence[Attempt]
    ) -> None:
        ended = outcome.ended
        assert ended is not None
        if isinstance(ended, ExecutionContinued):
            self._continue(held, commit, outcome, ended, finished)
            return
        others = [each for each in outcome.commands if not isinstance(each, _ITS_OWN)]
        if others:
            # Encoded first: what cannot be stored is refused with nothing sent.
            chunk_row(held.key, held.lease.execution_id, held.length, outcome.events)
            self._ask_last(held, others)
        self._ends.end(of_held(held), ended, outcome.events)
        if finished:
            self._activities.finish(finished)
        if not isinstance(outcome.custom_status, Unchanged):
            self._set_custom_status(held.key, outcome.custom_status)

    def _ask_last(self, held: Held, commands: Sequence[Command]) -> None:
        """What the execution asked of others before it was over."""
        self._step(held, held.length)  # it may be among them
        self.ask_others(held, commands)

    def _continue(
        self,
        held: Held,
        commit: EpisodeCommit,
        outcome: Outcome,
        ended: ExecutionContinued,
        finished: Sequence[Attempt],
    ) -> None:
        """The same instance goes on as a new execution (E12)."""
        writing, key, request = self._writing, held.key, ended.request
        version = self._creations.version(request)
        first = started(request, version, writing.moment)
        chunk = chunk_row(key, request.execution_id, 0, (first,))
        definition = writing.names.definition(request.name, version, request.queue)
        # From here on, nothing can be refused any more.
        self._activities.finish(finished)
        self._activities.queue_all()
        self._ask_last(held, [each for each in outcome.commands if outlives(each)])
        news = self._news_of_next(held, commit, outcome)
        if news is None:
            return
        database = writing.database
        for sql in queries.LEAVE_EXECUTION:
            database.execute(sql, (key,))
        self._ends.clear(of_held(held), ended)
        (serial,) = database.rows(queries.TAKE_SERIAL)[0]
        now = writing.now
        row = (request.execution_id, serial, definition, definition, now, now, key)
        database.execute(queries.CONTINUE, row)
        writing.chunks.append(chunk)
        writing.tags += [(name, value, key) for name, value in request.tags.items()]
        writing.mail += [message_row(key, now, event) for event in news]
        writing.holdings.drop(held)
        writing.hints.instance_at(now)
        writing.write()

    def _news_of_next(
        self, held: Held, commit: EpisodeCommit, outcome: Outcome
    ) -> tuple[Delivered, ...] | None:
        """None if the inbox is damaged, and the instance is set aside."""
        consumed = set(commit.consumed)
        rows = self._writing.database.rows(queries.INBOX, (held.key,))
        try:
            inbox = [news_of(row, held.key).event for row in rows if row[0] not in consumed]
        except DamageError as error:
            self._writing.set_aside(held.key, error)
            return None
        return news_of_next(outcome, inbox)
