"""A recorded history, tried on today's code. Invariant: nothing new happens: code that is replayed
issues nothing, no activity and no side effect runs, and what it comes to is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from durable_async.convert.values import CodecError, Converter
from durable_async.core.episode import Execution
from durable_async.dsl.code import code_for
from durable_async.dsl.definitions import Orchestrator
from durable_async.model.history import EpisodeStarted, HistoryEvent
from durable_async.model.outcome import Blocked
from durable_async.worker.unreadable import held_by_codec

__all__ = ["Trial", "try_history"]


@attrs.frozen(kw_only=True)
class Trial:
    """What the code makes of a history.

    blocked: why the instance would not go on; None if it would. changed: a sentence for each call
    that is asked for with other arguments, or another time, than were recorded; empty if that
    was to be strict. patches: of each id that the code asked `patched` for, whether it went the
    new way.
    """

    blocked: Blocked | None = None
    changed: tuple[str, ...] = ()
    patches: Mapping[str, bool] = attrs.field(factory=dict)


def try_history(
    history: Sequence[HistoryEvent],
    orchestrator: Orchestrator[..., Any],
    converter: Converter,
    *,
    strict: bool = False,
    learn: Callable[[object], None] | None = None,
) -> Trial:
    """Replay `history`, which begins with its ExecutionStarted, by the code of `orchestrator`.

    strict: other arguments, and other times, are a mismatch too. learn: told of each definition
    that the code awaits. An instance that has not run yet fits any code.
    """
    last = _last_moment(history)
    if last is None:  # the code would now begin: there is nothing to compare
        return Trial()
    changed: list[str] = []
    unreadable: list[CodecError] = []
    execution = Execution(
        code_for(orchestrator, converter.reporting(unreadable.append)),
        learn=learn,
        report=lambda message, _: changed.append(message),
        strict=strict,
    )
    try:
        result = execution.run(history, (), last)
        if unreadable:
            result = held_by_codec(execution.info.instance_id, unreadable[0])
        return Trial(
            blocked=result if isinstance(result, Blocked) else None,
            changed=tuple(changed),
            patches=dict(execution.patches),
        )
    finally:
        execution.close()


def _last_moment(history: Iterable[HistoryEvent]) -> datetime | None:
    last = None
    for event in history:
        if isinstance(event, EpisodeStarted):
            last = event.at
    return last
