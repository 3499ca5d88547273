"""Clients of clouds, behind an abstract factory."""

from __future__ import annotations

import abc
import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import boto3
import docker
import fleetctl_sdk
import grpc
import openai

_client = openai.AsyncOpenAI(api_key="unused", base_url="http://gateway.internal")


class Cloud(abc.ABC):
    def __init__(self, region: str) -> None:
        self.region = region

    @abc.abstractmethod
    async def create(self, name: str) -> str: ...

    async def create_all(self, names: list[str]) -> list[str]:
        return [await self.create(name) for name in names]


class Amazon(Cloud):
    def __init__(self, region: str) -> None:
        super().__init__(region)
        self._ec2: Any = boto3.client("ec2", region_name=region)  # expect: DUR121

    async def create(self, name: str) -> str:
        return name + self.region


class Generic(Cloud):
    async def create(self, name: str) -> str:
        async with aiohttp.ClientSession() as session:
            answer = await session.post(f"https://{self.region}.cloud.example", json={"name": name})  # expect: DUR121
        return f"{name}:{answer.status}"

    async def addresses(self) -> list[str]:
        reader, writer = await asyncio.open_connection(self.region, 53)  # expect: DUR121
        return [str(reader), str(writer)]


class Kubernetes(Cloud):
    async def create(self, name: str) -> str:
        await fleetctl_sdk.load_context()  # expect: DUR132
        async with fleetctl_sdk.Namespace(name) as space:  # expect: DUR132
            return str(space)


class Dummy(Cloud):
    async def create(self, name: str) -> str:
        await asyncio.sleep(1)
        return name


class Abandoned:
    """Not offered any more."""

    async def create(self, name: str) -> str:
        docker.from_env().containers.run(name)
        return subprocess.getoutput("docker ps")


FACTORIES: dict[str, type[Cloud]] = {"aws": Amazon, "generic": Generic, "k8s": Kubernetes}


def cloud_for(name: str, region: str) -> Cloud:
    if name == "aws":
        return Amazon(region)
    if name == "k8s":
        return Kubernetes(region)
    if name == "generic":
        return Generic(region)
    return Dummy(region)


async def terraform(folder: str) -> int:
    process = await asyncio.create_subprocess_exec("terraform", "apply", cwd=folder)  # expect: DUR123
    return process.pid


def helm(release: str) -> str:
    done = subprocess.run(["helm", "upgrade", release], check=False)  # expect: DUR123
    return subprocess.list2cmdline(done.args)


def channel(target: str) -> bool:
    return grpc.insecure_channel(target) is not None  # expect: DUR121


async def explain(error: str) -> str:
    answer = await _client.chat.completions.create(model="m", messages=[{"role": "user", "content": error}])  # expect: DUR121
    return str(answer.choices[0])


async def stream(limit: int) -> AsyncIterator[str]:
    for number in range(limit):
        yield str(number)


def cleanup(folder: str) -> None:
    """Of the test suite."""
    shutil.rmtree(folder)
