"""What Temporal keeps of an entity where it can be read without a worker. Invariant: it names the
entity, which its workflow id may not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import attrs
import msgspec
from temporalio.api.common.v1 import Payload as WirePayload

from durable_async.engines.temporal.memos import payload_in
from durable_async.engines.temporal.payloads import document
from durable_async.model.identity import Caller, EntityId

__all__ = ["ENTITY_FORMAT", "EntityMemo", "entity_memo", "read_entity_memo"]

ENTITY_FORMAT: Final = 1
"""Of what an entity leaves at Temporal, and of the order in which it asks for it: grows with each
change that a worker of an earlier release could not replay."""

_KEY: Final = "entity"


@attrs.frozen(kw_only=True)
class EntityMemo:
    """format: see ENTITY_FORMAT. queued: operations that wait, beyond those that run. locked_by:
    who holds its lock. updated_at: when its state last changed, as far as the run knew that was
    there when it began."""

    entity: EntityId
    format: int = ENTITY_FORMAT
    queued: int = 0
    locked_by: Caller | None = None
    updated_at: datetime | None = None


def entity_memo(memo: EntityMemo) -> dict[str, Any]:
    return {_KEY: document(memo)}


def read_entity_memo(fields: Mapping[str, WirePayload]) -> EntityMemo | None:
    payload = payload_in(fields, _KEY)
    return None if payload is None else msgspec.json.decode(payload.data, type=EntityMemo)
