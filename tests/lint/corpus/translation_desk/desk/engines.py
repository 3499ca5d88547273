import abc
import asyncio
import os
import typing as t

import aiohttp
import durable_async as da


class Engine(abc.ABC):
    code: t.ClassVar[str]

    @abc.abstractmethod
    async def translate(self, text: str) -> str: ...

    async def many(self, texts: t.Iterable[str]) -> list[str]:
        return list(await asyncio.gather(*(self.translate(text) for text in texts)))


class Deep(Engine):
    code = "deep"

    def __init__(self) -> None:
        self._key = os.environ["DEEP_KEY"]  # expect: DUR124

    async def translate(self, text: str) -> str:
        return await remote("deep", text, self._key)


class House(Engine):
    code = "house"

    async def translate(self, text: str) -> str:
        async with aiohttp.ClientSession() as session:
            async with session.get("http://house", params={"q": text}) as reply:  # expect: DUR121
                return await reply.text()  # expect: DUR121


class Echo(Engine):
    code = "echo"

    async def translate(self, text: str) -> str:
        return text


ENGINES: dict[str, type[Engine]] = {cls.code: cls for cls in (Deep, House, Echo)}


def engine(code: str) -> Engine:
    return ENGINES[code]()


@da.activity(retry=da.RetryPolicy(max_attempts=3))
async def remote(service: str, text: str, key: str) -> str:
    async with aiohttp.ClientSession(headers={"key": key}) as session:
        return await (await session.post(f"https://{service}", data=text)).text()
