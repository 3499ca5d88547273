"""manage.py run_worker"""

import asyncio
import os
import platform

import durable_async as da
from django.core.management.base import BaseCommand

from exams.services import grading, registration


class Command(BaseCommand):
    help = "Runs the durable worker of the exam office."

    def handle(self, *args, **options):
        self.stdout.write(f"worker on {platform.node()} as {os.getpid()}")
        asyncio.run(self.serve(os.environ["DURABLE_URL"]))

    async def serve(self, url: str) -> None:
        async with da.Client(url) as client:
            worker = da.Worker(client, [registration, grading])
            try:
                await worker.run()
            except asyncio.CancelledError:
                print("bye")
