import asyncio
import os
import uuid

import asyncpg
from temporalio import activity


@activity.defn
async def store(study: str) -> str:
    connection = await asyncpg.connect(os.environ["PACS_DSN"])
    try:
        await connection.execute("insert into studies values ($1)", study)
    finally:
        await connection.close()
    return str(uuid.uuid4())


@activity.defn
async def anonymise(study: str) -> str:
    return await asyncio.to_thread(str.upper, study)


@activity.defn
def page(radiologist: str) -> None:
    print(radiologist)
