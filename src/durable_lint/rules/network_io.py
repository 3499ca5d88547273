"""DUR121: the orchestrator itself talks to the network or to a database."""

from typing import ClassVar

from durable_lint.reach.observations import Use
from durable_lint.rule import Example
from durable_lint.rules.dialects import Words
from durable_lint.rules.vocabulary_rule import VocabularyRule

__all__ = ["NetworkIO"]


class NetworkIO(VocabularyRule):
    code = "DUR121"
    category = "network_io"
    summary = "network, database or cloud access in an orchestrator"
    harm = (
        "reaches out of the process, so each replay does it again and may be answered differently"
    )
    explanation = """\
A request that an orchestrator makes itself is made again at each replay: the card is charged
twice, the row inserted twice. Its answer is in no history, so that the next replay may get
another one, or an error, and asks for other activities than the first run did. And while it
waits, all orchestrators of the worker wait.

Put the request into an activity, and await that. Its result is recorded, it is retried as its
policy says, and it runs where it may block. A client (`httpx.AsyncClient()`, an engine of
SQLAlchemy) is best made by whoever runs the worker, and carried by an instance of a class with
activity methods.

Making a client that opens nothing is no finding by itself; calling it is. For a plain HTTP
request there is `durable_async.call_http(...)`.
"""
    before = """\
import httpx

import durable_async


@durable_async.orchestrator
async def convert(cents: int, currency: str) -> float:
    rate = httpx.get(f"https://rates.example/{currency}").json()["rate"]
    return cents * rate
"""
    after = """\
import httpx

import durable_async


@durable_async.activity
async def rate_of(currency: str) -> float:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"https://rates.example/{currency}")
        return answer.json()["rate"]


@durable_async.orchestrator
async def convert(cents: int, currency: str) -> float:
    return cents * await rate_of(currency)
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "The request is an activity's.",
            """
            import httpx

            import durable_async as da


            @da.activity(retry=da.RetryPolicy(max_attempts=3))
            async def rate_of(currency: str) -> float:
                async with httpx.AsyncClient() as client:
                    answer = await client.get(f"https://rates.example/{currency}")
                    answer.raise_for_status()
                    return float(answer.text)


            @da.orchestrator
            async def convert(cents: int, currency: str) -> float:
                return cents * await rate_of(currency)
            """,
        ),
        Example(
            "The session that an instance with activity methods carries.",
            """
            import aiohttp

            import durable_async as da


            class Shop:
                def __init__(self, session: aiohttp.ClientSession) -> None:
                    self.session = session

                @da.activity
                async def stock(self, item: str) -> int:
                    async with self.session.get(f"/stock/{item}") as answer:
                        return int(await answer.text())


            @da.orchestrator
            async def check(items: list[str]) -> list[int]:
                return [await Shop.stock(item) for item in items]
            """,
        ),
        Example(
            "Exceptions and constants of a library of requests.",
            """
            import socket

            import requests

            import durable_async as da


            @da.activity
            def fetch(url: str) -> str:
                return requests.get(url, timeout=10).text


            @da.orchestrator
            async def first_of(urls: list[str]) -> str:
                for url in urls:
                    try:
                        return await fetch(url)
                    except (requests.ConnectionError, socket.gaierror):
                        continue
                return ""
            """,
        ),
        Example(
            "Taking an address apart asks nobody.",
            """
            import ipaddress
            from urllib.parse import urlencode, urlsplit

            import durable_async as da


            @da.activity
            async def scan(host: str) -> bool: ...


            @da.orchestrator
            async def allowed(url: str) -> str:
                host = urlsplit(url).hostname or ""
                if ipaddress.ip_address(host).is_private:
                    return ""
                await scan(host)
                return urlencode({"host": host})
            """,
        ),
        Example(
            "A request object and a statement that nobody sends yet.",
            """
            import httpx
            from sqlalchemy import text

            import durable_async as da


            @da.activity
            async def run(statement: str, url: str) -> int: ...


            @da.orchestrator
            async def migrate(table: str) -> int:
                url = httpx.URL("https://db.example").join(f"/{table}")
                return await run(str(text("SELECT 1")), str(url))
            """,
        ),
        Example(
            "A method that is called get, of something that is no client.",
            """
            import durable_async as da


            class Prices:
                def __init__(self, prices: dict[str, int]) -> None:
                    self.prices = prices

                def get(self, item: str) -> int:
                    return self.prices.get(item, 0)

                def connect(self, other: "Prices") -> "Prices":
                    return Prices(self.prices | other.prices)


            @da.activity
            async def charge(cents: int) -> None: ...


            @da.orchestrator
            async def sell(items: list[str], prices: dict[str, int]) -> None:
                session = Prices(prices).connect(Prices({}))
                await charge(sum(session.get(item) for item in items))
            """,
        ),
        Example(
            "call_http is durable.",
            """
            import durable_async as da


            @da.orchestrator
            async def approve(url: str) -> int:
                answer = await da.call_http("GET", url)
                return answer.status
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "A request in the orchestrator is made at each replay.",
            """
            import requests

            import durable_async as da


            @da.activity
            async def book(flight: str) -> None: ...


            @da.orchestrator
            async def travel(flight: str) -> None:
                answer = requests.get(  # DUR121
                    f"https://fares.example/{flight}", timeout=10
                )
                if answer.json()["seats"]:
                    await book(flight)
            """,
        ),
        Example(
            "An asynchronous client is no more durable: its calls count, not making it.",
            """
            import httpx

            import durable_async as da


            @da.activity
            async def translate(text: str) -> str: ...


            @da.orchestrator
            async def localise(url: str) -> str:
                async with httpx.AsyncClient(timeout=10) as client:
                    answer = await client.get(url)  # DUR121
                    return await translate(answer.text)
            """,
        ),
        Example(
            "A repository that is handed to a helper.",
            """
            # file: accounts.py
            import sqlite3


            class Accounts:
                def __init__(self, path: str) -> None:
                    self.connection = sqlite3.connect(path)  # DUR121

                def balance(self, account: str) -> int:
                    row = self.connection.execute(  # DUR121
                        "SELECT cents FROM accounts WHERE id = ?", (account,)
                    ).fetchone()
                    return int(row[0])

            # file: flows.py
            import durable_async as da

            from accounts import Accounts


            @da.activity
            async def withdraw(account: str, cents: int) -> None: ...


            def covered(accounts: Accounts, account: str, cents: int) -> bool:
                return accounts.balance(account) >= cents


            @da.orchestrator
            async def debit(account: str, cents: int) -> bool:
                accounts = Accounts("bank.db")
                if not covered(accounts, account, cents):
                    return False
                await withdraw(account, cents)
                return True
            """,
        ),
        Example(
            "A client of a cloud reads configuration when it is made.",
            """
            import boto3

            import durable_async as da


            @da.activity
            async def resize(key: str) -> None: ...


            @da.orchestrator
            async def thumbnails(bucket: str, key: str) -> None:
                s3 = boto3.client("s3")  # DUR121
                await resize(key)
                s3.delete_object(Bucket=bucket, Key=key)  # DUR121
            """,
        ),
        Example(
            "The call of a model, through an attribute that __init__ sets.",
            """
            from openai import AsyncOpenAI

            import durable_async as da


            @da.activity
            async def save(answer: str) -> None: ...


            class Assistant:
                def __init__(self) -> None:
                    self.client = AsyncOpenAI()

                async def ask(self, question: str) -> str:
                    answer = await self.client.chat.completions.create(  # DUR121
                        model="gpt-4o", messages=[{"role": "user", "content": question}]
                    )
                    return str(answer.choices[0].message.content)


            @da.orchestrator
            async def research(question: str) -> None:
                await save(await Assistant().ask(question))
            """,
        ),
        Example(
            "Looking up a name, and opening a connection by hand.",
            """
            import asyncio
            import smtplib
            import socket

            import durable_async as da


            @da.activity
            async def scan(address: str) -> bool: ...


            @da.orchestrator
            async def inspect(host: str) -> bool:
                address = socket.gethostbyname(host)  # DUR121
                await asyncio.open_connection(host, 443)  # DUR121
                if not await scan(address):
                    smtplib.SMTP("localhost")  # DUR121
                    return False
                return True
            """,
        ),
        Example(
            "A session that a factory gives, known by its annotation.",
            """
            import aiohttp

            import durable_async as da


            def session_for(tenant: str) -> aiohttp.ClientSession:
                return aiohttp.ClientSession(headers={"X-Tenant": tenant})


            @da.activity
            async def index(text: str) -> None: ...


            @da.orchestrator
            async def crawl(tenant: str, url: str) -> None:
                async with session_for(tenant) as session:
                    async with session.get(url) as answer:  # DUR121
                        await index(f"{url} {answer.status}")
            """,
        ),
        Example(
            "Handing a job to a queue is sending; what it does is for others to answer.",
            """
            import rq

            import durable_async as da

            JOBS = rq.Queue("reports")


            @da.activity
            async def close(month: str) -> None: ...


            def report(month: str) -> None:
                print("report of", month)


            @da.orchestrator
            async def month_end(month: str) -> None:
                await close(month)
                JOBS.enqueue(report, month)  # DUR121
            """,
        ),
    )

    def advice(self, seen: Use, words: Words) -> str:
        return self.known_advice(seen) or words.activity
