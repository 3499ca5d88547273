"""How entities are called at Temporal. Invariant: two entities never share a workflow id, and no
instance has one that is an entity's."""

from __future__ import annotations

import hashlib
from typing import Final

from durable_async.errors import EngineLimitError
from durable_async.model.creation import CreateInstance
from durable_async.model.identity import NAMED_LOCK, EntityId
from durable_async.model.work import INTERNAL

__all__ = [
    "ENTITIES",
    "ENTITY",
    "beginning_of_ids",
    "is_kept_id",
    "kept_id",
    "named",
    "queue_of",
    "workflow_id_of",
]

ENTITY: Final = f"{INTERNAL}entity"
"""The workflow type of all entities, and of the names that are only locked."""

ENTITIES: Final = f"{INTERNAL}entities"
"""The task queue of their workflows, which need no code of users: any worker can host them."""

_LOCK: Final = f"{INTERNAL}lock"

_ID_LIMIT: Final = 900
"""Bytes that an id may have: Temporal takes a thousand."""


def queue_of(entity_type: str) -> str:
    """The task queue of their operations: workers that have the class serve it, and no others."""
    return f"{ENTITY}.{entity_type}"


def workflow_id_of(entity: EntityId) -> str:
    if entity.type == NAMED_LOCK:
        plain, kind = f"{_LOCK}:{entity.key}", _LOCK
    else:
        plain, kind = f"{beginning_of_ids(entity.type)}{entity.key}", ENTITY
    if len(plain.encode()) <= _ID_LIMIT:
        return plain
    digest = hashlib.blake2b(f"{_escaped(entity.type)}/{entity.key}".encode(), digest_size=32)
    return f"{kind}#{digest.hexdigest()}"


def beginning_of_ids(entity_type: str) -> str:
    """What stands before the key, save in ids that would be too long."""
    return f"{ENTITY}:{_escaped(entity_type)}/"


def is_kept_id(instance_id: str) -> bool:
    """Whether no instance can have it, as an entity may."""
    return instance_id.startswith((f"{ENTITY}:", f"{ENTITY}#", f"{_LOCK}:", f"{_LOCK}#"))


def kept_id(request: CreateInstance) -> EngineLimitError:
    """The refusal of such an instance."""
    return EngineLimitError(
        f"an instance cannot be called {request.instance_id!r} on Temporal: ids that begin so are "
        "those of entities and locks. Choose another id"
    )


def named(entity: EntityId) -> str:
    """For people."""
    return entity.key if entity.type == NAMED_LOCK else f"{entity.type} {entity.key}"


def _escaped(entity_type: str) -> str:
    """Without the slash that ends it."""
    return entity_type.replace("%", "%25").replace("/", "%2F")
