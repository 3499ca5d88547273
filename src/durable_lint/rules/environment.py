"""DUR124: variables of the environment, which are others in the next process."""

from typing import ClassVar

from durable_lint.reach.observations import Use
from durable_lint.rule import Example
from durable_lint.rules.dialects import Words
from durable_lint.rules.vocabulary_rule import VocabularyRule

__all__ = ["Environment"]

_CHANGES = ("os.putenv", "os.unsetenv", "os.reload_environ", "dotenv.load_dotenv")


class Environment(VocabularyRule):
    code = "DUR124"
    category = "environment"
    summary = "variables of the environment are read in an orchestrator"
    harm = "goes by the environment, which the process that replays may have otherwise"
    explanation = """\
The environment belongs to the process, and an instance outlives many: it is replayed after a
deploy that changed a variable, or by a worker on another machine. A branch on
`os.environ["FEATURE_X"]` then goes the other way than history says.

Pass a setting in as an argument: who starts the instance knows it, and history keeps it. Or
record it at the first run: `durable_async.side_effect(read_setting)`. Or read it where it is
used, in the activity.

A constant of a module, read at import (`REGION = os.environ["REGION"]`), is no finding. But
mind that it changes with a deploy, like the code itself; a branch on it needs
`durable_async.patched(...)` as any other change does.
"""
    before = """\
import os

import durable_async


@durable_async.orchestrator
async def publish(page: str) -> None:
    if os.environ.get("REVIEW") == "1":
        await review(page)
    await upload(page)
"""
    after = """\
import durable_async


@durable_async.orchestrator
async def publish(page: str, review_first: bool) -> None:
    if review_first:
        await review(page)
    await upload(page)
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "The setting is an argument.",
            """
            import os

            import durable_async as da


            @da.activity
            async def push(region: str, image: str) -> None: ...


            @da.orchestrator
            async def release(image: str, region: str) -> None:
                await push(region, image)


            async def submit(client: da.Client, image: str) -> None:
                await client.start(release(image, os.environ["REGION"]))
            """,
        ),
        Example(
            "side_effect records what was read.",
            """
            import os

            import durable_async as da


            def batch_size() -> int:
                return int(os.environ.get("BATCH_SIZE", "50"))


            @da.activity
            async def load(start: int, count: int) -> int: ...


            @da.orchestrator
            async def import_rows(rows: int) -> int:
                size = da.side_effect(batch_size)
                return sum([await load(start, size) for start in range(0, rows, size)])
            """,
        ),
        Example(
            "An activity reads it where it is used.",
            """
            import os

            import durable_async as da


            @da.activity
            async def charge(order: str) -> str:
                key = os.getenv("PAYMENT_KEY", "")
                return f"{order}:{len(key)}"


            @da.orchestrator
            async def checkout(order: str) -> str:
                return await charge(order)
            """,
        ),
        Example(
            "A constant of the module is read at import.",
            """
            import os

            import durable_async as da

            BUCKET = os.environ.get("BUCKET", "uploads")
            HOME = os.path.expanduser("~")


            @da.activity
            async def upload(bucket: str, name: str) -> None: ...


            @da.orchestrator
            async def backup(names: list[str]) -> str:
                for name in names:
                    await upload(BUCKET, name)
                return HOME
            """,
        ),
        Example(
            "Another object's environ.",
            """
            from dataclasses import dataclass

            import durable_async as da


            @dataclass
            class Job:
                name: str
                environ: dict[str, str]

                def getenv(self, key: str) -> str:
                    return self.environ.get(key, "")


            @da.activity
            async def launch(name: str, image: str) -> None: ...


            @da.orchestrator
            async def batch(jobs: list[Job]) -> None:
                for job in jobs:
                    await launch(job.name, job.getenv("IMAGE") or job.environ["DEFAULT"])
            """,
        ),
        Example(
            "Settings that are made at import, and passed on.",
            """
            # file: settings.py
            import os
            from dataclasses import dataclass


            @dataclass(frozen=True)
            class Settings:
                sender: str
                retries: int


            def load() -> Settings:
                return Settings(os.environ["SENDER"], int(os.getenv("RETRIES", "3")))


            SETTINGS = load()

            # file: flows.py
            import durable_async as da

            from settings import SETTINGS, Settings


            @da.activity
            async def send(sender: str, to: str) -> bool: ...


            @da.orchestrator
            async def newsletter(readers: list[str]) -> int:
                settings: Settings = SETTINGS
                return sum([await send(settings.sender, reader) for reader in readers])
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "A feature flag is another one after the next deploy.",
            """
            import os

            import durable_async as da


            @da.activity
            async def score(text: str, model: str) -> float: ...


            @da.orchestrator
            async def moderate(text: str) -> bool:
                if os.environ.get("NEW_MODEL") == "1":  # DUR124
                    return await score(text, "v2") > 0.5
                return await score(text, "v1") > 0.7
            """,
        ),
        Example(
            "getenv in a helper of another module.",
            """
            # file: config.py
            from os import getenv


            def endpoint(service: str) -> str:
                host = getenv("GATEWAY", "localhost")  # DUR124
                return f"https://{host}/{service}"

            # file: flows.py
            from durable_async import activity, orchestrator

            from config import endpoint


            @activity
            async def post(url: str, body: str) -> None: ...


            @orchestrator
            async def notify(body: str) -> None:
                await post(endpoint("sms"), body)
            """,
        ),
        Example(
            "Each use of the mapping counts, also a change.",
            """
            import os

            import durable_async as da


            @da.activity
            async def run_job(zone: str) -> None: ...


            @da.orchestrator
            async def batch(zone: str) -> None:
                os.environ["ZONE"] = zone  # DUR124
                await run_job(zone)
                if "DEBUG" in os.environ:  # DUR124
                    await run_job("debug")
            """,
        ),
        Example(
            "Settings of pydantic read the environment when they are made.",
            """
            from pydantic_settings import BaseSettings

            import durable_async as da


            class Settings(BaseSettings):
                model: str = "small"
                budget_cents: int = 100


            @da.activity
            async def complete(model: str, prompt: str) -> str: ...


            @da.orchestrator
            async def answer(prompt: str) -> str:
                settings = Settings()  # DUR124
                return await complete(settings.model, prompt)
            """,
        ),
        Example(
            "A home directory comes from the environment.",
            """
            import os.path

            import durable_async as da


            @da.activity
            async def sync(source: str, target: str) -> None: ...


            @da.orchestrator
            async def backup(target: str) -> None:
                home = os.path.expanduser("~/documents")  # DUR124
                await sync(home, os.path.expandvars(target))  # DUR124
            """,
        ),
        Example(
            "A property that reads it each time, and a file of variables.",
            """
            import os

            from dotenv import load_dotenv

            import durable_async as da


            class Limits:
                @property
                def per_day(self) -> int:
                    return int(os.environ["PER_DAY"])  # DUR124


            @da.activity
            async def call(number: str) -> None: ...


            @da.orchestrator
            async def dial(numbers: list[str]) -> None:
                load_dotenv()  # DUR124
                limits = Limits()
                for number in numbers[: limits.per_day]:
                    await call(number)
            """,
        ),
    )

    def harm_of(self, seen: Use) -> str:
        if seen.name in _CHANGES:
            return "changes the environment of the whole worker, and does so again at each replay"
        return self.harm

    def advice(self, seen: Use, words: Words) -> str:
        if seen.name in _CHANGES:
            return "do it where the worker is started"
        return words.once
