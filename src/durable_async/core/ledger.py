"""What the code asked for, in order. Invariant: a command is numbered where it is asked for, and
either matches the next recorded one or is new; once it is closed nothing is added.

The first thing that does not fit what history says blocks the episode, with both lines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, assert_never

from durable_async.core.description import Asked, describe, subject
from durable_async.core.loop import OrchestratorLoop
from durable_async.core.match import NO_PATCHES, CancelEvent, Matcher, is_changed, is_same
from durable_async.core.refusals import not_durable
from durable_async.core.tasks import OrchestratorTask
from durable_async.model.commands import Command
from durable_async.model.history import (
    Ended,
    EventReceived,
    ExecutionCancelled,
    ExecutionCompleted,
    ExecutionContinued,
    ExecutionFailed,
    ExecutionStarted,
    HistoryEvent,
    Recorded,
    TimerStarted,
)
from durable_async.model.outcome import Blocked, OutcomeEnd

__all__ = ["Ledger", "Line", "Report", "text_of"]

Line = str | Callable[[], str]
"""The user's line, or how to find it: most are never read."""

Report = Callable[[str, BaseException | None], None]

_FROM_OUTSIDE = (
    "If the code has not changed, it depends on something outside of history, such as the clock, "
    "random numbers or a global: take these from da.now(), da.random(), da.uuid4(), da.side_effect "
    "or an activity"
)

_GO_ON = (
    "If the code has changed, roll it back or make it ask for the same again: the instance then "
    f"goes on by itself, nothing of it is lost. {_FROM_OUTSIDE}. To give the instance up, "
    "terminate it"
)


class Ledger:
    """The commands of one execution. report: told of changed arguments, and of problems that nobody
    awaits. strict: changed arguments are a mismatch, not just reported.

    matcher: while replaying; None: what is asked for is new. length: how many events history
    has. ended: how, once that is certain. carried: events for the execution that follows.
    closed: nothing that is still asked for happens. left_by: the number of the task that went on
    as new. failed_at: "file:line" where what ended it was raised. performing: a side effect runs.
    """

    __slots__ = (
        "_cancels",
        "_numbers",
        "_patches",
        "_report",
        "_started",
        "_strict",
        "blocked",
        "carried",
        "closed",
        "commands",
        "ended",
        "events",
        "failed_at",
        "left_by",
        "length",
        "loop",
        "matcher",
        "performing",
    )
    loop: OrchestratorLoop

    def __init__(self, started: ExecutionStarted, report: Report, *, strict: bool) -> None:
        self.events: list[HistoryEvent] = []
        self.commands: list[Command] = []
        self.length = 0
        self.matcher: Matcher | None = None
        self.blocked: Blocked | None = None
        self.ended: OutcomeEnd | None = None
        self.carried: tuple[EventReceived, ...] | None = None
        self.closed = False
        self.performing = False
        self.left_by: int | None = None
        self.failed_at = ""
        self._started = started
        self._report = report
        self._strict = strict
        self._numbers = 0
        self._patches = NO_PATCHES
        self._cancels: list[tuple[int, int, int]] = []  # task, position in commands, in events

    # ---- commands ----------------------------------------------------------------------------

    def next_number(self) -> int:
        if self.performing:
            self.refuse_in_side_effect("a durable call")
        number = self._numbers
        self._numbers += 1
        return number

    def refuse_in_side_effect(self, what: str) -> None:
        if self.performing:
            raise not_durable(
                f"{what} inside a side effect",
                "a side effect runs once, and replay passes it over: make the call outside of it",
                self.loop.user_line(),
            )

    def line(self, line: Line) -> str:
        """For a new command; "" during replay, as looking it up takes longer than the rest."""
        return text_of(line) if self.matcher is None else ""

    def ask(self, command: Any, line: Line) -> None:
        """Issue a command, or match it with the recorded one."""
        if self.matcher is None:
            self.issue(command)
        else:
            self.match(command.recorded(), line)

    def issue(self, command: Command) -> None:
        self.loop.progress()
        self.commands.append(command)
        self.events.append(command.recorded())
        self.length += 1

    def match(self, asked: Recorded, line: Line) -> None:
        """Hold what the code asks for, as it would be recorded, against what was."""
        assert self.matcher is not None
        recorded = self.matcher.expected()
        if recorded is None or not is_same(recorded, asked):
            self.mismatch(subject(asked), line)
            return
        self.matcher.accept()
        if is_changed(recorded, asked):
            self._changed(recorded, asked, line)

    def cancel(self, command: Command, event: CancelEvent) -> None:
        """Issue or match what names its target instead of having a number."""
        if self.closed:
            return
        if self.matcher is None:
            if self.loop.cancelling is not None:
                place = len(self.commands), len(self.events)
                self._cancels.append((self.loop.cancelling, *place))
            self.issue(command)
        elif not self.matcher.accept_cancel(event):
            self.mismatch(describe(event), self.loop.user_line)

    def order_cancels(self) -> None:
        """Order the commands that the cancels of one step caused by task, as their wake-ups are:
        whoever cancels a set of tasks does it in an order of addresses."""
        cancels, self._cancels = self._cancels, []
        ordered = sorted(cancels)  # by task number, then by who came first
        commands = [self.commands[at] for _, at, _ in ordered]
        events = [self.events[at] for _, _, at in ordered]
        for (_, at, at_event), command, event in zip(cancels, commands, events, strict=True):
            self.commands[at] = command
            self.events[at_event] = event

    # ---- patches -----------------------------------------------------------------------------

    def patches(self) -> frozenset[str]:
        """The ids of those that are marked in the history that was replayed, wherever."""
        return self._patches if self.matcher is None else self.matcher.patches

    def pass_mark(self) -> None:
        """The code has come to a mark for the first time."""
        if self.matcher is not None:
            self.matcher.accept_mark()

    def replay_from(self, matcher: Matcher | None) -> None:
        """Match commands with recorded ones from now on; None: they are new."""
        if self.matcher is not None:
            self._patches = self.matcher.patches
        self.matcher = matcher

    # ---- the end -----------------------------------------------------------------------------

    def go_on_as_new(self, asked: ExecutionContinued, line: Line) -> None:
        """The execution ends here and now; the loop takes no further step."""
        matcher = self.matcher
        if matcher is not None:
            recorded = matcher.next_end()
            if not isinstance(recorded, ExecutionContinued) or not is_same(recorded, asked):
                self.mismatch(subject(asked), line)
                return
            if is_changed(recorded, asked):
                self._changed(recorded, asked, line)
            asked = recorded
        task = asyncio.current_task(self.loop)
        self.left_by = task.number if isinstance(task, OrchestratorTask) else None
        self.ended = asked
        self.closed = True
        self.loop.stop_running()

    def meet_end(self) -> None:
        """The replayed code has ended: history must say so too, and how."""
        assert self.matcher is not None
        assert self.ended is not None
        verb, why = _how(self.ended, self.failed_at)
        recorded = self.matcher.next_end()
        if type(recorded) is type(self.ended):
            self.ended = recorded
        elif recorded is not None:
            self.missing(f"the orchestrator now {verb}{why}")
        elif self.matcher.unmatched() is not None:
            self.missing(f"the orchestrator now {verb} before it{why}")
        else:
            position = self.matcher.position
            instead = f"the orchestrator now {verb}{why}"
            told = f"{instead}, and history goes on at event {position}"
            self._differ(told, None, instead)

    # ---- what does not fit -------------------------------------------------------------------

    def block(self, reason: str, message: str) -> None:
        """Nothing of this episode will be committed, for another reason than a mismatch."""
        self.blocked = Blocked(reason=reason, message=message)
        self.loop.stop_running()

    def _differ(
        self, told: str, recorded: HistoryEvent | None, instead: str, line: str = ""
    ) -> None:
        """Block on a mismatch. told: all of it in one sentence. line: where the code asks."""
        if self.blocked is None:
            self.blocked = Blocked(
                reason="mismatch",
                message=self._explain(told),
                recorded="" if recorded is None else describe(recorded),
                asked=instead,
                line=line or getattr(recorded, "line", ""),
            )
        self.loop.stop_running()

    def mismatch(self, asked: str, line: Line) -> None:
        """The code asks for what history does not have here."""
        assert self.matcher is not None
        place = text_of(line)
        code = f"the code asks for {asked} at {place}" if place else f"the code asks for {asked}"
        recorded: HistoryEvent | None = self.matcher.expected()
        position = self.matcher.position
        if recorded is not None:
            told = f"event {position} says {describe(recorded)}, but {code}"
        else:
            told = f"{code}, and history has no further command at event {position}"
            following = self.matcher.unmatched()
            if following is not None:
                recorded = following[1]
                told += f" (event {following[0]} says {describe(recorded)})"
        self._differ(told, recorded, code, place)

    def meet_rest(self) -> None:
        """The replayed code waits, and nothing that was recorded will wake it: history must have
        no further command."""
        assert self.matcher is not None
        if self.matcher.unmatched() is not None:
            tasks = ", ".join(f"{name} at {line}" for name, line in self.loop.waiting_lines())
            self.missing(f"the code now waits without asking for it: {tasks}")

    def missing(self, instead: str) -> None:
        """The code does not come to what history says next."""
        assert self.matcher is not None
        unmatched = self.matcher.unmatched()
        assert unmatched is not None, "whoever says so has looked"
        position, recorded = unmatched
        told = f"event {position} says {describe(recorded)}, but {instead}"
        self._differ(told, recorded, instead)

    def torn(self, event: HistoryEvent) -> None:
        """History closes a wait that is not open, or the code has changed."""
        assert self.matcher is not None
        instead = "the code waits for nothing of that number"
        told = f"event {self.matcher.position - 1} says {describe(event)}, but {instead}"
        self._differ(told, event, instead)

    def _changed(self, recorded: Recorded | Ended, asked: Asked, line: Line) -> None:
        told, now = describe(recorded), subject(asked)
        if not isinstance(asked, TimerStarted):
            now += " with other arguments"
        elif told.startswith(now):
            now += ", at another moment of that second,"
        place = text_of(line)
        code = f"{now} at {place}"
        if self._strict:
            instead = f"the code asks for {code}"
            self._differ(f"history says {told}, but {instead}", recorded, instead, place)
        else:
            self._report(
                f"arguments changed: history says {told}, the code now asks for {code}; the "
                f"recorded result is used. {_FROM_OUTSIDE}",
                None,
            )

    def _explain(self, message: str) -> str:
        return f"{self.title}: its code no longer fits its history: {message}. {_GO_ON}"

    @property
    def title(self) -> str:
        """Which instance is meant, for people."""
        return f"instance {self._started.instance_id!r} ({self._started.name})"


def text_of(line: Line) -> str:
    return line if isinstance(line, str) else line()


def _how(ended: OutcomeEnd, failed_at: str) -> tuple[str, str]:
    """What the orchestrator does, and why."""
    match ended:
        case ExecutionFailed(failure=failure):
            cause = f": {failure.message}" if failure.message else ""
            where = f" (raised at {failed_at})" if failed_at else ""
            return "fails", f", with {failure.type_name}{cause}{where}"
        case ExecutionCompleted():
            return "ends", ""
        case ExecutionCancelled():
            return "is cancelled", ""
        case ExecutionContinued():
            return "goes on as new", ""
        case _:
            assert_never(ended)
