"""Starts a subscription from the sign-up service (or by hand: python -m billing.starter c-17 team)."""

import asyncio
import sys
import time
import uuid

from temporalio.client import Client, WorkflowHandle

from billing import TASK_QUEUE
from billing.models import Plan, SubscriptionInput
from billing.workflows import SubscriptionWorkflow


async def subscribe(client: Client, customer_id: str, plan: Plan) -> WorkflowHandle:
    return await client.start_workflow(
        SubscriptionWorkflow.run,
        SubscriptionInput(customer_id=customer_id, plan=plan),
        id=f"subscription-{customer_id}-{uuid.uuid4().hex[:8]}",
        task_queue=TASK_QUEUE,
    )


async def main(argv: list[str]) -> int:
    client = await Client.connect("localhost:7233")
    began = time.monotonic()
    handle = await subscribe(client, argv[1], Plan(argv[2]))
    print(handle.id, f"{time.monotonic() - began:.3f}s")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv)))
