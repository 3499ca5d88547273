import asyncio
import os
import socket
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
from temporalio.client import Client
from temporalio.worker import Worker

from shop.activities import OrderInput, Warehouse, charge, print_label
from shop.workflows import OrderWorkflow, ShipmentWorkflow, StockMonitor


async def main() -> None:
    client = await Client.connect(os.environ.get("TEMPORAL", "localhost:7233"), identity=socket.gethostname())
    async with httpx.AsyncClient() as http:
        warehouse = Warehouse(http)
        async with Worker(
            client,
            task_queue="orders",
            workflows=[OrderWorkflow, ShipmentWorkflow, StockMonitor],
            activities=[warehouse.reserve, warehouse.release, charge, print_label],
            activity_executor=ThreadPoolExecutor(8),
        ):
            order = OrderInput(str(uuid.uuid4()), ["a", "b"], 12_00, {"SPRING"})
            print(await client.execute_workflow(OrderWorkflow.run, order, id=order.order_id, task_queue="orders"))


if __name__ == "__main__":
    asyncio.run(main())
