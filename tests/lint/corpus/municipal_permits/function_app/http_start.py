import datetime
import logging
import os

import durable_async as da

from function_app import activities
from function_app.orchestrators import permit_orchestrator, reminder, watchdog


async def http_start(request, application_id):
    async with da.Client(os.environ["DURABLE_URL"]) as client:
        handle = await client.start(permit_orchestrator(application_id), id=f"permit-{application_id}")
        logging.info("%s started %s", datetime.datetime.now(), handle.id)
        permit_orchestrator(application_id)  # expect: DUR133
        return {"statusQueryGetUri": f"/instances/{handle.id}"}


async def manual_charge(request, application_id):
    receipt = activities.charge_fee(application_id, 0.0)  # expect: DUR133
    if request.params.get("remind"):
        async with da.Client(os.environ["DURABLE_URL"]) as client:
            await client.start(reminder(application_id))
            await client.start(watchdog("north"), if_exists="attach")
    return {"charged": application_id}
