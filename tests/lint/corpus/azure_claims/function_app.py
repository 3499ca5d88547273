"""The function app of the claims team: HTTP starters and the blueprints."""

import json
import logging
import time
import uuid

import azure.durable_functions as df
import azure.functions as func

from blueprints.claims import bp as claims_blueprint
from blueprints.documents import bp as documents_blueprint
from blueprints.entities import bp as entities_blueprint

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
app.register_functions(claims_blueprint)
app.register_functions(documents_blueprint)
app.register_functions(entities_blueprint)


@app.route(route="claims", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start_claim(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    started = time.perf_counter()
    body = req.get_json()
    instance_id = f"claim-{body.get('number') or uuid.uuid4().hex}"
    await client.start_new("handle_claim", instance_id, body)
    logging.info("started %s in %.3fs", instance_id, time.perf_counter() - started)
    return client.create_check_status_response(req, instance_id)


@app.route(route="claims/{id}/adjuster", methods=["POST"])
@app.durable_client_input(client_name="client")
async def decide(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    await client.raise_event(req.route_params["id"], "AdjusterDecision", req.get_json())
    return func.HttpResponse(json.dumps({"at": time.time()}), status_code=202)


@app.timer_trigger(schedule="0 0 5 * * *", arg_name="timer")
@app.durable_client_input(client_name="client")
async def nightly(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:
    await client.start_new("rescan_documents", None, {"day": time.strftime("%Y-%m-%d")})
