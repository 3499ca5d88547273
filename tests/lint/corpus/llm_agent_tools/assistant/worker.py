"""Entry point of the assistant's workers."""

import asyncio
import os
import platform
import sys

import durable_async as da

import assistant


async def main(url: str) -> int:
    identity = f"{platform.node()}-{os.getpid()}"
    async with da.Client(url) as client:
        worker = da.Worker(client, [assistant.chat_agent, assistant.resume_chat, assistant.call_model], identity=identity)
        print("working as", identity)
        await worker.run()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(os.environ.get("DURABLE_URL", "sqlite:///assistant.db"))))
