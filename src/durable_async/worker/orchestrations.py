"""Runs episodes. Invariant: a kept execution is exactly what its history in the store would
rebuild; whenever that is in doubt it is dropped, and the store decides.

An instance is claimed with what happened to it, run, and committed; and as long as it is kept,
results of this worker's own activities reach it without passing through the store's inbox.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from durable_async.convert.values import CodecError, Converter
from durable_async.core.episode import Execution
from durable_async.dsl.code import code_for
from durable_async.dsl.registry import Registry
from durable_async.errors import DurableError, LeaseLostError
from durable_async.model.history import (
    ActivityCompleted,
    ActivityFailed,
    ExecutionCancelled,
    ExecutionFailed,
    ExecutionStarted,
)
from durable_async.model.outcome import Blocked, EpisodeResult, Outcome, OutcomeEnd
from durable_async.model.work import (
    ActivityReport,
    AttemptFailed,
    AttemptSucceeded,
    Claimed,
    EpisodeCommit,
    Lease,
    News,
    Receipt,
)
from durable_async.ports import OrchestratorCode
from durable_async.worker.executions import Cache, Kept
from durable_async.worker.limits import TURN_TIME
from durable_async.worker.missing import MissingDefinitions
from durable_async.worker.notices import Notices
from durable_async.worker.oversight import NO_OVERSIGHT, Oversight
from durable_async.worker.progress import EpisodeEnded, InstanceIdle, Observer
from durable_async.worker.unreadable import held_by_codec

__all__ = ["Orchestrations"]

_logger: Final = logging.getLogger("durable_async.worker")


class _Ran:
    """An episode that waits for its commit. finished: see Kept. tasks: what each
    waits for, if nothing can come."""

    __slots__ = ("commit", "finished", "kept", "news", "tasks")

    def __init__(self, kept: Kept, news: list[News], commit: EpisodeCommit) -> None:
        self.kept = kept
        self.news = news
        self.commit = commit
        self.finished = kept.take_finished()
        self.tasks: tuple[tuple[str, str], ...] = ()
        if isinstance(commit.result, Outcome) and commit.result.idle and kept.execution is not None:
            # Now: without a cache the execution is closed before the commit.
            self.tasks = tuple(kept.execution.waiting_lines())


class _Reporter:
    """`functools.partial` of one argument, in less of its 256 bytes: each kept instance has one."""

    __slots__ = ("_instance_id", "_report")

    def __init__(
        self, report: Callable[[str, str, BaseException | None], None], instance_id: str
    ) -> None:
        self._report = report
        self._instance_id = instance_id

    def __call__(self, message: str, error: BaseException | None) -> None:
        self._report(self._instance_id, message, error)


class Orchestrations:
    """The instances of one worker. All of it runs in the turn's thread.

    in_doubt: told of an instance whose lease was lost: it may be suspended, or another worker's.
    strict: changed arguments are a mismatch, not just a warning.
    """

    def __init__(
        self,
        registry: Registry,
        converter: Converter,
        *,
        cache: int,
        learn: Callable[[object], None] | None,
        in_doubt: Callable[[str], None],
        notices: Notices,
        observer: Observer | None,
        strict: bool = False,
        oversight: Oversight = NO_OVERSIGHT,
    ) -> None:
        self._oversight = oversight
        self._registry = registry
        self._unreadable: list[CodecError] = []  # in the episode that runs
        self._converter = converter.reporting(self._unreadable.append)
        self._strict = strict
        self._cache = Cache(cache)
        self._learn = learn
        self._in_doubt = in_doubt
        self._notices = notices
        self._observer = observer
        self._missing = MissingDefinitions(registry, notices, observer)
        self._codes: dict[object, OrchestratorCode] = {}
        self._due: dict[str, Kept] = {}
        self._ran: list[_Ran] = []
        self._unfit: list[EpisodeCommit] = []  # to be blocked: the store refused their episode
        self._blocking: list[EpisodeCommit] = []  # of this turn
        self._releases: list[Lease] = []
        self._returned: list[ActivityReport] = []
        self._closed = False

    def has_work(self) -> bool:
        return bool(self._due or self._releases or self._returned or self._unfit)

    def __len__(self) -> int:
        return len(self._cache)

    # ---- news ------------------------------------------------------------------------------

    def accept(self, claimed: Iterable[Claimed]) -> None:
        """Instances with something to do, as the store hands them out."""
        for claim in claimed:
            if self._closed:
                self._releases.append(claim.lease)
            elif claim.history is not None:
                self._take_over(claim)
            else:
                self._take_up(claim)

    def deliver(self, report: ActivityReport, now: datetime) -> bool:
        """Wake an instance with the result of an activity; False if the store must do it.

        The store must where the instance is not kept, and where one of its timers is due as
        well: what came first is told by the engine's clock, and only the store sees both.
        """
        lease = report.lease
        kept = self._cache.get(lease.instance_id)
        if (
            kept is None
            or kept.execution is None
            or kept.lease.execution_id != lease.execution_id
            or kept.timers.is_due(now)
        ):
            return False
        match report.end:
            case AttemptSucceeded(result):
                kept.wake(News(event=ActivityCompleted(number=lease.number, result=result), at=now))
            case AttemptFailed(failure, None):
                kept.wake(News(event=ActivityFailed(number=lease.number, failure=failure), at=now))
            case _:
                return False
        kept.finished.append(report)
        self._due[lease.instance_id] = kept
        return True

    def _take_over(self, claim: Claimed) -> None:
        former = self._cache.get(claim.lease.instance_id)
        if former is not None:
            self._drop(former)
        kept = Kept.of(claim)
        self._cache.put(kept)
        self._due[claim.lease.instance_id] = kept

    def _take_up(self, claim: Claimed) -> None:
        kept = self._cache.get(claim.lease.instance_id)
        if kept is None or kept.lease != claim.lease:
            # Dropped a moment ago. Whoever takes it next is given its history.
            self._releases.append(claim.lease)
            return
        kept.news.extend(claim.news)
        self._due[claim.lease.instance_id] = kept

    # ---- a turn ----------------------------------------------------------------------------

    @property
    def backlog(self) -> int:
        """How many instances are still to be run."""
        return len(self._due)

    def run(self, now: datetime, limit: int | None = None) -> tuple[EpisodeCommit, ...]:
        """Run what is due, as far as the time of a turn allows; `settle` or `abandon` follows.

        limit: run no more than so many.
        """
        until = time.monotonic() + TURN_TIME
        for instance_id in list(self._due):
            self._run(self._due.pop(instance_id), now)
            if len(self._ran) == limit or time.monotonic() > until:
                break
        if limit is None or not self._ran:
            self._blocking, self._unfit = (
                self._unfit[:limit],
                self._unfit[limit or len(self._unfit) :],
            )
        return (*[ran.commit for ran in self._ran], *self._blocking)

    def take_releases(self) -> tuple[Lease, ...]:
        """Leases to be given up in this turn, after its episodes."""
        for kept in self._cache.evict(self._due, len(self._due)):
            self._close(kept)
            self._releases.append(kept.lease)
        releases, self._releases = self._releases, []
        return tuple(releases)

    def take_returned(self) -> list[ActivityReport]:
        """Results whose delivery came to nothing; they must go to the store."""
        returned, self._returned = self._returned, []
        return returned

    def settle(self, receipt: Receipt) -> None:
        ran, self._ran = self._ran, []
        blocking, self._blocking = self._blocking, []
        for each, error in zip(ran, receipt.episodes, strict=False):
            if error is None:
                self._committed(each, receipt.now)
            else:
                self._refused(each, error, has_ended=each.kept.lease.instance_id in receipt.ended)
        for commit, error in zip(blocking, receipt.episodes[len(ran) :], strict=True):
            self._releases.append(commit.lease)
            if error is not None:
                _logger.error(
                    "instance %r could not be blocked: %s", commit.lease.instance_id, error
                )

    def abandon(self, releases: Iterable[Lease]) -> None:
        """Nothing of the turn was committed. releases: those of that turn."""
        ran, self._ran = self._ran, []
        for each in ran:
            self._give_up(each)
        blocking, self._blocking = self._blocking, []
        self._releases.extend(commit.lease for commit in blocking)
        self._releases.extend(releases)

    def condemn(self, releases: Iterable[Lease], error: Exception) -> None:
        """As `abandon`, when the only episode of the turn is to blame: its instance is blocked."""
        for ran in self._ran:
            self._block(ran, error)
        self._ran = []
        self.abandon(releases)

    def forget(self, instance_ids: Iterable[str]) -> None:
        """These have ended. One that is still kept did not end by itself."""
        for instance_id in instance_ids:
            kept = self._cache.get(instance_id)
            if kept is not None:
                self._notices.left(instance_id, "was terminated")
                self._drop(kept)

    def close(self) -> None:
        """Drop every execution and give up its lease; take on none again."""
        self._closed = True
        self._due.clear()
        for kept in self._cache.clear():
            self._close(kept)
            self._returned.extend(kept.take_finished())
            self._releases.append(kept.lease)

    # ---- one episode -----------------------------------------------------------------------

    def _run(self, kept: Kept, now: datetime) -> None:
        lease = kept.lease
        self._cache.use(kept)
        news = kept.take_news()
        result = self._result(kept, news, now)
        if result is None:
            self._drop(kept)
            self._releases.append(lease)
            return
        reached = news
        if kept.execution is not None and kept.execution.reached < len(news):
            # Those that an end came before are not consumed: they are for what follows.
            reached = news[: kept.execution.reached]
        commit = EpisodeCommit(
            lease=lease,
            length=kept.length,
            result=result,
            consumed=tuple([each.message for each in reached if each.message is not None]),
            finished=tuple([each.lease for each in kept.finished]),
        )
        self._ran.append(_Ran(kept, news, commit))

    def _result(self, kept: Kept, news: list[News], now: datetime) -> EpisodeResult | None:
        """None if no definition of it is here."""
        history, kept.history = kept.history, ()
        self._unreadable.clear()  # of code that was closed
        try:
            execution = kept.execution
            if execution is None:
                execution = self._execution(kept, history[0])
                if execution is None:
                    return None
                kept.execution = execution
                kept.timers.read(history)
            result = self._oversight.call(
                "an episode of instance",
                kept.lease.instance_id,
                execution.run,
                history,
                [each.event for each in news],
                now,
            )
            return self._held(kept.lease) if self._unreadable else result
        except Exception as error:
            if self._unreadable:
                return self._held(kept.lease)
            # Not the user's: what their code raises is part of the result. One instance that
            # trips over a fault of ours must not stop the others, nor be tried without end.
            _logger.exception("instance %r: an episode broke down", kept.lease.instance_id)
            return Blocked(reason="error", message=_broken(kept.lease, error))

    def _held(self, lease: Lease) -> Blocked:
        first = self._unreadable[0]
        self._unreadable.clear()
        return held_by_codec(lease.instance_id, first)

    def _execution(self, kept: Kept, first: object) -> Execution | None:
        if not isinstance(first, ExecutionStarted):
            raise TypeError(f"a history begins with ExecutionStarted, not with {first!r}")
        code = self._code(first.name, first.version)
        if code is None:
            self._notices.not_here(first.instance_id, first.name, first.version)
            return None
        report = _Reporter(self._notices.reported, kept.lease.instance_id)
        return Execution(code, learn=self._learn, report=report, strict=self._strict)

    def _code(self, name: str, version: str | None) -> OrchestratorCode | None:
        orchestrator = self._registry.orchestrator(name, version)
        if orchestrator is None:
            return None
        code = self._codes.get(orchestrator)
        if code is None:
            code = self._codes[orchestrator] = code_for(orchestrator, self._converter)
        return code

    # ---- what the store said ---------------------------------------------------------------

    def _committed(self, ran: _Ran, now: datetime) -> None:
        kept, result = ran.kept, ran.commit.result
        match result:
            case Blocked():
                self._notices.blocks(kept.lease, result)
                self._drop(kept)
                self._returned.extend(ran.finished)
                self._releases.append(kept.lease)
            case Outcome() if result.ended is not None:
                # The lease has ended with the execution. Where the instance goes on with another
                # one, that is claimed like any other.
                self._tell_of_end(kept, result.ended)
                self._drop(kept)
            case Outcome():
                kept.length += len(result.events)
                kept.timers.follow(ran.news, result.commands)
                if result.idle:
                    self._is_idle(kept.lease, ran.tasks)
        if isinstance(result, Outcome) and result.commands:
            self._missing.look_for(kept.lease.instance_id, result.commands)
        if self._observer is not None:
            self._observer(EpisodeEnded(kept.lease.instance_id, result, now))

    def _tell_of_end(self, kept: Kept, ended: OutcomeEnd) -> None:
        instance_id = kept.lease.instance_id
        match ended:
            case ExecutionFailed(failure=failure):
                self._notices.failed(instance_id, failure, is_child=kept.is_child)
            case ExecutionCancelled(reason=reason):
                self._notices.cancelled(instance_id, reason)
            case _:
                pass

    def _is_idle(self, lease: Lease, tasks: tuple[tuple[str, str], ...]) -> None:
        self._notices.idle(lease.instance_id, lease.execution_id, tasks)
        if self._observer is not None:
            self._observer(InstanceIdle(lease.instance_id, tasks))

    def _refused(self, ran: _Ran, error: DurableError, *, has_ended: bool) -> None:
        lease = ran.kept.lease
        if isinstance(error, LeaseLostError) and error.became:
            self._notices.left(lease.instance_id, error.became)
        elif has_ended:  # e.g. by its length: the store has failed it
            _logger.error("instance %r has ended: %s", lease.instance_id, error)
        elif isinstance(error, LeaseLostError):
            _logger.info("%s", error)
        if has_ended:
            self._drop(ran.kept)
            return
        if isinstance(error, LeaseLostError):
            self._in_doubt(lease.instance_id)
            self._give_up(ran)
            return
        self._block(ran, error)

    def _block(self, ran: _Ran, error: Exception) -> None:
        """What it came to cannot be stored; that it is blocked can be."""
        lease = ran.kept.lease
        _logger.error("instance %r cannot go on: %s", lease.instance_id, error)
        self._drop(ran.kept)
        self._returned.extend(ran.finished)
        if isinstance(ran.commit.result, Blocked):
            self._releases.append(lease)
            return
        blocked = Blocked(reason="error", message=f"{type(error).__name__}: {error}")
        self._unfit.append(EpisodeCommit(lease=lease, length=ran.commit.length, result=blocked))

    def _give_up(self, ran: _Ran) -> None:
        self._drop(ran.kept)
        self._returned.extend(ran.finished)
        self._releases.append(ran.kept.lease)

    def _drop(self, kept: Kept) -> None:
        instance_id = kept.lease.instance_id
        self._cache.remove(kept)
        if self._due.get(instance_id) is kept:
            del self._due[instance_id]
        self._returned.extend(kept.take_finished())
        self._close(kept)

    def _close(self, kept: Kept) -> None:
        """Its `finally` blocks are the user's code as well, if it is cut short."""
        if kept.execution is None or kept.execution.ended is not None:
            kept.close()
            return
        self._oversight.call("the close of instance", kept.lease.instance_id, kept.close)


def _broken(lease: Lease, error: Exception) -> str:
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    at = "" if last is None else f" ({last.tb_frame.f_code.co_filename}:{last.tb_lineno})"
    return (
        f"instance {lease.instance_id!r}: an episode broke down inside durable_async with "
        f"{type(error).__name__}: {error}{at}. Nothing of it was "
        "stored. Please report this; the instance is tried again when a worker with other "
        "definitions, or another release, comes"
    )
