"""`durable check`. Invariant: it changes nothing, and says of each live instance what would become
of it if this code were deployed now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs
import click

from durable_async.app import Client
from durable_async.cli.blocks import Block, Cell, Fields, Note, shortened
from durable_async.cli.checks import Checked, Code, checked_instances, load_code
from durable_async.cli.pages import DETAIL_LIMIT
from durable_async.cli.parameters import common_options, text
from durable_async.cli.reply import Reply
from durable_async.cli.stores import Store
from durable_async.client.queries import query_of
from durable_async.lines import from_here
from durable_async.model.outcome import Blocked

__all__ = ["Ids", "check", "difference_rows"]

SHOWN: Final = 10
"""Instances that are named for each difference, if nobody asks for more."""

EXAMPLES: Final = 3
"""Instances that are named in the first line."""


@click.command("check")
@click.argument("modules", nargs=-1, required=True, metavar="FILE_OR_MODULE...")
@click.option("--name", type=text, metavar="NAME", help="Only instances of this orchestrator.")
@click.option("--id-prefix", type=text, metavar="TEXT", help="Only ids that begin so.")
@click.option(
    "--strict", is_flag=True, help="Calls with other arguments than recorded are failures, too."
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=SHOWN,
    show_default=True,
    help="How many ids to name for each difference; 0 for all.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes that replay; by default as many as there is work for.",
)
@common_options
def check(
    store: Store,
    reply: Reply,
    *,
    modules: tuple[str, ...],
    name: str | None,
    id_prefix: str | None,
    strict: bool,
    limit: int,
    jobs: int | None,
) -> int:
    """Say which live instances this code would block.

    Every live instance is replayed by what these modules define. Nothing is run or stored, and
    workers may go on meanwhile. Ends with 1 if an instance would block, or cannot be read.
    """
    code = Code(store=store, targets=modules)
    trials = load_code(code)
    query = query_of(name=name, id_prefix=id_prefix)
    tally = Tally(limit=limit)

    async def question(client: Client) -> None:
        count = await client.connection.count(query)
        async for batch in checked_instances(client, code, trials, query, jobs=jobs):
            for each in batch:
                tally.add(each)
            reply.progress(f"checked {tally.checked:,} of about {count:,}")

    store.ask(question)
    reply.give(lambda: _document(tally), lambda: _page(tally, strict=strict))
    return int(tally.fails(strict=strict))


# ---- counting --------------------------------------------------------------------------------


@attrs.define
class Ids:
    """Some of many. limit: how many are kept; 0 for all."""

    limit: int
    kept: list[str] = attrs.field(factory=list)
    count: int = 0

    def add(self, instance_id: str) -> None:
        self.count += 1
        if not self.limit or len(self.kept) < self.limit:
            self.kept.append(instance_id)

    def __str__(self) -> str:
        more = self.count - len(self.kept)
        return ", ".join(self.kept) + (f" and {more:,} more" if more else "")

    def document(self) -> dict[str, Any]:
        return {"count": self.count, "ids": self.kept, "more": self.count > len(self.kept)}


@attrs.define
class Tally:
    """What was found. Instances that differ in the same way are told together."""

    limit: int
    checked: int = 0
    go_on: int = 0
    freed: int = 0
    """Those among them that are blocked now."""
    gone: int = 0
    blocks: dict[tuple[str, ...], tuple[Blocked, Ids]] = attrs.field(factory=dict)
    undefined: dict[tuple[str, str | None], Ids] = attrs.field(factory=dict)
    unreadable: dict[str, Ids] = attrs.field(factory=dict)
    changed: dict[str, Ids] = attrs.field(factory=dict)

    def add(self, checked: Checked) -> None:
        self.checked += 1
        match checked.verdict:
            case "fits":
                self.go_on += 1
                self.freed += checked.held
                for change in checked.changed:
                    self._named(self.changed, change, checked)
            case "blocks":
                self._add_blocked(checked)
            case "undefined":
                self._named(self.undefined, (checked.name, checked.version), checked)
            case "unreadable":
                self._named(self.unreadable, checked.why, checked)
            case "gone":
                self.gone += 1

    def _named(self, groups: dict[Any, Ids], key: object, checked: Checked) -> None:
        groups.setdefault(key, Ids(self.limit)).add(checked.instance_id)

    def _add_blocked(self, checked: Checked) -> None:
        blocked = checked.blocked
        assert blocked is not None, "what would block says why"
        difference = (blocked.recorded, blocked.asked)
        if not any(difference):
            difference = (blocked.message.replace(repr(checked.instance_id), "..."), "")
        key = (checked.name, blocked.reason, *difference)
        _, ids = self.blocks.setdefault(key, (blocked, Ids(self.limit)))
        ids.add(checked.instance_id)

    @property
    def would_block(self) -> int:
        return sum(ids.count for _, ids in self.blocks.values())

    def fails(self, *, strict: bool) -> bool:
        return bool(self.blocks or self.unreadable or (strict and self.changed))


def _total(groups: dict[Any, Ids]) -> int:
    return sum(ids.count for ids in groups.values())


# ---- answering -------------------------------------------------------------------------------


def _document(tally: Tally) -> dict[str, Any]:
    return {
        "checked": tally.checked,
        "go_on": tally.go_on,
        "go_on_that_are_blocked_now": tally.freed,
        "would_block": tally.would_block,
        "ended_meanwhile": tally.gone,
        "differences": [
            {
                "orchestrator": key[0],
                "reason": blocked.reason,
                "recorded": blocked.recorded,
                "asked": blocked.asked,
                "line": blocked.line,
                "message": blocked.message,
                **ids.document(),
            }
            for key, (blocked, ids) in tally.blocks.items()
        ],
        "undefined": [
            {"orchestrator": name, "version": version, **ids.document()}
            for (name, version), ids in tally.undefined.items()
        ],
        "unreadable": [{"why": why, **ids.document()} for why, ids in tally.unreadable.items()],
        "changed": [{"change": text, **ids.document()} for text, ids in tally.changed.items()],
    }


def _page(tally: Tally, *, strict: bool) -> list[Block]:
    blocks: list[Block] = [Note(Cell(_summary(tally), "strong"))]
    blocks += [
        _difference(name, blocked, ids) for (name, *_), (blocked, ids) in tally.blocks.items()
    ]
    for (name, version), ids in tally.undefined.items():
        titled = name if version is None else f"{name} (version {version})"
        blocks.append(_group(f"no definition here of {titled}", ids, "warning"))
    for why, ids in tally.unreadable.items():
        blocks.append(_group(f"cannot be checked: {why}", ids, "bad"))
    for change, ids in tally.changed.items():
        blocks.append(_group(change, ids, "bad" if strict else "warning"))
    return blocks


def _summary(tally: Tally) -> str:
    return ", ".join(_parts(tally))


def _parts(tally: Tally) -> Iterator[str]:
    freed = f" ({tally.freed:,} of them blocked now)" if tally.freed else ""
    yield f"{_counted(tally.go_on, 'goes on', 'go on')}{freed}"
    if tally.blocks:
        yield f"{tally.would_block:,} would block: {', '.join(_examples(tally))}"
    if tally.undefined:
        yield _counted(_total(tally.undefined), "has no definition here", "have no definition here")
    if tally.unreadable:
        yield f"{_total(tally.unreadable):,} cannot be checked"
    if tally.changed:
        count = _total(tally.changed)
        yield _counted(count, "call has other arguments", "calls have other arguments")


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _examples(tally: Tally) -> Sequence[str]:
    named = [
        f"{each} at {from_here(blocked.line)}" if blocked.line else each
        for blocked, ids in tally.blocks.values()
        for each in ids.kept
    ]
    more = ["..."] if tally.would_block > EXAMPLES else []
    return [*named[:EXAMPLES], *more]


def _difference(name: str, blocked: Blocked, ids: Ids) -> Block:
    instances = ("instances", Cell(f"{ids.count:,}: {ids}"))
    return Fields(Cell(f"{name} would block", "bad"), [instances, *difference_rows(blocked)])


def difference_rows(blocked: Blocked) -> list[tuple[str, Cell]]:
    """What history says and what the code does; or else why it cannot go on."""
    if not blocked.asked:
        return [(blocked.reason, Cell(blocked.message, "bad"))]
    says = blocked.recorded or "nothing more"
    return [("history says", Cell(_near(says))), ("instead", Cell(_near(blocked.asked), "bad"))]


def _near(text: str) -> str:
    """The line at its end, as seen from here."""
    before, at, line = text.rpartition(" at ")
    return f"{before}{at}{from_here(line)}"


def _group(title: str, ids: Ids, style: Any) -> Block:
    return Fields(
        Cell(shortened(title, 5 * DETAIL_LIMIT), style),
        [("instances", Cell(f"{ids.count:,}: {ids}"))],
    )
