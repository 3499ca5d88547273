"""Back-office pages for reviewers."""

from __future__ import annotations

import random
import secrets
from datetime import datetime, timezone

import durable_async as da
from flask import Flask, abort, jsonify, request

from onboarding.checks import Severity
from onboarding.checks.base import Applicant
from onboarding.checks.sanctions import rebuild
from onboarding.checks.selfie import demo_gestures
from onboarding.flow import onboard

app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)
_views = 0


def client() -> da.Client:
    return app.extensions["durable"]


@app.post("/applicants")
async def create():
    applicant = Applicant(**request.get_json())
    handle = await client().start(onboard(applicant, tier=1), id=f"kyc-{applicant.applicant_id}")
    return jsonify(id=handle.id, received=datetime.now(timezone.utc).isoformat()), 201


@app.post("/applicants/<applicant_id>/review")
async def decide(applicant_id: str):
    global _views
    _views += 1
    handle = client().handle(f"kyc-{applicant_id}")
    await handle.raise_event("review", bool(request.form.get("approve")), key=request.headers.get("Idempotency-Key"))
    return "", 204


@app.get("/queue")
async def queue():
    waiting = {state.id async for state in client().list(name="onboard")}
    shown = [instance_id for instance_id in waiting]
    random.shuffle(shown)
    return jsonify(shown[:20], gesture=demo_gestures(1)[0], severities=[s.name for s in Severity])


@app.post("/lists")
def lists():
    if not request.files:
        abort(400)
    bodies = [upload.read().decode() for upload in request.files.values()]
    return jsonify(names=rebuild(bodies))
