from __future__ import annotations

import json
import pathlib
import platform
import socket
from typing import Any

import aioboto3
import aiohttp
import boto3
import pymongo

from .base import Adapters


class LiveAdapters(Adapters):
    def __init__(self, desk: str) -> None:
        self.cities = {"Lyon", "Lille", desk}
        self.mongo = pymongo.MongoClient("mongodb://fleet")
        self.table = boto3.resource("dynamodb").Table("cars")  # expect: DUR121
        self.host = platform.node()  # expect: DUR125

    async def find(self, city: str, car_class: str) -> str | None:
        async with aiohttp.ClientSession() as http:
            async with http.get(f"https://fleet.example/{city}/{car_class}") as response:  # expect: DUR121
                if response.status == 200:
                    return response.headers["X-Car"]
        document = self.mongo.fleet.cars.find_one({"city": city, "class": car_class})  # expect: DUR121
        return document["_id"] if document else None

    async def archive(self, number: str, document: Any) -> None:
        body = json.dumps(document, default=str)
        self.table.put_item(Item={"number": number, "body": body})  # expect: DUR121
        target = pathlib.Path("/archive", number)
        target.touch()  # expect: DUR122
        target.with_suffix(".json").write_text(body)  # expect: DUR122

    async def purge(self) -> None:
        async with aioboto3.Session().client("s3") as s3:
            await s3.delete_bucket(Bucket="contracts")


class FakeAdapters:
    """For tests; shares no base class on purpose."""

    cities = {"Lyon"}

    async def find(self, city: str, car_class: str) -> str | None:
        print("find", city, car_class)
        return socket.gethostname()

    async def archive(self, number: str, document: Any) -> None:
        pathlib.Path(number).touch()
