"""The connection with a cluster. Invariant: what the cluster does not do is told by an error that
names it; nothing is asked of it before the connection is open, nor after it was closed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from temporalio.api.common.v1 import WorkflowExecution as WireExecution
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DeleteWorkflowExecutionRequest,
    DescribeNamespaceRequest,
)
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowHandle
from temporalio.common import TypedSearchAttributes
from temporalio.service import RPCError, RPCStatusCode

from durable_async.engines import refusals
from durable_async.engines.temporal.access import (
    LAST_THREADS,
    access_to,
    another_like,
    client_like,
)
from durable_async.engines.temporal.address import Address
from durable_async.engines.temporal.indexes import TAGS, attributes_for
from durable_async.errors import InstanceNotFoundError, StoreError

__all__ = ["ANSWER", "Connection"]

ANSWER: Final = timedelta(seconds=10)
"""How long the cluster, and for what only workers know a worker, may take to answer."""

_REFUSED: Final = (RPCStatusCode.UNAUTHENTICATED, RPCStatusCode.PERMISSION_DENIED)


class Connection:
    """source: where the cluster is, or a client of temporalio's, whose connection is used and stays
    open. Raises: ValueError if that client cannot be used (see `access.client_like`).
    """

    def __init__(self, source: Address | Client) -> None:
        self._source = source if isinstance(source, Address) else client_like(source)
        self._opened: Client | None = None
        self._target = ""  # for messages
        self._is_lent = False  # to a worker
        self._indexes: bool | None = None  # tags, as far as is known

    async def open(self) -> None:
        """Raises: StoreError if the cluster does not answer, or has no such namespace, or if what
        is set for Temporal cannot be read."""
        match self._source:
            case Address() as address:
                client = await self._connect(address)
            case connected:
                client = connected
        self._target = client.service_client.config.target_host
        await self._look_for_namespace(client)
        self._opened = client

    async def _connect(self, address: Address) -> Client:
        try:
            return await access_to(address).connect()
        except StoreError:
            await asyncio.sleep(LAST_THREADS)
            raise

    async def _look_for_namespace(self, client: Client) -> None:
        namespace = client.namespace
        try:
            await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=namespace), timeout=ANSWER
            )
        except RPCError as error:
            if error.status in _REFUSED:
                raise StoreError(
                    f"the Temporal cluster at {self._target} does not let this in to namespace "
                    f"{namespace!r}: {error.status.name}: {error.message}. Check TEMPORAL_API_KEY, "
                    "or the certificate of TEMPORAL_TLS_..., and whether they are of this namespace"
                ) from error
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise self.unanswered(error) from error
            raise StoreError(
                f"the Temporal cluster at {self._target} has no namespace {namespace!r}. "
                f"Make it: `temporal operator namespace create {namespace}`"
            ) from error

    async def close(self) -> None:
        self._opened = self._indexes = None
        await asyncio.sleep(LAST_THREADS)

    @property
    def client(self) -> Client:
        """What speaks to the cluster. Raises RuntimeError if it is not connected."""
        if self._opened is None:
            raise RuntimeError("the engine is not open")
        return self._opened

    @contextlib.asynccontextmanager
    async def lend(self) -> AsyncIterator[Client]:
        """A connection for a worker: Temporal's library takes one worker of a queue on each. The
        first has this one's, so that a key that is renewed here counts there, too."""
        if self._is_lent:
            yield await another_like(self.client)
            return
        self._is_lent = True
        try:
            yield self.client
        finally:
            self._is_lent = False

    # ---- what is asked of the cluster --------------------------------------------------------

    def handle(self, instance_id: str, run_id: str | None = None) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(instance_id, run_id=run_id)

    async def describe(self, instance_id: str) -> WorkflowExecutionDescription:
        with self.asking(instance_id):
            return await self.handle(instance_id).describe(rpc_timeout=ANSWER)

    async def delete_run(self, instance_id: str, run_id: str) -> None:
        """The cluster does it soon: that can take half a minute, until when it is still seen."""
        request = DeleteWorkflowExecutionRequest(
            namespace=self.client.namespace,
            workflow_execution=WireExecution(workflow_id=instance_id, run_id=run_id),
        )
        with contextlib.suppress(InstanceNotFoundError), self.asking(instance_id):
            await self.client.workflow_service.delete_workflow_execution(request, timeout=ANSWER)

    async def attributes_for(self, tags: Mapping[str, str]) -> TypedSearchAttributes | None:
        """For an instance that is started, if the namespace has the search attribute for tags."""
        return attributes_for(tags) if await self.has_index() else None

    async def has_index(self) -> bool:
        """Whether the namespace has the search attribute for tags. Asked once; a cluster that does
        not tell (it may want other rights for it) has none."""
        if self._indexes is None:
            request = ListSearchAttributesRequest(namespace=self.client.namespace)
            try:
                there = await self.client.operator_service.list_search_attributes(
                    request, timeout=ANSWER
                )
            except RPCError:
                self._indexes = False
            else:
                kind = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST
                self._indexes = there.custom_attributes.get(TAGS) == kind
        return self._indexes

    # ---- what it does not do -----------------------------------------------------------------

    @contextlib.contextmanager
    def asking(self, instance_id: str | None = None) -> Iterator[None]:
        """instance_id: whose absence may be the answer."""
        try:
            yield
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and instance_id is not None:
                raise refusals.not_found(instance_id, self.client.namespace) from None
            raise self.unanswered(error) from error

    def unanswered(self, error: RPCError) -> StoreError:
        said = f"{error.status.name}: {error.message}".rstrip(". ")
        hint = _hint(error.status, error.message)
        return StoreError(f"the Temporal cluster at {self._target} did not do this: {said}{hint}")


def _hint(status: RPCStatusCode, message: str) -> str:
    match status:
        case RPCStatusCode.CANCELLED | RPCStatusCode.DEADLINE_EXCEEDED | RPCStatusCode.UNAVAILABLE:
            return (
                ". Is the server reachable, and, for what only a worker knows, does one run on "
                "that queue?"
            )
        case RPCStatusCode.FAILED_PRECONDITION if "no poller" in message:
            return ". Only a worker of that queue knows it, and none runs: start one"
        case RPCStatusCode.FAILED_PRECONDITION:
            return (
                ". For what only a worker knows: those that tried cannot go on with the instance, "
                "and their log says why"
            )
        case _:
            return ""
