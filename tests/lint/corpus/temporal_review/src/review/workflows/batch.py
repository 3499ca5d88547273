"""Reviews a whole data room, a few documents at a time, as children."""

import asyncio
import uuid
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from review.prompts import cache_slot
    from review.workflows.document import DocumentInput, DocumentResult, DocumentReview

PARALLEL = 5
# tells runs of this build apart in the logs and, for some weeks now, in child ids
BUILD_RUN = uuid.uuid4().hex[:6]
ROOM_NAMESPACE = uuid.UUID("5a3fa4f0-53d7-4a3e-9a43-06a3b7a1d4b1")


@dataclass
class BatchInput:
    room: str
    documents: list[DocumentInput]
    skip: frozenset[str] = frozenset()


@workflow.defn(name="BatchReview")
class BatchReview:
    def __init__(self) -> None:
        self.done: dict[str, DocumentResult] = {}
        self.urgent: asyncio.Queue[DocumentInput] = asyncio.Queue()
        self.closed = False

    @workflow.run
    async def run(self, batch: BatchInput) -> list[str]:
        gate = asyncio.Semaphore(PARALLEL)
        wanted = {doc.document_id for doc in batch.documents} - batch.skip
        ordered = sorted(wanted)
        by_id = {doc.document_id: doc for doc in batch.documents}
        workflow.logger.info("room %s: %d documents", batch.room, len(wanted))

        await asyncio.gather(*(self._review(gate, by_id[key]) for key in ordered))
        urgent = asyncio.create_task(self._drain_urgent(gate))
        first = next(iter(wanted), None)  # expect: DUR134
        if first is not None:
            workflow.upsert_memo({"first": first})
            self._ring(first)  # expect: DUR133
        await workflow.wait_condition(lambda: self.closed and self.urgent.empty())
        urgent.cancel()
        return [key for key in ordered if key in self.done]

    async def _review(self, gate: asyncio.Semaphore, doc: DocumentInput) -> None:
        async with gate:
            slot = cache_slot(doc.uri)
            self.done[doc.document_id] = await workflow.execute_child_workflow(
                DocumentReview.run,
                doc,
                id=f"review-{BUILD_RUN}-{doc.document_id}",  # expect: DUR112
                memo={"slot": slot, "room": str(uuid.uuid5(ROOM_NAMESPACE, doc.uri))},
                parent_close_policy=ParentClosePolicy.ABANDON,
                execution_timeout=timedelta(days=7),
            )

    async def _drain_urgent(self, gate: asyncio.Semaphore) -> None:
        while True:  # expect: DUR151
            doc = await self.urgent.get()
            await self._review(gate, doc)

    async def _ring(self, document_id: str) -> None:
        await workflow.sleep(60)
        workflow.upsert_memo({"ringing": document_id})

    @workflow.signal
    def push(self, doc: DocumentInput) -> None:
        self.urgent.put_nowait(doc)

    @workflow.signal
    def close(self) -> None:
        self.closed = True
