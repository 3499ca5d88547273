"""The HTTP side."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import durable_async as da
from fastapi import Depends, FastAPI

from market.orders.flows import place_order, thank_buyer


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with da.Client(os.environ["DURABLE_URL"]) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


def get_client() -> da.Client:
    return app.state.client


@app.post("/orders/{order_id}")
async def create(order_id: int, buyer: str, client: da.Client = Depends(get_client)) -> dict[str, str]:
    print("order", order_id, datetime.now())
    handle = await client.start(place_order(order_id, buyer, ["mug"]), id=f"o-{uuid.uuid4()}")
    return {"id": handle.id}


@app.post("/orders/{order_id}/thanks")
async def thanks(order_id: int, buyer: str, client: da.Client = Depends(get_client)) -> dict[str, str]:
    handle = await client.start(thank_buyer(order_id, buyer))
    return {"id": handle.id}
