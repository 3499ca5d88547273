from __future__ import annotations

import json
import os
import time
import uuid

import azure.durable_functions as df
import azure.functions as func

starter = df.Blueprint()


@starter.route(route="boxes/{member}")
@starter.durable_client_input(client_name="client")
async def begin(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    member = req.route_params["member"]
    body = {"member": member, "asked": time.time(), "region": os.environ.get("REGION_NAME")}
    instance = await client.start_new("monthly_box", f"{member}-{uuid.uuid4()}", body)
    print("started", json.dumps(body))
    return client.create_check_status_response(req, instance)
