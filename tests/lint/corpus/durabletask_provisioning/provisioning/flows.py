"""The orchestrators."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
from datetime import datetime, timedelta, timezone

from durabletask import task

from provisioning import activities as act
from provisioning import naming

RETRY = task.RetryPolicy(first_retry_interval=timedelta(seconds=5), max_number_of_attempts=3)
IN_PROGRESS: set[str] = set()


@dataclasses.dataclass
class TenantSpec:
    name: str
    plan: str = "small"
    features: list[str] = dataclasses.field(default_factory=list)
    requested: datetime = datetime.now(timezone.utc)


def provision_tenant(ctx: task.OrchestrationContext, spec: TenantSpec):
    IN_PROGRESS.add(spec.name)  # expect: DUR141
    database = naming.database_name(spec.name)
    namespace = yield ctx.call_activity(act.create_namespace, input=naming.slug(spec.name))
    try:
        url = yield ctx.call_activity(act.create_database, input=database, retry_policy=RETRY)
        host, address = naming.endpoint(spec.name)
        registered = yield ctx.call_activity(act.register_dns, input=host)
        if not registered:
            raise LookupError(host)
    except task.TaskFailedError:
        yield ctx.call_activity(act.drop_database, input=database)
        raise
    ready = subprocess.run(["kubectl", "get", "ns", namespace])  # expect: DUR123
    for feature in {f.strip() for f in spec.features}:  # expect: DUR134
        yield ctx.call_sub_orchestrator(enable_feature, input=f"{namespace}/{feature}")
    ctx.call_activity(act.send_invoice, input=spec.name)  # expect: DUR133
    return {"url": url, "shard": naming.shard(spec.name), "size": naming.size_of(spec.plan), "code": ready.returncode}


def enable_feature(ctx: task.OrchestrationContext, path: str):
    namespace, _, feature = path.partition("/")
    approval = ctx.wait_for_external_event(f"approve-{feature}")
    timeout = ctx.create_timer(ctx.current_utc_datetime + timedelta(hours=8))
    winner = yield task.when_any([approval, timeout])
    if winner == timeout:
        return f"{feature} timed out at {datetime.now():%H:%M}"  # expect: DUR101
    token = naming.one_time_token()
    yield ctx.call_activity(act.register_dns, input=f"{feature}-{token}.{namespace}")
    return token


def retire_tenant(ctx: task.OrchestrationContext, blob: bytes):
    spec = pickle.loads(blob)  # expect: DUR142
    left = yield ctx.call_activity(act.usage, input=spec.name)
    drops = [ctx.call_activity(act.drop_database, input=name) for name in sorted({spec.name, naming.slug(spec.name)})]
    yield task.when_all(drops)
    return left


def bill_monthly(ctx: task.OrchestrationContext, tenants: list[str]):
    for tenant in dict.fromkeys(tenants):
        yield ctx.call_activity(act.send_invoice, input=tenant)
    yield ctx.create_timer(ctx.current_utc_datetime + timedelta(days=30))
    ctx.continue_as_new(tenants)


def watch_quota(ctx: task.OrchestrationContext, tenant: str):
    limit = 1 << 30
    while True:
        used = yield ctx.call_activity(act.usage, input=tenant)
        if used > limit:
            return used
        yield ctx.create_timer(timedelta(hours=1))


def sample_usage(tenants: list[str]):
    """A plain generator: for the report, no orchestrator."""
    for tenant in set(tenants):
        yield tenant, datetime.now(), naming.stable_shard(tenant)
