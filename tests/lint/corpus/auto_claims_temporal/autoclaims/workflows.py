import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Optional

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    import pendulum
    from autoclaims import activities
    from autoclaims.photos import Bucket, Photo, thumbnail
    from autoclaims.shared import ClaimState, Money, excess_for, transition
    from autoclaims.shared.state import any_possible, possible

SHORT = timedelta(minutes=2)
RETRY = RetryPolicy(maximum_attempts=5)


def _deadline(days: int) -> datetime:
    return pendulum.now("UTC").add(days=days)  # expect: DUR101


class _Steps:
    """What more than one workflow does."""

    async def policy(self, number: str) -> dict:
        return await workflow.execute_activity(
            activities.fetch_policy, number, start_to_close_timeout=SHORT, retry_policy=RETRY
        )

    async def adjuster(self, region: str) -> str:
        try:
            return await workflow.execute_activity(
                activities.assign_adjuster, region, start_to_close_timeout=SHORT
            )
        except (ActivityError, asyncio.CancelledError):  # expect: DUR135
            return "pool"

    async def judged(self, photos: list[Photo], bucket: Bucket) -> int:
        total = 0
        for photo in photos:
            if photo.size() == 0 or await bucket.has(photo.key):
                continue
            total += len(await thumbnail(photo))
            workflow.logger.info("judged %s", photo.fresh_key())
        return total


@workflow.defn(name="AutoClaim")
class AutoClaimWorkflow(_Steps):
    def __init__(self) -> None:
        self.state = ClaimState.REPORTED
        self.estimates: list[Money] = []
        self.approved: Optional[bool] = None

    @workflow.run
    async def run(self, number: str, photos: list[Photo]) -> str:
        policy = await self.policy(number)
        began = workflow.now()
        await self.judged(photos, Bucket(policy["bucket"]))
        self.state = transition(self.state, ClaimState.INSPECTED)
        await self.adjuster(policy["region"])
        try:
            await workflow.wait_condition(lambda: self.approved is not None, timeout=timedelta(days=30))
        except asyncio.TimeoutError:
            raise ApplicationError(f"nobody decided since {began}") from None
        total = sum((money.cents for money in self.estimates), 0)
        due = Money(total) + Money(-excess_for(policy["plan"]).cents)
        if due:
            await workflow.execute_activity_method(
                activities.Payments.pay, args=[number, due], start_to_close_timeout=SHORT
            )
        workflow.execute_activity(  # expect: DUR133
            activities.assign_adjuster, "closing", start_to_close_timeout=SHORT
        )
        handle = workflow.start_activity(
            activities.fetch_policy, number, start_to_close_timeout=SHORT
        )
        with suppress(ActivityError):
            await handle
        if _deadline(30) < began:
            self.state = any_possible(self.state)
        print(f"closed {number}")  # expect: DUR143
        return f"{str(due)} {due}"

    @workflow.signal
    def estimate(self, cents: int) -> None:
        self.estimates.append(Money(cents))

    @workflow.update
    async def decide(self, approved: bool) -> str:
        self.approved = approved
        asyncio.sleep(1)  # expect: DUR133
        return str(workflow.uuid4())

    @decide.validator
    def _decidable(self, approved: bool) -> None:
        if self.state is ClaimState.CLOSED:
            raise ValueError("closed")

    @workflow.query
    def options(self) -> list[str]:
        return possible(self.state)


@workflow.defn
class FraudWatchWorkflow(_Steps):
    @workflow.run
    async def run(self, region: str) -> None:
        while True:  # expect: DUR151
            await asyncio.sleep(3600)
            await self.adjuster(region)


@workflow.defn
class RenewalWatchWorkflow(_Steps):
    @workflow.run
    async def run(self, number: str, rounds: int = 0) -> None:
        while True:
            await workflow.sleep(timedelta(days=1))
            rounds += 1
            await self.policy(number)
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(args=[number, rounds])
