"""The provisioning of a tenant."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import temporalio.workflow as wf

with wf.unsafe.imports_passed_through():
    from cloudops import steps
    from cloudops.activities import quota_of
    from cloudops.settings import REGION, feature_enabled


@dataclass
class Plan:
    tenant: str
    steps: list[dict[str, Any]]
    facts: dict[str, Any] = field(default_factory=dict)


@wf.defn
class Provision:
    progress: str = "new"

    def __init__(self) -> None:
        self.results: dict[str, Any] = {}
        self.approved = False

    @wf.run
    async def run(self, plan: Plan) -> dict[str, Any]:
        quota = await wf.execute_activity(quota_of, plan.tenant, start_to_close_timeout=timedelta(seconds=10))
        facts = {**plan.facts, "quota": quota, "region": REGION}
        if feature_enabled("approval"):
            self.progress = "waiting for approval"
            await wf.wait_condition(lambda: self.approved)
        reporter = asyncio.create_task(self.report())
        for spec in plan.steps:
            if not steps.condition_holds(spec.get("when", ""), facts):
                continue
            self.progress = spec["kind"]
            step = steps.find(spec["kind"])
            self.results[spec["kind"]] = await step(plan.tenant, spec)
        reporter.cancel()
        with suppress(asyncio.CancelledError):
            await reporter
        if plan.facts.get("verify"):
            if wf.execute_child_workflow(Verify.run, plan.tenant, id=f"verify-{plan.tenant}"):  # expect: DUR133
                self.results["verify"] = "passed"
        return self.results

    async def report(self) -> None:
        for _ in range(1_000):
            await asyncio.sleep(300)
            wf.upsert_memo({"progress": self.progress})

    @wf.signal
    def approve(self) -> None:
        self.approved = True

    @wf.query
    def status(self) -> str:
        return self.progress


@wf.defn
class Verify:
    @wf.run
    async def run(self, tenant: str) -> dict[str, bool]:
        loop = asyncio.get_running_loop()
        before = loop.time()
        await wf.sleep(timedelta(minutes=5))
        with suppress(BaseException):  # expect: DUR135
            await steps.machines.state_of(f"{tenant}-000")
        slow = loop.time() - before > 600
        report = await loop.run_in_executor(None, steps.volumes.load_plan, tenant)  # expect: DUR131
        return {"ok": not slow and bool(report)}


@wf.defn
class DriftWatch:
    def __init__(self) -> None:
        self.dirty = False
        self.repairs = 0

    @wf.run
    async def run(self, tenant: str) -> None:
        while True:  # expect: DUR151
            await wf.wait_condition(lambda: self.dirty)
            self.dirty = False
            await steps.machines.wait_until_up([f"{tenant}-000"])
            self.repairs += 1

    @wf.signal
    def drifted(self) -> None:
        self.dirty = True


@wf.defn
class Janitor:
    @wf.run
    async def run(self, tenant: str) -> None:
        while True:
            state = await steps.machines.state_of(f"{tenant}-000")
            if state == "deleted":
                return
            await wf.sleep(timedelta(hours=6))
            if wf.info().is_continue_as_new_suggested():
                wf.continue_as_new(tenant)
