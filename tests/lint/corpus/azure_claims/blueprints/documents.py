"""Collecting and rescanning documents."""

import hashlib
import tempfile
import time
from datetime import timedelta

import azure.durable_functions as df
from azure.storage.blob import BlobServiceClient

from domain import storage

bp = df.Blueprint()


@bp.orchestration_trigger(context_name="ctx")
def collect_document(ctx: df.DurableOrchestrationContext):
    request = ctx.get_input()
    key = storage.blob_name(request["claim"], request["kind"])
    if storage.exists(key):
        return {"kind": request["kind"], "source": "archive"}
    yield ctx.call_activity("request_document", request)
    deadline = ctx.current_utc_datetime + timedelta(days=14)
    while ctx.current_utc_datetime < deadline:
        uploaded = yield ctx.call_activity("look_for", key)
        if uploaded:
            digest = hashlib.sha256(uploaded.encode()).hexdigest()
            return {"kind": request["kind"], "source": "upload", "digest": digest}
        yield ctx.create_timer(ctx.current_utc_datetime + timedelta(hours=2))
    return {"kind": request["kind"], "source": None}


@bp.orchestration_trigger(context_name="ctx")
def rescan_documents(ctx: df.DurableOrchestrationContext):
    keys = yield ctx.call_activity("list_documents", ctx.get_input())
    by_kind: dict = {}
    for key in keys:
        by_kind.setdefault(storage.kind_of(key), []).append(key)
    kinds = set(by_kind)
    for kind in kinds:  # expect: DUR134
        yield ctx.task_all([ctx.call_activity("scan", key) for key in by_kind[kind]])
    total = sum(len(by_kind[kind]) for kind in kinds)
    print(f"rescanned {total} documents")  # expect: DUR143
    return {"kinds": sorted(kinds), "total": total}


@bp.orchestration_trigger(context_name="ctx")
def watch_inbox(ctx: df.DurableOrchestrationContext):
    """Started once by operations and never ended."""
    seen = 0
    while True:  # expect: DUR151
        found = yield ctx.call_activity("list_documents", {"since": seen})
        seen += len(found)
        yield ctx.create_timer(ctx.current_utc_datetime + timedelta(minutes=10))


@bp.orchestration_trigger(context_name="ctx")
def watch_archive(ctx: df.DurableOrchestrationContext):
    state = ctx.get_input() or {"rounds": 0}
    yield ctx.call_activity("scan", "archive")
    yield ctx.create_timer(ctx.current_utc_datetime + timedelta(hours=1))
    ctx.continue_as_new({"rounds": state["rounds"] + 1})


@bp.activity_trigger(input_name="key")
def look_for(key: str) -> str:
    return key if storage.exists(key) else ""


@bp.activity_trigger(input_name="key")
def scan(key: str) -> float:
    began = time.monotonic()
    with tempfile.NamedTemporaryFile() as target:
        BlobServiceClient.from_connection_string(storage.connection_string()).get_blob_client("docs", key).download_blob().readinto(target)
    return time.monotonic() - began
