"""Entities from outside: send them signals, read their state. Invariant: nobody outside changes a
state but by an operation, and what is read is a state that was committed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, overload

import attrs

from durable_async.convert.values import Converter
from durable_async.dsl.entities import EntityDefinition, definition_of
from durable_async.dsl.references import EntityRef, checked_key
from durable_async.model.identity import EntityId
from durable_async.model.work import EntityQuery, SendSignal
from durable_async.ports import Connection

__all__ = ["EntityClient"]

P = ParamSpec("P")
E = TypeVar("E")

PAGE_SIZE: Final = 100


class EntityClient:
    """What a client does with entities."""

    @property
    def connection(self) -> Connection:
        raise NotImplementedError

    @property
    def converter(self) -> Converter:
        raise NotImplementedError

    async def signal_entity(
        self,
        ref: EntityRef[E],
        op: Callable[Concatenate[E, P], object],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Have an entity run an operation: `await client.signal_entity(ref, Counter.add, 5)`.

        When this returns it will run, once, whatever happens; its result is not waited for. If it
        fails it fails for nobody, and a worker logs it. Signals that one sender awaits one after
        the other run in that order.
        Raises: TypeError for what is no reference, or for arguments that do not fit the signature;
        SerializationError for one that does not fit its hint; AttributeError if `op` is no
        operation; StoreError.
        Known elsewhere as: Azure's signal_entity.
        """
        if not isinstance(ref, EntityRef):
            raise TypeError(
                "a signal goes to an entity, as in "
                "client.signal_entity(da.entity_ref(Counter, 'k'), Counter.add, 5), and not to "
                f"{ref!r}"
            )
        operation, payload = ref.encode(op, args, kwargs, self.converter)
        message = SendSignal(entity=ref.id, operation=operation, input=payload)
        await self.connection.send(message)

    async def read_entity(self, entity: type[E], key: str, /) -> E | None:
        """The state of an entity as it was last committed; None if there is none.

        A copy: what is done to it changes nothing, and operations may have run since.
        Raises: TypeError if the class is no entity; SerializationError if the stored state does
        not fit it; StoreError.
        Known elsewhere as: Azure's read_entity_state.
        """
        definition = _definition(entity)
        found = await self.connection.entity(EntityId(definition.name, checked_key(key)))
        if found is None or found.state is None:
            return None
        state: E = definition.states(self.converter).decode(found.state)
        return state

    @overload
    def list_entities(
        self, type: type[E], key_prefix: str | None = None
    ) -> AsyncIterator[tuple[EntityRef[E], datetime]]: ...
    @overload
    def list_entities(
        self, type: str | None = None, key_prefix: str | None = None
    ) -> AsyncIterator[tuple[EntityRef[Any], datetime]]: ...
    def list_entities(
        self, type: type[Any] | str | None = None, key_prefix: str | None = None
    ) -> AsyncIterator[tuple[EntityRef[Any], datetime]]:
        """Entities that have a state, with when it last changed (UTC); read page by page, in the
        order of their types and keys.

        type: the class of an entity, or the name of its definition; None for all. key_prefix: how
        the key begins. One that is made or deleted while this runs may be missed.
        Raises: TypeError if the class is no entity; StoreError when it is read.
        Known elsewhere as: Azure's list_entities.
        """
        definition = None if type is None or isinstance(type, str) else _definition(type)
        name = type if isinstance(type, str) else None if definition is None else definition.name
        return self._entities(EntityQuery(type=name, key_prefix=key_prefix), definition)

    async def _entities(
        self, query: EntityQuery, definition: EntityDefinition | None
    ) -> AsyncIterator[tuple[EntityRef[Any], datetime]]:
        query = attrs.evolve(query, limit=PAGE_SIZE)
        while True:
            page = await self.connection.entities(query)
            for record in page.records:
                entity = record.entity
                yield EntityRef(entity.type, entity.key, definition), record.updated_at
            if not page.more:
                return
            query = attrs.evolve(query, after=page.records[-1].entity)


def _definition(entity: object) -> EntityDefinition:
    definition = definition_of(entity)
    if definition is None:
        raise TypeError(
            f"{entity!r} is no entity: give the class itself, which has `@da.entity` above its "
            "`@attrs.define`"
        )
    return definition
