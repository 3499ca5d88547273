from __future__ import annotations

import asyncio
import os
import time
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from . import activities, rules
    from .audit import Trail
    from .shared import Claim, Decision, Document, Stage

SHORT = timedelta(seconds=30)
RETRY = RetryPolicy(maximum_attempts=5, non_retryable_error_types=["PolicyNotFound"])
FINAL = {Stage.DENIED, Stage.CLOSED}


@workflow.defn
class ClaimWorkflow:
    def __init__(self) -> None:
        self.stage = Stage.RECEIVED
        self.adjuster: str | None = None
        self.decision: Decision | None = None
        self._inbox: asyncio.Queue[Document] = asyncio.Queue()

    @workflow.signal
    def assign(self, adjuster: str) -> None:
        self.adjuster = adjuster

    @workflow.signal
    async def add_document(self, document: Document) -> None:
        await self._inbox.put(document)

    @workflow.update
    async def decide(self, decision: Decision) -> str:
        await workflow.wait_condition(lambda: self.stage is Stage.ADJUSTING)
        self.decision = decision
        return f"{self.stage}: {decision.by}"

    @workflow.query
    def status(self) -> str:
        return f"{self.stage} ({self.adjuster or 'nobody'})"

    @workflow.run
    async def run(self, claim: Claim) -> str:
        trail = Trail(claim.number)
        policy = await workflow.execute_activity(
            activities.fetch_policy, claim.policy, start_to_close_timeout=SHORT, retry_policy=RETRY
        )
        trail.note("policy", holder=policy["holder"])
        await self._scan(claim)

        self.stage = Stage.TRIAGE
        objections = rules.objections(claim, workflow.now())
        score = await self._fraud(claim)
        if not objections and score < 40:
            self.decision = Decision(True, claim.cents)
        else:
            self.stage = Stage.ADJUSTING
            trail.note("adjusting", objections=objections, score=score)
            await self._wait_for_adjuster(claim, objections)

        decision = self.decision
        if decision is None:
            raise ApplicationError("no decision", non_retryable=True)
        if decision.approved:
            await self._pay(claim, decision, trail)
        else:
            self.stage = Stage.DENIED
            await self._tell(claim, "denied", decision.reasons)
        await workflow.execute_activity(
            activities.write_audit, args=[claim.number, trail.drain()], start_to_close_timeout=SHORT
        )
        if self.stage not in FINAL:
            self.stage = Stage.CLOSED
        return self.stage.value

    async def _scan(self, claim: Claim) -> None:
        """Scan what came with the claim; more may arrive for an hour."""
        deadline = workflow.now() + timedelta(hours=1)
        while len(claim.documents) < 20:
            left = (deadline - workflow.now()).total_seconds()
            if left <= 0:
                break
            try:
                claim.documents.append(await asyncio.wait_for(self._inbox.get(), left))
            except asyncio.TimeoutError:
                break
        hashes = await asyncio.gather(
            *(
                workflow.execute_activity(activities.scan_document, d, start_to_close_timeout=SHORT)
                for d in claim.documents
            )
        )
        for document, digest in zip(claim.documents, hashes):
            document.sha256 = digest

    async def _fraud(self, claim: Claim) -> int:
        if os.environ.get("FRAUD_CHECK", "on") != "on":  # expect: DUR124
            return 0
        try:
            return await workflow.execute_activity(activities.fraud_score, claim, start_to_close_timeout=SHORT)
        except ActivityError:
            workflow.logger.warning("no fraud score for %s", claim.number)
            return 50

    async def _wait_for_adjuster(self, claim: Claim, objections: list[str]) -> None:
        since = time.time()  # expect: DUR101
        while self.decision is None:
            try:
                await workflow.wait_condition(lambda: self.decision is not None, timeout=timedelta(days=3))
            except asyncio.TimeoutError:
                waited = int(time.time() - since) // 86_400  # expect: DUR101
                await self._tell(claim, "patience", [*objections, f"waiting for {waited} days"])

    async def _tell(self, claim: Claim, template: str, lines: list[str]) -> None:
        await workflow.execute_activity(
            activities.tell_customer, args=[claim, template, lines], start_to_close_timeout=SHORT
        )

    async def _pay(self, claim: Claim, decision: Decision, trail: Trail) -> None:
        try:
            reference = await workflow.execute_activity(
                activities.pay_out, args=[claim, decision], schedule_to_close_timeout=timedelta(days=1)
            )
        except BaseException as err:
            trail.note("payment failed", error=type(err).__name__)
            raise
        self.stage = Stage.APPROVED
        trail.note("paid", reference=reference)
        self._tell(claim, "paid", [reference])  # expect: DUR133


@workflow.defn(name="claim-reminders")
class ReminderWorkflow:
    """One per adjuster, runs as long as the adjuster is with us."""

    def __init__(self) -> None:
        self.open: dict[str, Claim] = {}

    @workflow.signal
    def opened(self, claim: Claim) -> None:
        self.open[claim.number] = claim

    @workflow.signal
    def closed(self, number: str) -> None:
        self.open.pop(number, None)

    @workflow.run
    async def run(self, adjuster: str) -> None:
        while True:
            await asyncio.sleep(timedelta(days=1).total_seconds())
            for claim in self.open.values():
                workflow.execute_activity(  # expect: DUR133
                    activities.tell_customer, args=[claim, "reminder", [adjuster]], start_to_close_timeout=SHORT
                )
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(adjuster)
