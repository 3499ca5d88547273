"""The review worker."""

import asyncio
import os
import socket
from concurrent.futures import ThreadPoolExecutor

from openai import AsyncOpenAI
from temporalio.client import Client
from temporalio.worker import Worker

from review.activities import ModelActivities, load_document, store_verdict
from review.interceptors import TimingInterceptor
from review.workflows import BatchReview, DocumentReview


def identity() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


async def serve() -> None:
    models = ModelActivities(AsyncOpenAI(api_key=os.environ["OPENAI_API_KEY"]))
    client = await Client.connect(os.environ["TEMPORAL_ADDRESS"], identity=identity())
    worker = Worker(
        client,
        task_queue="review",
        workflows=[BatchReview, DocumentReview],
        activities=[models.complete, load_document, store_verdict],
        activity_executor=ThreadPoolExecutor(8),
        interceptors=[TimingInterceptor()],
    )
    await worker.run()


if __name__ == "__main__":
    asyncio.run(serve())
