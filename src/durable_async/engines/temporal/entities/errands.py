"""What workflows have workers do at the cluster, as they cannot do it themselves. Invariant: each
of these may be done twice, and counts once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

from temporalio import activity
from temporalio.client import Client
from temporalio.common import RawValue, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from durable_async.engines.temporal.entities.entity import STILL_RUNS, start_arguments
from durable_async.engines.temporal.entities.mail import POST, REPLY
from durable_async.engines.temporal.entities.mailing import (
    POST_MAIL,
    SEND_REPLIES,
    START_INSTANCE,
    ReplySignal,
    unpacked,
    unpacked_bytes,
)
from durable_async.engines.temporal.entities.memos import EntityMemo, entity_memo
from durable_async.engines.temporal.entities.names import ENTITIES, ENTITY, named, workflow_id_of
from durable_async.engines.temporal.payloads import read_document
from durable_async.errors import (
    DurableError,
    EngineLimitError,
    InstanceAlreadyExistsError,
    InstanceNotFoundError,
    StoreError,
)
from durable_async.model.creation import Created, CreateInstance
from durable_async.model.identity import Caller, EntityId
from durable_async.model.work import InstanceRecord

__all__ = ["errands_of", "post"]

_logger: Final = logging.getLogger("durable_async.engines")

_AT_ONCE: Final = 32
"""Replies that are sent at the same time."""


async def post(client: Client, entity: EntityId, arguments: Sequence[RawValue]) -> None:
    """Let an entity have a mail, and start it if it does not run. arguments: of the signal.

    Raises: temporalio's RPCError.
    """
    await client.start_workflow(
        ENTITY,
        args=start_arguments(entity),
        id=workflow_id_of(entity),
        task_queue=ENTITIES,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal=POST,
        start_signal_args=arguments,
        memo=entity_memo(EntityMemo(entity=entity)),
        static_summary=named(entity),
    )


class _Cluster(Protocol):
    @property
    def temporal(self) -> Client: ...
    async def create(self, request: CreateInstance) -> Created: ...
    async def record(self, instance_id: str) -> InstanceRecord: ...


def errands_of(cluster: _Cluster) -> list[Callable[..., Awaitable[Any]]]:
    """The activities, as temporalio takes them."""

    @activity.defn(name=POST_MAIL)
    async def post_mail(entity: RawValue, mail: RawValue) -> None:
        addressee = read_document([entity], 0, EntityId)
        assert addressee is not None, "a mail has an addressee"
        await post(cluster.temporal, addressee, unpacked(mail))

    @activity.defn(name=SEND_REPLIES)
    async def send_replies(replies: RawValue) -> None:
        signals = read_document([replies], 0, list[ReplySignal]) or []
        places = asyncio.Semaphore(_AT_ONCE)

        async def send(each: ReplySignal) -> None:
            async with places:
                await _reply(cluster.temporal, each)

        await asyncio.gather(*map(send, signals))

    @activity.defn(name=START_INSTANCE)
    async def start_instance(request: RawValue, sender: RawValue) -> None:
        asked = read_document([request], 0, CreateInstance)
        assert asked is not None, "something is to be started"
        try:
            await cluster.create(asked)
        except InstanceAlreadyExistsError as error:
            # It may have been this errand that has started it.
            if not await _is_there(cluster, asked):
                _tell(sender, error)
        except EngineLimitError as error:
            _tell(sender, error)
        except StoreError:
            raise  # to be tried again
        except DurableError as error:
            _tell(sender, error)

    @activity.defn(name=STILL_RUNS)
    async def still_runs(caller: RawValue) -> bool:
        holder = read_document([caller], 0, Caller)
        assert holder is not None, "somebody holds the lock"
        try:
            record = await cluster.record(holder.instance_id)
        except InstanceNotFoundError:
            return False
        return not record.status.has_ended and record.execution_id == holder.execution_id

    return [post_mail, send_replies, start_instance, still_runs]


async def _reply(client: Client, signal: ReplySignal) -> None:
    try:
        handle = client.get_workflow_handle(signal.instance_id)
        await handle.signal(REPLY, args=unpacked_bytes(signal.arguments))
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:  # it has ended
            raise


async def _is_there(cluster: _Cluster, asked: CreateInstance) -> bool:
    try:
        return (await cluster.record(asked.instance_id)).execution_id == asked.execution_id
    except InstanceNotFoundError:
        return False


def _tell(sender: RawValue, error: DurableError) -> None:
    _logger.warning("%s could not start an instance: %s", read_document([sender], 0, str), error)
