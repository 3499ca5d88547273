"""`durable patches`. Invariant: a patch is said to be removable only if every live instance was
replayed, and none went past it without.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any, Final

import attrs
import click

from durable_async.app import Client
from durable_async.cli.blocks import Block, Cell, Column, Fields, Note, Style, Table
from durable_async.cli.checks import Checked, Code, checked_instances, load_code
from durable_async.cli.commands.check import Ids
from durable_async.cli.pages import count_text
from durable_async.cli.parameters import common_options
from durable_async.cli.reply import Reply
from durable_async.cli.stores import Store
from durable_async.cli.targets import load_given
from durable_async.client.queries import query_of
from durable_async.dsl.definitions import Definition
from durable_async.dsl.registry import Registry
from durable_async.lines import from_here

__all__ = ["patches"]

SHOWN: Final = 100


@click.command("patches")
@click.argument("modules", nargs=-1, metavar="[FILE_OR_MODULE...]")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=SHOWN,
    show_default=True,
    help="How many ids to name for each patch; 0 for all.",
)
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="As of check.")
@common_options
def patches(
    store: Store, reply: Reply, *, modules: tuple[str, ...], limit: int, jobs: int | None
) -> None:
    """Say which patches live instances still need.

    Every live instance is replayed by what these modules define. For each id that is given to
    da.patched: how many took the new way, which went past without it and need the old code, how
    many have not come there yet, and whether the call can be removed. Without modules only what
    histories have recorded is known. Nothing is run or stored.
    """
    code = Code(store=store, targets=modules)
    trials = load_code(code)
    lines = _lines_of_patches([load_given(each) for each in modules])
    owners = _owners_of_patches(trials.registry)
    tally = Tally(limit=limit, lines=lines, owners=owners, has_code=bool(modules))
    query = query_of()

    async def question(client: Client) -> None:
        count = await client.connection.count(query)
        async for batch in checked_instances(client, code, trials, query, jobs=jobs):
            for each in batch:
                tally.add(each)
            reply.progress(f"checked {tally.checked:,} of about {count:,}")

    store.ask(question)
    found = tally.patches()
    reply.give(lambda: _document(tally, found), lambda: _page(tally, found))


# ---- counting --------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Patch:
    """line: of the call, "" if it was not found in the code. unknown: instances that may have gone
    past it, since they could not be replayed."""

    id: str
    line: str
    took_new: int
    need_old: Ids
    not_reached: int
    unknown: int

    @property
    def removable(self) -> bool:
        return not self.need_old.count and not self.unknown


@attrs.define
class Tally:
    """Counts by orchestrator: whoever has nothing to do with a patch has not to reach it.

    lines: of the calls in the code, by patch. owners: orchestrators that call it themselves.
    """

    limit: int
    lines: dict[str, str]
    owners: dict[str, set[str]]
    has_code: bool
    checked: int = 0
    replayed: Counter[str] = attrs.field(factory=Counter)
    not_replayed: Counter[str] = attrs.field(factory=Counter)
    new: dict[str, Counter[str]] = attrs.field(factory=dict)
    old: dict[str, Counter[str]] = attrs.field(factory=dict)
    ids: dict[str, Ids] = attrs.field(factory=dict)
    unmarked: dict[str, Counter[str]] = attrs.field(factory=dict)

    def add(self, checked: Checked) -> None:
        self.checked += 1
        if checked.verdict == "gone":
            return
        is_replayed = checked.verdict == "fits"
        (self.replayed if is_replayed else self.not_replayed)[checked.name] += 1
        for patch in checked.marked:
            self.new.setdefault(patch, Counter())[checked.name] += 1
            if not is_replayed:
                self.unmarked.setdefault(patch, Counter())[checked.name] -= 1
        for patch in checked.old - checked.marked if is_replayed else ():
            self.old.setdefault(patch, Counter())[checked.name] += 1
            self.ids.setdefault(patch, Ids(self.limit)).add(checked.instance_id)

    def patches(self) -> list[Patch]:
        """By id."""
        return [self._patch(each) for each in sorted({*self.lines, *self.new, *self.old})]

    def _patch(self, patch: str) -> Patch:
        new, old = self.new.get(patch, Counter()), self.old.get(patch, Counter())
        marked_unreplayed = self.unmarked.get(patch, Counter())
        names = {*new, *old, *self.owners.get(patch, ())}
        if not names:
            return self._untouched(patch)
        unknown = sum(self.not_replayed[name] + marked_unreplayed[name] for name in names)
        known = sum(self.replayed[name] - marked_unreplayed[name] for name in names)
        return Patch(
            id=patch,
            line=self.lines.get(patch, ""),
            took_new=new.total(),
            need_old=self.ids.get(patch, Ids(self.limit)),
            not_reached=known - new.total() - old.total(),
            unknown=unknown,
        )

    def _untouched(self, patch: str) -> Patch:
        """Which orchestrators would come by is not known: anyone that was not replayed might."""
        return Patch(
            id=patch,
            line=self.lines[patch],
            took_new=0,
            need_old=Ids(self.limit),
            not_reached=0,
            unknown=self.not_replayed.total(),
        )


# ---- in the code -----------------------------------------------------------------------------


def _lines_of_patches(given: Sequence[object]) -> dict[str, str]:
    """Where the modules of what is given call `patched("id")`: id -> "file:line"."""
    lines: dict[str, str] = {}
    for module in {id(each): each for each in _modules(given)}.values():
        try:
            tree = ast.parse(inspect.getsource(module))
        except (OSError, TypeError, SyntaxError):
            continue  # no source at hand: its patches show when an instance comes by
        for patch, line in _calls(tree):
            lines.setdefault(patch, f"{module.__file__}:{line}")
    return lines


def _owners_of_patches(registry: Registry) -> dict[str, set[str]]:
    """Which orchestrators call `patched("id")` in their own code: id -> names."""
    owners: dict[str, set[str]] = {}
    for name, version in registry.definitions:
        definition = registry.orchestrator(name, version)
        assert definition is not None, "it is one of those that there are"
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(definition.fn)))
        except (OSError, TypeError, SyntaxError):
            continue
        for patch, _ in _calls(tree):
            owners.setdefault(patch, set()).add(name)
    return owners


def _modules(given: Sequence[object]) -> Iterator[ModuleType]:
    for each in given:
        if not isinstance(each, ModuleType):
            module = inspect.getmodule(each) or inspect.getmodule(type(each))
            if module is not None:
                yield module
            continue
        yield each
        for value in vars(each).values():
            if isinstance(value, Definition):
                module = inspect.getmodule(value.fn)
                if module is not None:
                    yield module


def _calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id="patched") | ast.Attribute(attr="patched"),
                args=[ast.Constant(value=str(patch)), *_],
            ):
                yield patch, node.lineno
            case _:
                pass


# ---- answering -------------------------------------------------------------------------------


def _document(tally: Tally, found: Sequence[Patch]) -> dict[str, Any]:
    return {
        "checked": tally.checked,
        "not_replayed": tally.not_replayed.total(),
        "patches": [
            {
                "id": patch.id,
                "line": patch.line or None,
                "took_new": patch.took_new,
                "need_old": patch.need_old.document(),
                "not_reached": patch.not_reached,
                "unknown": patch.unknown,
                "removable": patch.removable,
            }
            for patch in found
        ],
    }


def _page(tally: Tally, found: Sequence[Patch]) -> list[Block]:
    if not found:
        return [
            Note(
                Cell(f"no patches: {count_text(tally.checked, 'live instance')}, and none has one")
            )
        ]
    titles = ("PATCH", "NEW WAY", "NEED THE OLD", "NOT REACHED", "UNKNOWN", "THE CALL", "LINE")
    blocks: list[Block] = [Table([Column(title) for title in titles], [_row(p) for p in found])]
    rows = [(patch.id, Cell(str(patch.need_old))) for patch in found if patch.need_old.count]
    if rows:
        blocks.append(Fields(Cell("these need the old code", "strong"), rows))
    if tally.not_replayed.total():
        blocks.append(Note(Cell(_why_unknown(tally), "warning")))
    return blocks


def _row(patch: Patch) -> tuple[Cell, ...]:
    return (
        Cell(patch.id),
        Cell(f"{patch.took_new:,}"),
        Cell(f"{patch.need_old.count:,}", "bad" if patch.need_old.count else ""),
        Cell(f"{patch.not_reached:,}"),
        Cell(f"{patch.unknown:,}", "warning" if patch.unknown else ""),
        Cell(*_advice(patch)),
        Cell(from_here(patch.line), "faint"),
    )


def _advice(patch: Patch) -> tuple[str, Style]:
    if patch.need_old.count:
        return "keep it", "bad"
    if patch.unknown:
        return "not known", "warning"
    return ("can be removed", "good") if patch.line else ("not in this code", "")


def _why_unknown(tally: Tally) -> str:
    number = tally.not_replayed.total()
    were = "was" if number == 1 else "were"
    count = f"{count_text(number, 'live instance')} {were} not replayed"
    if not tally.has_code:
        return f"{count}: give the modules that define their orchestrators"
    return (
        f"{count}, having no definition here, blocking, or being unreadable; durable check "
        "says which"
    )
