"""Chaining: one activity after another, each given what the one before returned.

Every result is recorded before the next activity starts. Kill the process at any point: on the
next start the orchestrator is replayed from what is recorded, and goes on with the next activity.
"""

import asyncio
import os

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite://")


@da.activity
async def greet(name: str) -> str:
    return f"Hello {name}!"


@da.activity
async def translate(text: str, language: str) -> str:
    greetings = {"fr": "Bonjour", "ja": "Konnichiwa", "pt": "Olá"}
    return text.replace("Hello", greetings[language])


@da.orchestrator
async def hello_sequence(name: str, languages: list[str]) -> list[str]:
    """Greet somebody, and then translate the greeting into one language after another."""
    greeting = await greet(name)
    return [greeting, *[await translate(greeting, language) for language in languages]]


async def main() -> None:
    # "sqlite://" keeps everything in memory; "sqlite:///hello.db" would survive this process.
    async with (
        da.Client(URL) as client,
        da.Worker(client, [hello_sequence, greet, translate]),
    ):
        handle = await client.start(hello_sequence("Ada", ["fr", "ja", "pt"]))
        for line in await handle.result():
            print(line)


if __name__ == "__main__":
    asyncio.run(main())
