"""The ledger per product, as a durable entity."""

import uuid
from datetime import datetime

import azure.durable_functions as df

bp = df.Blueprint()


@bp.entity_trigger(context_name="context")
def Ledger(context: df.DurableEntityContext) -> None:
    state = context.get_state(lambda: {"total": 0, "entries": []})
    operation = context.operation_name
    if operation == "add":
        amount = context.get_input()
        state["total"] += amount
        state["entries"].append(amount)
    elif operation == "reset":
        state = {"total": 0, "entries": []}
    elif operation == "get":
        context.set_result(state["total"])
    context.set_state(state)


@bp.activity_trigger(input_name="letter")
def send_letter(letter: dict) -> str:
    letter_id = uuid.uuid4().hex
    with open(f"/tmp/{letter_id}.txt", "w") as out:
        out.write(f"{datetime.now():%d.%m.%Y}\n{letter['body']}")
    return letter_id


@bp.route(route="ledger/{product}", methods=["GET"])
@bp.durable_client_input(client_name="client")
async def read_ledger(req, client: df.DurableOrchestrationClient):
    state = await client.read_entity_state(df.EntityId("Ledger", req.route_params["product"]))
    return f"{datetime.utcnow().isoformat()} {state.entity_state}"
