"""What is found out about live instances before a deploy, and how it is counted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import attrs
import pytest

import durable_async as da
from durable_async.app import Client
from durable_async.cli.checks import Checked, Trials, _groups, check_batch
from durable_async.cli.commands import check, patches
from durable_async.convert.values import Converter
from durable_async.core.episode import run_episode
from durable_async.dsl.code import code_for
from durable_async.dsl.registry import Registry
from durable_async.errors import InstanceNotFoundError, StoreError
from durable_async.model.history import (
    FORMAT,
    ExecutionCompleted,
    ExecutionStarted,
    HistoryEvent,
)
from durable_async.model.outcome import Blocked, Outcome
from durable_async.model.payload import Payload
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import InstanceRecord
from durable_async.ports import Codec

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@da.activity
async def reserve(order: str) -> str:
    return order


@da.activity
async def charge(order: str) -> str:
    return order


@da.orchestrator(name="checkout")
async def released(order: str) -> None:
    await reserve(order)


@da.orchestrator(name="checkout")
async def mended(order: str) -> None:
    print("never seen")
    await reserve(order)
    await charge(order)


@da.orchestrator(name="checkout")
async def swapped(order: str) -> None:
    await charge(order)
    await reserve(order)


@da.orchestrator(name="checkout")
async def other_arguments(order: str) -> None:
    await reserve(order.upper())


@da.orchestrator(name="checkout")
async def patched(order: str) -> None:
    if da.patched("charge-first"):
        await charge(order)
    await reserve(order)
    if da.patched("later"):
        await charge(order)


class Reversing:
    """A codec, after a fashion. encoded: how often it has encoded something."""

    encoded = 0

    def encode(self, payload: Payload) -> Payload:
        self.encoded += 1
        return Payload(payload.data[::-1], "reversed")

    def decode(self, payload: Payload) -> Payload:
        if payload.encoding != "reversed":
            return payload
        return Payload(payload.data[::-1])


def sealed(history: tuple[HistoryEvent, ...]) -> tuple[HistoryEvent, ...]:
    """With the arguments of the orchestrator encoded."""
    first, *rest = history
    assert isinstance(first, ExecutionStarted)
    return (attrs.evolve(first, input=Reversing().encode(first.input)), *rest)


def begun(orchestrator: Any, id: str) -> tuple[HistoryEvent, ...]:
    """The history after the first episode of `orchestrator`."""
    started = ExecutionStarted(
        format=FORMAT,
        instance_id=id,
        execution_id=f"e-{id}",
        name=orchestrator.name,
        version=orchestrator.version,
        input=Payload(b'["o-1"]'),
        at=NOON,
    )
    outcome = run_episode(code_for(orchestrator, Converter()), (started,), (), NOON)
    assert isinstance(outcome, Outcome)
    return (started, *outcome.events)


@attrs.frozen
class Reads:
    histories: dict[str, tuple[HistoryEvent, ...] | Exception]

    async def inbox(self, instance_id: str) -> tuple[HistoryEvent, ...]:
        return ()

    async def history(self, instance_id: str) -> tuple[HistoryEvent, ...]:
        found = self.histories[instance_id]
        if isinstance(found, Exception):
            raise found
        return found


@attrs.frozen
class Looking:
    connection: Reads


def a_record(id: str, **changes: Any) -> InstanceRecord:
    fields: dict[str, Any] = {
        "instance_id": id,
        "execution_id": f"e-{id}",
        "name": "checkout",
        "version": None,
        "status": RuntimeStatus.RUNNING,
        "custom_status": None,
        "input": Payload(b"[]"),
        "output": None,
        "failure": None,
        "created_at": NOON,
        "updated_at": NOON,
        "completed_at": None,
        "parent_id": None,
        "tags": {},
        "history_length": 1,
        "idle": False,
        "blocked": None,
    }
    return InstanceRecord(**{**fields, **changes})


def checked(
    code: Sequence[Any],
    histories: dict[str, tuple[HistoryEvent, ...] | Exception],
    *,
    codec: Codec | None = None,
    **changes: Any,
) -> list[Checked]:
    client = cast(Client, Looking(Reads(histories)))
    records = [a_record(each, **changes) for each in histories]
    return list(asyncio.run(check_batch(client, Trials(Registry.of(code), codec), records)))


def test_what_fits_goes_on_and_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = checked([mended], {"a": begun(released, "a")})
    assert found == Checked(instance_id="a", name="checkout", version=None, verdict="fits")
    assert capsys.readouterr().out == ""


def test_what_would_block_says_what_history_has_and_what_the_code_asks_with_both_lines() -> None:
    (found,) = checked([swapped], {"a": begun(released, "a")})
    assert found.verdict == "blocks"
    assert found.blocked is not None
    assert found.blocked.reason == "mismatch"
    line = swapped.fn.__code__.co_firstlineno + 2
    recorded_line = released.fn.__code__.co_firstlineno + 2
    assert found.blocked.line == f"{__file__}:{line}"
    assert found.blocked.asked.endswith(f"activity 'charge' at {__file__}:{line}")
    assert found.blocked.recorded.startswith("activity 'reserve'")
    assert found.blocked.recorded.endswith(f" at {__file__}:{recorded_line}")


def test_other_arguments_are_told_and_go_on() -> None:
    (found,) = checked([other_arguments], {"a": begun(released, "a")})
    assert found.verdict == "fits"
    (change,) = found.changed
    assert "activity 'reserve'" in change and "other arguments" in change


def test_what_has_not_run_yet_fits_any_code() -> None:
    (found,) = checked([swapped], {"a": begun(released, "a")[:1]})
    assert found.verdict == "fits"


@pytest.mark.parametrize(
    ("history", "verdict", "why"),
    [
        (InstanceNotFoundError("purged"), "gone", ""),
        ((*begun(released, "a"), ExecutionCompleted(result=Payload(b"1"))), "gone", ""),
        (StoreError("event 3 is damaged"), "unreadable", "event 3 is damaged"),
        (sealed(begun(released, "a")), "unreadable", "'reversed'"),
    ],
)
def test_what_cannot_be_tried_is_told_apart(history: Any, verdict: str, why: str) -> None:
    (found,) = checked([released], {"a": history})
    assert found.verdict == verdict
    assert why in found.why


def test_with_its_codec_what_is_sealed_is_read_and_nothing_is_encoded() -> None:
    codec = Reversing()
    (found,) = checked([mended], {"a": sealed(begun(released, "a"))}, codec=codec)
    assert found.verdict == "fits"
    assert codec.encoded == 0  # it might put payloads somewhere


def test_an_orchestrator_or_a_version_that_is_not_here_is_said() -> None:
    (found,) = checked([released], {"a": begun(released, "a")}, name="refund", version="2")
    assert (found.verdict, found.name, found.version) == ("undefined", "refund", "2")


def test_a_mistake_of_ours_is_told_of_that_instance_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from durable_async.cli import checks

    def broken(history: Sequence[HistoryEvent], *rest: Any, **settings: Any) -> Any:
        if cast(Any, history[0]).instance_id == "b":
            raise LookupError("a bug")
        return real(history, *rest, **settings)

    real: Callable[..., Any] = checks.try_history
    monkeypatch.setattr(checks, "try_history", broken)
    histories: dict[str, Any] = {each: begun(released, each) for each in "abc"}
    found = checked([released], histories)
    assert [each.verdict for each in found] == ["fits", "blocks", "fits"]
    assert found[1].blocked == Blocked(reason="error", message="LookupError: a bug")


def test_long_histories_are_not_all_in_memory_at_once() -> None:
    lengths = [15_000, 4_000, 2_000, 90_000, 1]
    records = [a_record(str(length), history_length=length) for length in lengths]
    groups = [[record.history_length for record in group] for group in _groups(records)]
    assert groups == [[15_000, 4_000], [2_000], [90_000], [1]]
    assert list(_groups([])) == []


# ---- counting ------------------------------------------------------------------------------


def a_tally(found: Sequence[Checked], limit: int = 2) -> check.Tally:
    tally = check.Tally(limit=limit)
    for each in found:
        tally.add(each)
    return tally


def test_instances_that_differ_in_the_same_way_are_told_together() -> None:
    histories: dict[str, Any] = {f"order-{n}": begun(released, f"order-{n}") for n in range(5)}
    tally = a_tally(checked([swapped], histories))
    ((blocked, ids),) = tally.blocks.values()
    assert str(ids) == "order-0, order-1 and 3 more"
    assert ids.document() == {"count": 5, "ids": ["order-0", "order-1"], "more": True}
    assert (tally.checked, tally.go_on, tally.would_block) == (5, 0, 5)
    assert blocked.reason == "mismatch"
    assert tally.fails(strict=False)


def test_reasons_that_name_the_instance_are_told_together_too() -> None:
    def lacking(id: str) -> Checked:
        message = f"instance {id!r} lacks a class"
        return Checked(
            instance_id=id,
            name="checkout",
            version=None,
            verdict="blocks",
            blocked=Blocked(reason="missing_class", message=message),
        )

    tally = a_tally([lacking("a"), lacking("b")])
    assert len(tally.blocks) == 1
    assert tally.would_block == 2


def test_what_fails_a_check() -> None:
    def one(**changes: Any) -> check.Tally:
        fields: dict[str, Any] = {"instance_id": "a", "name": "checkout", "version": None}
        return a_tally([Checked(**fields, **changes)])

    assert not one(verdict="fits").fails(strict=True)
    assert not one(verdict="undefined").fails(strict=True)
    assert not one(verdict="gone").fails(strict=True)
    assert one(verdict="unreadable", why="?").fails(strict=False)
    changed = one(verdict="fits", changed=("other arguments",))
    assert changed.fails(strict=True) and not changed.fails(strict=False)
    freed = one(verdict="fits", held=True)
    assert (freed.go_on, freed.freed) == (1, 1)


def test_a_limit_of_zero_names_all() -> None:
    ids = check.Ids(0)
    for number in range(1_000):
        ids.add(str(number))
    assert len(ids.kept) == 1_000


# ---- patches -------------------------------------------------------------------------------


def patches_of(found: Sequence[Checked], lines: dict[str, str]) -> dict[str, patches.Patch]:
    owners = patches._owners_of_patches(Registry.of([patched]))
    tally = patches.Tally(limit=10, lines=lines, owners=owners, has_code=True)
    for each in found:
        tally.add(each)
    return {patch.id: patch for patch in tally.patches()}


LINES = {"charge-first": "f.py:1", "later": "f.py:2", "never": "f.py:3"}


def test_a_patch_that_live_instances_went_past_is_still_needed() -> None:
    histories: dict[str, Any] = {
        "new": begun(patched, "new"),
        "old-1": begun(released, "old-1"),
        "old-2": begun(released, "old-2"),
    }
    found = checked([patched], histories)
    assert [each.verdict for each in found] == ["fits", "fits", "fits"]
    told = patches_of(found, LINES)
    first = told["charge-first"]
    assert (first.took_new, first.need_old.kept, first.not_reached) == (1, ["old-1", "old-2"], 0)
    assert not first.removable
    later = told["later"]
    assert (later.took_new, later.need_old.count, later.not_reached) == (0, 0, 3)
    assert later.removable


def test_a_patch_is_removable_when_all_who_came_by_took_the_new_way() -> None:
    histories: dict[str, Any] = {
        "new": begun(patched, "new"),
        "pending": begun(patched, "pending")[:1],
    }
    first = patches_of(checked([patched], histories), LINES)["charge-first"]
    assert (first.took_new, first.need_old.count, first.not_reached) == (1, 0, 1)
    assert first.removable


def test_what_could_not_be_replayed_may_need_any_patch() -> None:
    histories: dict[str, Any] = {"new": begun(patched, "new"), "odd": begun(released, "odd")}
    known = checked([patched], {"new": histories["new"]})
    unknown = checked([swapped], {"odd": histories["odd"]})
    told = patches_of([*known, *unknown], LINES)
    assert told["charge-first"].unknown == 1
    assert told["never"].unknown == 1
    assert not told["charge-first"].removable and not told["never"].removable


def test_one_that_is_marked_took_the_new_way_even_if_it_cannot_be_replayed() -> None:
    (marked,) = checked([swapped], {"new": begun(patched, "new")})
    assert marked.verdict == "fits"  # charge, then reserve: just what it did
    (marked,) = checked([], {"new": begun(patched, "new")})
    assert (marked.verdict, marked.marked) == ("undefined", {"charge-first"})
    first = patches_of([marked], {})["charge-first"]
    assert (first.took_new, first.unknown, first.not_reached) == (1, 0, 0)
    assert first.line == ""


def test_calls_of_patched_are_found_in_the_source_of_a_module() -> None:
    import sys

    lines = patches._lines_of_patches([sys.modules[__name__]])
    first = patched.fn.__code__.co_firstlineno + 2
    assert lines == {"charge-first": f"{__file__}:{first}", "later": f"{__file__}:{first + 3}"}
    assert patches._lines_of_patches([patched]) == lines
