"""Live instances, tried on the code that is here. Invariant: the store is only read; instances are
in memory a batch at a time, however many there are.

A check may take a while, and workers go on meanwhile: an instance is tried as it stood when its
turn came.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from durable_async.app import Client
from durable_async.cli.refusals import CommandError, TargetError, in_words_of_commands
from durable_async.cli.stores import Store
from durable_async.cli.targets import load_given
from durable_async.convert.values import CodecError, Converter
from durable_async.dsl.definitions import Orchestrator
from durable_async.dsl.registry import Registry
from durable_async.errors import DurableError, InstanceNotFoundError
from durable_async.model.history import Ended, HistoryEvent, PatchMarked
from durable_async.model.outcome import Blocked
from durable_async.model.payload import Payload
from durable_async.model.status import ENDED, RuntimeStatus
from durable_async.model.work import InstanceQuery, InstanceRecord
from durable_async.ports import Codec
from durable_async.worker.replays import ReplayFilter
from durable_async.worker.trials import Trial, try_history

__all__ = [
    "LIVE",
    "Checked",
    "Code",
    "Trials",
    "Verdict",
    "check_batch",
    "check_one",
    "checked_instances",
    "load_code",
]

_logger = logging.getLogger("durable_async.cli")

LIVE: Final = frozenset(RuntimeStatus) - ENDED

BATCH: Final = 200
"""Instances that are read, tried and forgotten together."""

EVENTS: Final = 20_000
"""Events of histories that are in memory together, unless one history alone has more."""

PROCESSES: Final = 8
"""Processes that a check takes at most, if it is not told how many."""

FEW: Final = 1_000
"""Up to so many instances are tried in this process: others would take longer to start."""

Verdict = Literal["fits", "blocks", "undefined", "unreadable", "gone"]
"""undefined: there is no definition of its name and version here. gone: it has ended meanwhile."""


@attrs.frozen(kw_only=True)
class Code:
    """What is checked, in words that another process understands. targets: as for `load_given`;
    none of them if only the histories are of interest."""

    store: Store
    targets: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Checked:
    """An instance, and what the code makes of it.

    blocked: if it blocks, on what. why: if it is unreadable. changed: calls with other arguments,
    a sentence each. marked: patches that its history marks. old: patches that it went past
    without. held: it is BLOCKED now.
    """

    instance_id: str
    name: str
    version: str | None
    verdict: Verdict
    blocked: Blocked | None = None
    why: str = ""
    changed: tuple[str, ...] = ()
    marked: frozenset[str] = frozenset()
    old: frozenset[str] = frozenset()
    held: bool = False


class Trials:
    """The code that is here, and what it takes to try histories on it. Made once in a process, as
    definitions keep what they compiled for a converter."""

    def __init__(self, registry: Registry, codec: Codec | None) -> None:
        self.registry = registry
        self._unread: list[CodecError] = []
        reading = None if codec is None else ReadingCodec(codec)
        self._converter = Converter(codec=reading).reporting(self._unread.append)

    def try_history(
        self, history: Sequence[HistoryEvent], orchestrator: Orchestrator[..., Any], *, strict: bool
    ) -> Trial | CodecError:
        """CodecError: of a value that cannot be read here, whatever the code made of that."""
        self._unread.clear()
        trial = try_history(history, orchestrator, self._converter, strict=strict)
        return self._unread[0] if self._unread else trial


@attrs.frozen
class ReadingCodec:
    """Decodes. What code that is replayed asks for again is stored by nobody, and encoding it might
    put it somewhere."""

    codec: Codec

    def encode(self, payload: Payload) -> Payload:
        return payload

    def decode(self, payload: Payload) -> Payload:
        return self.codec.decode(payload)


def load_code(code: Code) -> Trials:
    """Raises: TargetError, if it cannot be loaded, or no worker would take it."""
    given = [load_given(each) for each in code.targets]
    try:
        return Trials(Registry.of(given), code.store.codec())
    except (TypeError, ValueError) as error:
        raise TargetError(str(error)) from error


# ---- many ------------------------------------------------------------------------------------


async def checked_instances(
    client: Client, code: Code, trials: Trials, query: InstanceQuery, *, jobs: int | None
) -> AsyncIterator[Sequence[Checked]]:
    """Batches of what the query finds among live instances, in the order of the list.

    trials: of the code, in this process. jobs: processes that replay; None decides by how many
    instances there are.
    """
    query = attrs.evolve(query, status=LIVE, limit=BATCH)
    if jobs is None:
        few = await client.connection.count(query) <= FEW
        jobs = 1 if few else min(os.cpu_count() or 1, PROCESSES)
    if jobs == 1:
        async for records in _pages(client, query):
            yield await check_batch(client, trials, records)
        return
    # Not forked: that would take the locks of threads along, and not the threads.
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin_to_check)
    try:
        async for batch in _in_processes(pool, code, _pages(client, query), ahead=2 * jobs):
            yield batch
    except BrokenProcessPool as error:
        raise CommandError(
            f"one of the {jobs} processes that replay has died; if it was killed for want of "
            "memory, take fewer: --jobs 1",
            kind="BrokenProcessPool",
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


async def _pages(client: Client, query: InstanceQuery) -> AsyncIterator[Sequence[InstanceRecord]]:
    while True:
        page = await client.connection.page(query)
        if page.records:
            yield page.records
        if page.next is None:
            return
        query = attrs.evolve(query, after=page.next)


async def _in_processes(
    pool: Executor,
    code: Code,
    pages: AsyncIterator[Sequence[InstanceRecord]],
    *,
    ahead: int,
) -> AsyncIterator[Sequence[Checked]]:
    """ahead: pages that are under way at most."""
    loop = asyncio.get_running_loop()
    under_way: deque[asyncio.Future[Sequence[Checked]]] = deque()
    try:
        async for records in pages:
            under_way.append(loop.run_in_executor(pool, _check_elsewhere, code, records))
            if len(under_way) >= ahead:
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()
    finally:
        for each in under_way:
            each.cancel()


_loaded: dict[Code, Trials] = {}
"""Of a process that does nothing but check: the code is loaded once."""


def _begin_to_check() -> None:
    """In a process of its own: Ctrl-C is for the one that was started, and so is its output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _check_elsewhere(code: Code, records: Sequence[InstanceRecord]) -> Sequence[Checked]:
    trials = _loaded.get(code)
    if trials is None:
        trials = _loaded[code] = load_code(code)
    found = trials
    return code.store.ask(lambda client: check_batch(client, found, records))


# ---- a batch ---------------------------------------------------------------------------------


async def check_batch(
    client: Client, trials: Trials, records: Sequence[InstanceRecord]
) -> Sequence[Checked]:
    """Read them together, as many as fit, and replay them beside the event loop."""
    found: list[Checked] = []
    for group in _groups(records):
        read = await asyncio.gather(
            *[client.connection.history(record.instance_id) for record in group],
            return_exceptions=True,
        )
        found += await asyncio.to_thread(_check_group, group, read, trials)
    return found


def _groups(records: Sequence[InstanceRecord]) -> Iterator[Sequence[InstanceRecord]]:
    """Those whose histories may be in memory together; one alone may be as long as it is."""
    group: list[InstanceRecord] = []
    events = 0
    for record in records:
        if group and events + record.history_length > EVENTS:
            yield group
            group, events = [], 0
        group.append(record)
        events += record.history_length
    if group:
        yield group


def _check_group(
    records: Sequence[InstanceRecord],
    read: Sequence[Sequence[HistoryEvent] | BaseException],
    trials: Trials,
) -> list[Checked]:
    with _kept_quiet():
        return [
            _checked(record, history, trials) for record, history in zip(records, read, strict=True)
        ]


@contextlib.contextmanager
def _kept_quiet() -> Iterator[None]:
    """What the code logs and prints was said when its lines first ran."""
    said_before = ReplayFilter()
    said_before.put_on()
    try:
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            yield
    finally:
        said_before.take_off()


def _checked(
    record: InstanceRecord,
    history: Sequence[HistoryEvent] | BaseException,
    trials: Trials,
) -> Checked:
    found = _about(record)
    if isinstance(history, InstanceNotFoundError):
        return attrs.evolve(found, verdict="gone")
    if isinstance(history, DurableError):
        return attrs.evolve(found, verdict="unreadable", why=str(history))
    if isinstance(history, BaseException):
        raise history
    if isinstance(history[-1], Ended):
        return attrs.evolve(found, verdict="gone")
    return check_one(record, history, trials)


def _about(record: InstanceRecord) -> Checked:
    return Checked(
        instance_id=record.instance_id,
        name=record.name,
        version=record.version,
        verdict="fits",
        held=record.status is RuntimeStatus.BLOCKED,
    )


def check_one(
    record: InstanceRecord,
    history: Sequence[HistoryEvent],
    trials: Trials,
    *,
    strict: bool = False,
) -> Checked:
    """Of an instance that may have ended. strict: as of `try_history`."""
    marked = frozenset(event.id for event in history if isinstance(event, PatchMarked))
    found = attrs.evolve(_about(record), marked=marked)
    orchestrator = trials.registry.orchestrator(found.name, found.version)
    if orchestrator is None:
        return attrs.evolve(found, verdict="undefined")
    try:
        trial = trials.try_history(history, orchestrator, strict=strict)
    except Exception as error:
        # Of ours, and no reason to end the check of all the others.
        _logger.debug("replaying %r broke down", found.instance_id, exc_info=True)
        trial = Trial(blocked=Blocked(reason="error", message=f"{type(error).__name__}: {error}"))
    if isinstance(trial, CodecError):
        return attrs.evolve(found, verdict="unreadable", why=in_words_of_commands(str(trial)))
    return attrs.evolve(
        found,
        verdict="fits" if trial.blocked is None else "blocks",
        blocked=trial.blocked,
        changed=trial.changed,
        old=frozenset(patch for patch, is_new in trial.patches.items() if not is_new),
    )
