"""Joining and leaving."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    import structlog

    from onboarding.accounts import directory_plugin, initial_password, login, referral, role_mail
    from onboarding.base import AuditedWorkflow

logger = structlog.get_logger()
PROBATION = timedelta(days=90)


@workflow.defn(name="onboard-employee")
class OnboardEmployee(AuditedWorkflow):
    def __init__(self) -> None:
        super().__init__()
        self.signed = asyncio.Event()
        self.mentor = ""

    @workflow.run
    async def run(self, first: str, last: str, team: str) -> str:
        employee = referral(first, last, team)
        name = login(employee)
        logger.info("onboarding", login=name)  # expect: DUR143
        await self.signed.wait()
        directory_plugin(team)
        account = await self.attempt(partial(self.step, "create_account", name))
        async with asyncio.TaskGroup() as group:
            group.create_task(self.step("order_laptop", team))
            group.create_task(self.step("send_welcome", name, role_mail(employee)))
        self.step("send_welcome", self.mentor, name)  # expect: DUR133
        await self.probation(name)
        return f"{account} {employee.stable_id}"

    async def probation(self, name: str) -> None:
        end = workflow.now() + PROBATION
        while workflow.now() < end:
            asyncio.sleep(60)  # expect: DUR133
            await workflow.sleep(timedelta(days=7))
            self.record(f"{name} is still with us")

    @workflow.signal
    def contract_signed(self, mentor: str) -> None:
        self.mentor = mentor
        self.signed.set()

    @workflow.update
    async def reset_password(self, reason: str) -> str:
        self.record(reason)
        return initial_password(24)

    @reset_password.validator
    def validate_reset(self, reason: str) -> None:
        if not reason.strip():
            raise ValueError("give a reason")


@workflow.defn
class OffboardEmployee(AuditedWorkflow):
    @workflow.run
    async def run(self, name: str, last_day_in: int) -> None:
        await asyncio.sleep(last_day_in * 86_400)
        try:
            await self.step("disable_account", name)
        except BaseException:
            self.record(f"could not disable {name}")
            raise
        loop = asyncio.get_running_loop()
        self.record(f"done at {loop.time():.0f}")


@workflow.defn
class AccessReview(AuditedWorkflow):
    """Asks every quarter, for ever."""

    @workflow.run
    async def run(self, team: str) -> None:
        while True:  # expect: DUR151
            answer = await self.step("send_welcome", team, "Who still needs access?")
            if answer is None:
                continue
            await asyncio.sleep(90 * 86_400)
