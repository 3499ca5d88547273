"""One workflow per subscription; it lives as long as the customer pays."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from billing import proration
    from billing.activities import BillingActivities
    from billing.models import AuditEntry, Period, Plan, SubscriptionInput, SubscriptionResult

CHARGE = {
    "start_to_close_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(maximum_attempts=4, non_retryable_error_types=["CardDeclined"]),
}
CYCLES_PER_RUN = 24


@workflow.defn
class SubscriptionWorkflow:
    @workflow.init
    def __init__(self, params: SubscriptionInput) -> None:
        self.params = params
        self.plan = params.plan
        self.period = Period.current()
        self.pending_addons: set[str] = set(params.addons)
        self.trail: list[AuditEntry] = []
        self.cancelled = False
        self.charged = 0

    @workflow.run
    async def run(self, params: SubscriptionInput) -> SubscriptionResult:
        workflow.logger.info("subscription of %s", params.customer_id)
        await asyncio.sleep(timedelta(days=params.trial_days).total_seconds())
        reason = "cancelled"
        cycle = params.cycles_done
        while not self.cancelled:
            for addon in self.pending_addons:  # expect: DUR134
                await workflow.execute_activity_method(
                    BillingActivities.activate_addon,
                    args=[params.customer_id, addon],
                    start_to_close_timeout=timedelta(minutes=1),
                )
            if not await self._collect(cycle):
                reason = "unpaid"
                break
            cycle += 1
            self.period = Period.starting(self.period.end)
            await self._until_next_period()
            if cycle - params.cycles_done >= CYCLES_PER_RUN:
                workflow.continue_as_new(
                    SubscriptionInput(params.customer_id, self.plan, 0, cycle, sorted(self.pending_addons))
                )
        self._mail("goodbye")  # expect: DUR133
        return SubscriptionResult(params.customer_id, cycle, self.charged, reason)

    async def _collect(self, cycle: int) -> bool:
        cents = proration.price_for(self.plan, sorted(self.pending_addons))
        number = proration.invoice_number(self.params.customer_id, cycle)
        for attempt in range(1, 4):
            try:
                receipt = await workflow.execute_activity_method(
                    BillingActivities.charge, args=[self.params.customer_id, cents, number], **CHARGE
                )
            except ActivityError:
                self.trail.append(AuditEntry("declined", number))
                await self._mail("payment-failed")
                workflow.sleep(proration.dunning_delay(attempt))  # expect: DUR133
                continue
            self.charged += receipt.amount
            return True
        return False

    async def _until_next_period(self) -> None:
        wait = proration.seconds_until(workflow.now().replace(hour=6, minute=0) + timedelta(days=30), workflow.now())
        try:
            await workflow.wait_condition(lambda: self.cancelled, timeout=timedelta(seconds=wait))
        except asyncio.TimeoutError:
            pass

    async def _mail(self, template: str) -> None:
        await workflow.execute_activity_method(
            BillingActivities.send_mail,
            args=[self.params.customer_id, template],
            start_to_close_timeout=timedelta(seconds=20),
        )

    @workflow.signal
    async def change_plan(self, plan: Plan) -> None:
        credit = proration.credit_for_change(self.period, self.plan, plan)
        self.trail.append(AuditEntry("plan", f"{self.plan.value}->{plan.value} ({credit})"))
        self.plan = plan
        await self._mail("plan-changed")

    @workflow.signal
    def cancel(self) -> None:
        self.cancelled = True

    @workflow.update
    async def add_addon(self, name: str) -> int:
        self.pending_addons.add(name)
        return len(self.pending_addons)

    @add_addon.validator
    def check_addon(self, name: str) -> None:
        if name in self.pending_addons:
            raise ValueError(f"{name} is active already")

    @workflow.query
    def addons(self) -> list[str]:
        return sorted(self.pending_addons)
