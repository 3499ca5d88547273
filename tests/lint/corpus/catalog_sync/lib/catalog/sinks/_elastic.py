import os
from typing import Any

import durable_async
from elasticsearch import AsyncElasticsearch


@durable_async.activity(timeout=30)
async def write_product(product: dict[str, Any]) -> str:
    async with AsyncElasticsearch(os.environ["ES"]) as client:
        reply = await client.index(index="products", document=product)
        return reply["_id"]


async def count_products():
    client = AsyncElasticsearch("http://search")
    return (await client.count(index="products"))["count"]
