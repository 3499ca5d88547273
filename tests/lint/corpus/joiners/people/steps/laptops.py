import asyncio

import httpx

import durable_async as da


@da.activity(retry=da.RetryPolicy(max_attempts=10, retry_on=(httpx.HTTPError,)))
async def order_laptop(model: str, address: str) -> str:
    async with httpx.AsyncClient() as client:
        return (await client.post("https://shop.example.org/orders", json=[model, address])).text


@da.activity
async def track_parcel(number: str) -> str:
    while True:
        await asyncio.sleep(60)
        async with httpx.AsyncClient() as client:
            state = (await client.get(f"https://parcels.example.org/{number}")).text
        if state != "moving":
            return state
        da.heartbeat(state)
