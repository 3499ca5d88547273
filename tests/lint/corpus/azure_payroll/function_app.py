"""The function app: triggers here, the work in `payroll`."""

import logging
import os

import azure.durable_functions as df
import azure.functions as func

from payroll.close import bp as close_bp
from payroll.runs import bp as runs_bp

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
app.register_functions(runs_bp)
app.register_functions(close_bp)


@app.route(route="runs/{month}")
@app.durable_client_input(client_name="client")
async def start_run(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    month = req.route_params["month"]
    instance = await client.start_new("payroll_run", None, {"month": month, "env": os.environ["ENV"]})
    logging.info("started %s", instance)
    return client.create_check_status_response(req, instance)
