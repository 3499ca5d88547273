"""DUR143: output that comes once more at each replay."""

from typing import ClassVar, Final

from durable_lint.reach.observations import How, Use
from durable_lint.rule import Example
from durable_lint.rules.dialects import Words
from durable_lint.rules.vocabulary_rule import VocabularyRule

__all__ = ["LoggingPrint"]

_TRACEBACKS: Final = ("traceback.",)


class LoggingPrint(VocabularyRule):
    code = "DUR143"
    category = "logging_print"
    summary = "output that comes once more at each replay"
    harm = "writes once more at each replay, so that one step is seen many times"
    mends = "makes `durable_async.get_logger(__name__).info(...)` of a `print` of one argument"
    explanation = """\
An orchestrator that is replayed ten times prints each of its lines ten times: "card charged"
stands there ten times, and whoever reads it believes it. Nothing breaks, but nothing can be
trusted either; and a sink that sends its lines over a network does I/O.

`durable_async.get_logger(__name__)` is a logger of the standard library that is silent in
replay, and says which instance a line is about. Plain `logging` is no finding, because a worker
filters what episodes log in replay; with `strict-logging = true` it is one. `loguru`,
`structlog`, `rich` and `print` are not filtered.

An activity may print and log as it likes. Progress that others should see belongs into
`durable_async.set_custom_status(...)`.
"""
    before = """\
import durable_async


@durable_async.orchestrator
async def checkout(order: str) -> None:
    print(f"charging {order}")
    await charge(order)
"""
    after = """\
import durable_async

log = durable_async.get_logger(__name__)


@durable_async.orchestrator
async def checkout(order: str) -> None:
    log.info("charging %s", order)
    await charge(order)
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "The durable logger is silent in replay.",
            """
            import durable_async as da

            log = da.get_logger(__name__)


            @da.activity
            async def charge(order: str) -> str: ...


            @da.orchestrator
            async def checkout(order: str) -> str:
                log.info("charging %s", order)
                receipt = await charge(order)
                log.info("charged %s: %s", order, receipt)
                return receipt
            """,
        ),
        Example(
            "Plain logging is filtered by the worker.",
            """
            import logging

            import durable_async as da

            logger = logging.getLogger(__name__)


            @da.activity
            async def upload(path: str) -> None: ...


            @da.orchestrator
            async def backup(paths: list[str]) -> None:
                logging.info("%d files", len(paths))
                for path in paths:
                    try:
                        await upload(path)
                    except OSError:
                        logger.exception("could not upload %s", path)
            """,
        ),
        Example(
            "An activity may print, and log with what it likes.",
            """
            from loguru import logger

            import durable_async as da


            @da.activity
            async def convert(path: str) -> str:
                print("converting", path)
                logger.info("converting {}", path)
                return path


            @da.orchestrator
            async def convert_all(paths: list[str]) -> list[str]:
                return [await convert(path) for path in paths]
            """,
        ),
        Example(
            "Formatting without writing.",
            """
            import io
            import pprint
            import traceback

            import durable_async as da


            @da.activity
            async def mail(text: str) -> None: ...


            @da.orchestrator
            async def report(values: dict[str, int]) -> None:
                page = io.StringIO()
                page.write(pprint.pformat(values))
                try:
                    await mail(page.getvalue())
                except ValueError:
                    await mail(traceback.format_exc())
            """,
        ),
        Example(
            "The client's side prints results.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def add(a: int, b: int) -> int: ...


            @da.orchestrator
            async def total(numbers: list[int]) -> int:
                result = 0
                for number in numbers:
                    result = await add(result, number)
                return result


            async def main() -> None:
                async with da.Client() as client, da.Worker(client, [total, add]):
                    handle = await client.start(total([1, 2, 3]))
                    print(await handle.result())


            if __name__ == "__main__":
                asyncio.run(main())
            """,
        ),
        Example(
            "A method that is called print.",
            """
            from dataclasses import dataclass, field

            import durable_async as da


            @dataclass
            class Label:
                lines: list[str] = field(default_factory=list)

                def print(self, line: str) -> None:
                    self.lines.append(line)


            @da.activity
            async def stick(lines: list[str]) -> None: ...


            @da.orchestrator
            async def label(name: str, street: str) -> None:
                made = Label()
                made.print(name)
                made.print(street)
                await stick(made.lines)
            """,
        ),
        Example(
            "Warning is for whoever calls the code.",
            """
            import warnings

            import durable_async as da


            @da.activity
            async def send(to: str) -> None: ...


            def address(name: str) -> str:
                warnings.warn("pass the address", DeprecationWarning, stacklevel=2)
                return f"{name}@example.org"


            @da.orchestrator
            async def notify(name: str) -> None:
                await send(address(name))
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "One line becomes as many as there are replays.",
            """
            import durable_async as da


            @da.activity
            async def charge(order: str) -> None: ...


            @da.orchestrator
            async def checkout(order: str) -> None:
                print(f"charging {order}")  # DUR143
                await charge(order)
            """,
            mended="""
            import durable_async as da


            @da.activity
            async def charge(order: str) -> None: ...


            @da.orchestrator
            async def checkout(order: str) -> None:
                da.get_logger(__name__).info(f"charging {order}")
                await charge(order)
            """,
        ),
        Example(
            "loguru's logger is not filtered.",
            """
            from loguru import logger

            import durable_async as da


            @da.activity
            async def train(model: str) -> float: ...


            @da.orchestrator
            async def tune(models: list[str]) -> float:
                best = 0.0
                for model in models:
                    best = max(best, await train(model))
                    logger.info("best so far: {}", best)  # DUR143
                return best
            """,
        ),
        Example(
            "structlog, in a helper of another module.",
            """
            # file: steps.py
            import structlog

            import durable_async as da

            log = structlog.get_logger()


            @da.activity
            async def run(step: str) -> None: ...


            async def logged(step: str) -> None:
                log.info("step", name=step)  # DUR143
                await run(step)

            # file: flows.py
            import durable_async as da

            from steps import logged


            @da.orchestrator
            async def pipeline(steps: list[str]) -> None:
                for step in steps:
                    await logged(step)
            """,
        ),
        Example(
            "Writing to standard output by other names.",
            """
            import sys
            from pprint import pprint

            import durable_async as da


            @da.activity
            async def count(table: str) -> int: ...


            @da.orchestrator
            async def statistics(tables: list[str]) -> int:
                counts = {table: await count(table) for table in tables}
                pprint(counts)  # DUR143
                sys.stdout.write("done")  # DUR143
                return sum(counts.values())
            """,
        ),
        Example(
            "A traceback that is printed at each replay.",
            """
            import traceback

            import durable_async as da


            @da.activity
            async def deploy(service: str) -> None: ...


            @da.orchestrator
            async def roll_out(services: list[str]) -> int:
                failed = 0
                for service in services:
                    try:
                        await deploy(service)
                    except RuntimeError:
                        traceback.print_exc()  # DUR143
                        failed += 1
                return failed
            """,
        ),
        Example(
            "Consoles of rich and click.",
            """
            import click
            from rich import print as show

            import durable_async as da


            @da.activity
            async def install(package: str) -> None: ...


            @da.orchestrator
            async def setup(packages: list[str]) -> None:
                click.echo(f"{len(packages)} packages")  # DUR143
                for package in packages:
                    await install(package)
                    show(f"[green]{package}[/green]")  # DUR143
            """,
        ),
        Example(
            "print that is handed on is called later.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def ring(bell: str) -> None: ...


            @da.orchestrator
            async def alarm(bell: str) -> None:
                task = asyncio.create_task(ring(bell))
                task.add_done_callback(print)  # DUR143
                await task
            """,
        ),
        Example(
            "Plain logging counts if the settings say so.",
            """
            import logging

            import durable_async as da

            logger = logging.getLogger(__name__)


            @da.activity
            async def water(bed: str) -> None: ...


            @da.orchestrator
            async def garden(beds: list[str]) -> None:
                for bed in beds:
                    logger.info("watering %s", bed)  # DUR143
                    await water(bed)
            """,
            settings="strict-logging = true",
        ),
    )

    def advice(self, seen: Use, words: Words) -> str:
        if seen.name.startswith(_TRACEBACKS):
            return f"{words.log}: `exception(...)` logs the traceback too"
        return words.log

    def fixable(self, seen: Use) -> bool:
        return (
            seen.name == "builtins.print"
            and seen.how is How.CALL
            and seen.positional == 1
            and not seen.keywords
        )
