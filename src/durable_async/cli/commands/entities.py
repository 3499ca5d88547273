"""`durable entities` and its verbs. Invariant: a state is read as it was last committed, and
nothing changes it but an operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import attrs
import click

from durable_async.app import Client
from durable_async.cli.blocks import Block, Cell, Column, Fields, Note, Table
from durable_async.cli.calls import as_typed, signature_text
from durable_async.cli.groups import Commands
from durable_async.cli.pages import DETAIL_LIMIT, moment_text, value_text
from durable_async.cli.parameters import argument_option, common_options, text
from durable_async.cli.refusals import CommandError, TargetError
from durable_async.cli.reply import Reply
from durable_async.cli.stores import Store
from durable_async.cli.targets import is_target, load_given
from durable_async.cli.times import local_text, utc_text
from durable_async.convert.jsonform import from_json
from durable_async.convert.values import Converter
from durable_async.dsl.entities import EntityDefinition, OperationDefinition, definition_of
from durable_async.dsl.references import checked_key
from durable_async.errors import SerializationError
from durable_async.model.identity import EntityId
from durable_async.model.payload import Payload
from durable_async.model.work import EntityQuery, EntityRecord, SendSignal

__all__ = ["entities"]

LIMIT: Final = 100
PAGE: Final = 100


@attrs.frozen(kw_only=True)
class EntityState:
    """An entity as people and programs see it. state: as plain JSON types. queued: operations that
    have not been run. locked_by: the instance that holds its lock."""

    type: str
    key: str
    state: Any
    updated_at: datetime
    queued: int
    locked_by: str | None

    def document(self) -> dict[str, Any]:
        return attrs.asdict(self, recurse=False) | {"updated_at": utc_text(self.updated_at)}


def _valid_key(typed: str) -> str:
    try:
        return checked_key(typed)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


_key_argument: Final = click.argument("key", type=_valid_key)


@click.group("entities", cls=Commands)
def entities() -> None:
    """Read entities, and send them signals."""


@entities.command("list")
@click.option("--type", "type_", type=text, metavar="TYPE", help="Only of this type.")
@click.option("--key-prefix", type=text, metavar="TEXT", help="Only keys that begin so.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=LIMIT,
    show_default=True,
    help="The first so many; 0 for all.",
)
@common_options
def list_entities(
    store: Store, reply: Reply, *, type_: str | None, key_prefix: str | None, limit: int
) -> None:
    """List entities that have a state, in the order of their types and keys."""
    query = EntityQuery(type=type_, key_prefix=key_prefix, limit=PAGE)

    async def read(client: Client) -> list[EntityState]:
        found: list[EntityState] = []
        asked: EntityQuery | None = query
        while asked is not None and (not limit or len(found) <= limit):
            page = await client.connection.entities(asked)
            found += [_state(record, client.converter) for record in page.records]
            more = page.more and page.records
            asked = attrs.evolve(asked, after=page.records[-1].entity) if more else None
        return found

    states = store.ask(read)
    more = limit > 0 and len(states) > limit
    shown = states[:limit] if more else states
    reply.give(
        lambda: {"entities": [state.document() for state in shown], "more": more},
        lambda: _list_page(shown),
    )
    if more:
        reply.say(f"the first {limit} are shown, and there are more: --limit 0 shows all")


@entities.command("show")
@click.argument("type_", metavar="TYPE", type=text)
@_key_argument
@common_options
def show(store: Store, reply: Reply, *, type_: str, key: str) -> None:
    """Show its state, what it has to do, and who holds its lock."""

    async def read(client: Client) -> EntityState | None:
        record = await client.connection.entity(EntityId(type_, key))
        return None if record is None else _state(record, client.converter)

    state = store.ask(read)
    if state is None:
        raise CommandError(
            f"there is no entity {type_} {key!r} in this namespace: it has no state and nothing to "
            'do. "durable entities list" shows those that have a state',
            kind="EntityNotFound",
        )
    reply.give(state.document, lambda: _page(state))


@entities.command("signal", context_settings={"ignore_unknown_options": True})  # "-1" is a key
@click.argument("entity", type=text, metavar="TYPE|FILE_OR_MODULE:CLASS")
@_key_argument
@click.argument("operation", type=text)
@argument_option
@common_options
def signal(
    store: Store, reply: Reply, *, entity: str, key: str, operation: str, texts: tuple[str, ...]
) -> None:
    """Have it run an operation, and do not wait for that.

    A TYPE needs no code here: the arguments are sent as they are. With FILE_OR_MODULE:CLASS they
    are checked against the type hints of the method first.
    """
    values = [from_json(each.encode()) for each in texts]
    if is_target(entity):
        definition = _load_entity(entity)
        name, encode = definition.name, _checked(definition, operation, texts)
    else:
        name, encode = entity, _as_they_are(values, operation)

    async def send(client: Client) -> None:
        message = SendSignal(
            entity=EntityId(name, key), operation=operation, input=encode(client.converter)
        )
        await client.connection.send(message)

    store.tell(send)
    reply.give(
        lambda: {"type": name, "key": key, "operation": operation, "arguments": values},
        lambda: [Note(Cell(f"signalled {operation} to {name} {key}"))],
    )


# ---- what is sent ----------------------------------------------------------------------------


def _load_entity(target: str) -> EntityDefinition:
    given = load_given(target)
    definition = definition_of(given)
    if definition is None:
        raise TargetError(
            f"{target} is no entity: name a class that has @da.entity above its @attrs.define"
        )
    return definition


def _as_they_are(values: Sequence[Any], operation: str) -> Callable[[Converter], Payload]:
    return lambda converter: converter.encode(values, what=f"the arguments of {operation}")


def _checked(
    definition: EntityDefinition, name: str, texts: Sequence[str]
) -> Callable[[Converter], Payload]:
    """Raises: click.UsageError if there is no such operation, or the arguments do not fit."""
    operation = definition.operations.get(name)
    if operation is None:
        raise click.UsageError(str(definition.unknown(name)))
    payload = Payload(f"[{','.join(texts)}]".encode())
    try:
        args, kwargs = operation.arguments(Converter()).decode(payload)
    except (TypeError, SerializationError) as error:
        raise click.UsageError(_misfit(operation, error)) from error
    return lambda converter: operation.arguments(converter).encode(args, kwargs)[0]


def _misfit(operation: OperationDefinition, error: Exception) -> str:
    taken = signature_text(operation.function, skip_first=True)
    return (
        f"the arguments do not fit {operation.title}: {as_typed(str(error))}. It takes "
        f"{operation.name}{taken}, each argument with an --arg of its own, in this order"
    )


# ---- what is shown ---------------------------------------------------------------------------


def _state(record: EntityRecord, converter: Converter) -> EntityState:
    state: Any = None
    if record.state is not None:
        try:
            state = converter.decode(record.state, what="the state")
        except SerializationError as error:  # of one that does not hide the others
            state = f"<unreadable: {error}>"
    return EntityState(
        type=record.entity.type,
        key=record.entity.key,
        state=state,
        updated_at=record.updated_at,
        queued=record.queued,
        locked_by=None if record.locked_by is None else record.locked_by.instance_id,
    )


def _list_page(states: Sequence[EntityState]) -> list[Block]:
    if not states:
        return [Note(Cell("no entities"))]
    columns = (
        Column("TYPE"),
        Column("KEY"),
        Column("STATE"),
        Column("UPDATED", whole=True),
        Column("QUEUED", whole=True, optional=True),
        Column("LOCKED BY", optional=True),
    )
    rows = [
        (
            Cell(state.type),
            Cell(state.key),
            Cell(value_text(state.state, limit=DETAIL_LIMIT)),
            Cell(local_text(state.updated_at), "faint"),
            Cell(f"{state.queued:,}"),
            Cell(state.locked_by or "", "warning"),
        )
        for state in states
    ]
    return [Table(columns, rows)]


def _page(state: EntityState) -> list[Block]:
    return [Fields(Cell(f"{state.type} {state.key}", "strong"), list(_rows(state)))]


def _rows(state: EntityState) -> Iterator[tuple[str, Cell]]:
    yield "state", Cell(value_text(state.state))
    yield "updated", Cell(moment_text(state.updated_at, datetime.now(UTC)))
    yield "queued", Cell(f"{state.queued:,}")
    if state.locked_by is not None:
        yield "locked by", Cell(state.locked_by, "warning")
