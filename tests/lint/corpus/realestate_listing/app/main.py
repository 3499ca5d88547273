"""uvicorn app.main:app"""

import os
import time
from contextlib import asynccontextmanager
from uuid import uuid4

import durable_async as da
from fastapi import Depends, FastAPI, HTTPException

from app.schemas import ApiError, Listing
from app.workflows import reserve_viewing, sell


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with da.Client(os.getenv("DURABLE_URL", "sqlite:///durable.db")) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


def client() -> da.Client:
    return app.state.client


@app.post("/listings")
async def create(listing: Listing, durable: da.Client = Depends(client)) -> dict:
    begun = time.perf_counter()
    handle = await durable.start(sell(listing), id=f"sell-{listing.id}-{uuid4().hex[:4]}")
    return {"id": handle.id, "took": time.perf_counter() - begun}


@app.get("/listings/{instance}")
async def show(instance: str, durable: da.Client = Depends(client)) -> dict:
    state = await durable.handle(instance).state()
    if state is None:
        raise HTTPException(404, ApiError(detail="unknown").model_dump())
    return {"status": state.status, "custom": state.custom_status}
