"""Entry point of the Functions host."""
import json
import logging
import time
import uuid

import azure.durable_functions as df
import azure.functions as func

from admissions.activities import bp as activities
from admissions.orchestrators import bp as orchestrators

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
app.register_functions(activities)
app.register_functions(orchestrators)


@app.route(route="applications", methods=["POST"])
@app.durable_client_input(client_name="client")
async def submit(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    started = time.time()
    application = req.get_json()
    application["submitted"] = started
    instance = await client.start_new("application", instance_id=str(uuid.uuid4()), client_input=application)
    logging.info("started %s in %.1f ms", instance, (time.time() - started) * 1e3)
    return client.create_check_status_response(req, instance)


@app.route(route="applications/{id}/documents", methods=["POST"])
@app.durable_client_input(client_name="client")
async def document(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    await client.raise_event(req.route_params["id"], "document", req.get_json())
    return func.HttpResponse(json.dumps({"ok": True}), mimetype="application/json")
