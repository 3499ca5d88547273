"""eSIM profiles: ordered, downloaded, activated; suspended when unpaid."""

import datetime
import json
import logging
import os
import time

import azure.durable_functions as df
import azure.functions as func
import requests

from provisioning import profiles, registry
from provisioning.registry import Hlr
from provisioning.support import deadline_after, pick_pool, write_trace

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
retry = df.RetryOptions(5_000, 3)


@app.route(route="orders/{iccid}")
@app.durable_client_input(client_name="client")
async def order(req: func.HttpRequest, client: df.DurableOrchestrationClient):
    instance = await client.start_new("provision", client_input=req.get_json())
    logging.info("started %s at %s", instance, datetime.datetime.now())
    return client.create_check_status_response(req, instance)


@app.orchestration_trigger(context_name="context")
def provision(context: df.DurableOrchestrationContext):
    order = context.get_input()
    eid = order["eid"]
    pool = pick_pool(order["pools"])
    profile = yield context.call_activity("reserve_profile", {"eid": eid, "pool": pool})
    hlr = Hlr(order.get("hlr", "primary"))
    if not hlr.alive():
        profile["hlr"] = "secondary"
    checks = [context.call_activity("check", name) for name in profiles.checks_for(profile)]
    results = yield context.task_all(checks)
    context.call_activity("notify", {"eid": eid, "results": results})  # expect: DUR133
    due = deadline_after(context.current_utc_datetime, hours=48)
    timeout = context.create_timer(due)
    downloaded = context.wait_for_external_event("downloaded")
    winner = yield context.task_any([timeout, downloaded])
    if winner == timeout:
        write_trace(f"{eid} was never downloaded")
        return {"eid": eid, "state": "expired"}
    timeout.cancel()
    activated = context.call_activity_with_retry("activate", retry, profile)  # expect: DUR133
    if activated["state"] != "active":
        raise ValueError(json.dumps(profile))
    context.set_custom_status({"state": "active", "at": context.current_utc_datetime.isoformat()})
    profile["token"] = str(context.new_uuid())
    return profiles.summary(profile)


@app.orchestration_trigger(context_name="context")
def watch_usage(context: df.DurableOrchestrationContext):
    eid = context.get_input()
    while True:  # expect: DUR151
        usage = yield context.call_activity("usage_of", eid)
        if usage > registry.LIMIT_MB:
            yield context.call_sub_orchestrator("throttle", eid)
        yield context.create_timer(context.current_utc_datetime + datetime.timedelta(hours=1))


@app.orchestration_trigger(context_name="ctx")
def throttle(ctx):
    eid = ctx.get_input()
    started = time.time()  # expect: DUR101
    time.sleep(5)  # expect: DUR102
    yield ctx.call_activity("notify", {"eid": eid, "results": []})
    region = os.environ["REGION_NAME"]  # expect: DUR124
    state = registry.suspend(eid, region)
    if state != "ok":
        ctx.continue_as_new(eid)
    return {"state": state, "after": started}


@app.activity_trigger(input_name="name")
def check(name: str) -> bool:
    time.sleep(0.1)
    return requests.get(f"https://checks.example.org/{name}", timeout=10).ok


@app.activity_trigger(input_name="body")
def notify(body: dict) -> None:
    print(os.environ["SLACK_HOOK"], body)


@app.entity_trigger(context_name="context")
def Balance(context: df.DurableEntityContext):
    value = context.get_state(lambda: 0)
    if context.operation_name == "add":
        value += context.get_input()
    context.set_state(value)
    context.set_result(value)
