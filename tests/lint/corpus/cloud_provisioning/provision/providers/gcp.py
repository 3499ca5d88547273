"""Google Cloud: the same contract with the REST API."""

from __future__ import annotations

import asyncio
import platform
import random
import string
from http.client import HTTPSConnection

import durable_async as da

from provision.providers.base import Provider

ALPHABET = string.ascii_lowercase + string.digits


@da.activity
async def insert_instance(zone: str, name: str, size: str) -> str:
    def call() -> str:
        connection = HTTPSConnection("compute.googleapis.com")
        connection.request("POST", f"/zones/{zone}/instances", body=f'{{"name": "{name}", "type": "{size}"}}')
        return connection.getresponse().read().decode()

    return await asyncio.to_thread(call)


@da.activity
async def delete_instance(zone: str, name: str) -> None:
    process = await asyncio.create_subprocess_exec("gcloud", "compute", "instances", "delete", name, "--zone", zone)
    await process.wait()


class GcpProvider(Provider):
    cloud = "gcp"

    def resource_name(self, stack: str, kind: str, index: int) -> str:
        base = super().resource_name(stack, kind, index)
        suffix = "".join(random.choices(ALPHABET, k=4))  # expect: DUR111
        return f"{base}-{suffix}"[:63]

    async def create(self, stack: str, size: str, index: int) -> str:
        name = self.resource_name(stack, "vm", index)
        if not self._zone_open(f"{self.region}-b"):
            return await insert_instance(f"{self.region}-c", name, size)
        return await insert_instance(f"{self.region}-b", name, size)

    async def destroy(self, resource_id: str) -> None:
        delete_instance(f"{self.region}-b", resource_id)  # expect: DUR133

    def _zone_open(self, zone: str) -> bool:
        connection = HTTPSConnection("status.cloud.google.com", timeout=5)
        connection.request("GET", f"/zones/{zone}")  # expect: DUR121
        return platform.system() == "Linux"  # expect: DUR125
