"""DUR125: what is true of this process only."""

from typing import ClassVar, Final

from durable_lint.reach.observations import How, Use
from durable_lint.rule import Example
from durable_lint.rules.dialects import Words
from durable_lint.rules.vocabulary_rule import VocabularyRule

__all__ = ["ProcessState"]

_NAMED: Final[dict[str, str]] = {
    "builtins.id": "use a key of your own, such as a name or a number",
    "builtins.hash": "use `zlib.crc32(...)` or `hashlib`, which are the same everywhere",
    "sys.exit": "return, or raise an exception of your own",
    "builtins.exit": "return, or raise an exception of your own",
    "builtins.quit": "return, or raise an exception of your own",
    "os._exit": "return, or raise an exception of your own",
    "os.abort": "return, or raise an exception of your own",
    "weakref.finalize": "use `try`/`finally` or an `AsyncExitStack`",
    "atexit.register": "do it where the worker is started, or in a `finally`",
    "signal.signal": "do it where the worker is started",
}
"""What to write instead, where something better is known than an argument."""

_ENDS = ("sys.exit", "builtins.exit", "builtins.quit", "os._exit", "os.abort")


_COLLECTOR: Final = frozenset(
    f"gc.{name}" for name in ("collect", "disable", "enable", "freeze", "unfreeze", "set_threshold")
)
"""What tells the collector to do something, and nobody anything."""


class ProcessState(VocabularyRule):
    code = "DUR125"
    category = "process_state"
    summary = "something that is true of one process or one machine only"
    harm = "depends on the process and its machine, and the one that replays is another"
    explanation = """\
An instance moves: it begins in one process and is replayed in another, on another machine,
under another version of the system. The process id, the number of processors, the host's name,
the locale, the command line are facts about the process of the moment, and history does not
hold them.

Two of them are easily overlooked. `id(x)` is an address; where it is only a key or is compared
(`seen[id(x)]`, `id(a) == id(b)`), it says no more than which object it is, and is no finding. And
`hash(x)` of a `str`, of `bytes` and of what holds them is salted anew in each process:
`hash(key) % shards` sends the same key to another shard after a restart.
`zlib.crc32(key.encode()) % shards` does not. Hashes of numbers are no finding.

`sys.exit()`, `os.abort()` and signal handlers act on the worker, which runs other instances
too.

What an orchestrator needs to know of its surroundings is passed in as an argument, recorded by
`durable_async.side_effect(...)`, or looked up in the activity that needs it. Constants such as
`os.sep` are no findings.
"""
    before = """\
import durable_async


@durable_async.orchestrator
async def route(customer: str, queues: list[str]) -> str:
    return await enqueue(queues[hash(customer) % len(queues)])
"""
    after = """\
import zlib

import durable_async


@durable_async.orchestrator
async def route(customer: str, queues: list[str]) -> str:
    return await enqueue(queues[zlib.crc32(customer.encode()) % len(queues)])
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "A checksum is the same in every process, a hash of numbers too.",
            """
            import zlib

            import durable_async as da


            @da.activity
            async def store(shard: int, key: str) -> None: ...


            @da.orchestrator
            async def save(keys: list[str], tenant: int, shards: int) -> int:
                for key in keys:
                    await store(zlib.crc32(key.encode()) % shards, key)
                return hash(tenant) % shards
            """,
        ),
        Example(
            "The activity looks where it runs.",
            """
            import os
            import platform
            import socket
            import sys

            import durable_async as da


            @da.activity
            async def describe() -> dict[str, str]:
                return {
                    "host": socket.gethostname(),
                    "system": platform.platform(),
                    "process": str(os.getpid()),
                    "python": sys.executable,
                }


            @da.orchestrator
            async def inventory() -> dict[str, str]:
                return await describe()
            """,
        ),
        Example(
            "Facts that are the same wherever the code runs.",
            """
            import os
            import sys

            import durable_async as da


            @da.activity
            async def write(rows: list[str]) -> None: ...


            @da.orchestrator
            async def export(rows: list[str], path: str) -> int:
                name = path.split(os.sep)[-1]
                await write([f"{name}{os.linesep}", *rows])
                return min(len(rows), sys.maxsize)
            """,
        ),
        Example(
            "A field that is called id, and an object's own hash() of numbers.",
            """
            from dataclasses import dataclass

            import durable_async as da


            @dataclass(frozen=True)
            class Point:
                id: int
                x: int
                y: int


            @da.activity
            async def measure(id: int) -> float: ...


            @da.orchestrator
            async def survey(points: list[Point]) -> dict[int, float]:
                return {point.id: await measure(point.id) for point in points}
            """,
        ),
        Example(
            "The program round it may exit and handle signals.",
            """
            import signal
            import sys

            import durable_async as da


            @da.activity
            async def step(name: str) -> None: ...


            @da.orchestrator
            async def work(names: list[str]) -> None:
                for name in names:
                    await step(name)


            def main() -> None:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
                if len(sys.argv) < 2:
                    sys.exit("usage: flows.py NAME...")
                da.run(work(sys.argv[1:]))


            if __name__ == "__main__":
                main()
            """,
        ),
        Example(
            "A side effect records the fact at the first run.",
            """
            import os

            import durable_async as da


            def processors() -> int:
                return os.cpu_count() or 1


            @da.activity
            async def transcode(path: str, threads: int) -> None: ...


            @da.orchestrator
            async def encode(paths: list[str]) -> None:
                threads = da.side_effect(processors)
                for path in paths:
                    await transcode(path, threads)
            """,
        ),
        Example(
            "Signals' names are constants, and so is the type of a lock.",
            """
            import signal

            import durable_async as da


            @da.activity
            async def send_signal(service: str, number: int) -> None: ...


            @da.orchestrator
            async def reload(services: list[str]) -> None:
                for service in services:
                    await send_signal(service, signal.SIGHUP.value)
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "hash() of a text is salted anew in each process.",
            """
            import durable_async as da


            @da.activity
            async def insert(shard: int, email: str) -> None: ...


            def shard_of(email: str, shards: int) -> int:
                return hash(email.lower()) % shards  # DUR125


            @da.orchestrator
            async def register(email: str) -> None:
                await insert(shard_of(email, 16), email)
            """,
        ),
        Example(
            "The number of processors is that of the machine of the moment.",
            """
            import os

            import durable_async as da


            @da.activity
            async def resize(names: list[str]) -> None: ...


            @da.orchestrator
            async def thumbnails(names: list[str]) -> None:
                size = max(1, len(names) // (os.cpu_count() or 1))  # DUR125
                for start in range(0, len(names), size):
                    await resize(names[start : start + size])
            """,
        ),
        Example(
            "Names of hosts and users, in a helper.",
            """
            # file: whereabouts.py
            import getpass
            import os
            import socket


            def owner() -> str:
                host = socket.gethostname()  # DUR125
                return f"{getpass.getuser()}@{host}:{os.getpid()}"  # DUR125

            # file: flows.py
            import durable_async as da

            from whereabouts import owner


            @da.activity
            async def take_lease(resource: str, by: str) -> bool: ...


            @da.orchestrator
            async def maintain(resource: str) -> bool:
                return await take_lease(resource, by=owner())
            """,
        ),
        Example(
            "The command line and the platform, read as attributes.",
            """
            import sys

            import durable_async as da


            @da.activity
            async def install(package: str) -> None: ...


            @da.orchestrator
            async def setup(packages: list[str]) -> None:
                verbose = "--verbose" in sys.argv  # DUR125
                for package in packages:
                    if sys.platform == "win32":  # DUR125
                        package = f"{package}-win"
                    await install(package if verbose else f"{package} --quiet")
            """,
        ),
        Example(
            "An address is no key.",
            """
            import durable_async as da


            class Node:
                def __init__(self, name: str) -> None:
                    self.name = name


            @da.activity
            async def visit(name: str) -> list[str]: ...


            @da.orchestrator
            async def walk(names: list[str]) -> list[str]:
                nodes = [Node(name) for name in names]
                nodes.sort(key=lambda node: id(node))  # DUR125
                return [name for node in nodes for name in await visit(node.name)]
            """,
        ),
        Example(
            "Leaving the process leaves every other instance, too.",
            """
            import sys

            import durable_async as da


            @da.activity
            async def validate(order: str) -> bool: ...


            @da.orchestrator
            async def check(order: str) -> None:
                if not await validate(order):
                    sys.exit(1)  # DUR125
            """,
        ),
        Example(
            "The working folder and the locale are the worker's.",
            """
            import locale
            import os
            import platform

            import durable_async as da


            @da.activity
            async def render(folder: str, language: str) -> None: ...


            @da.orchestrator
            async def document() -> str:
                language = locale.getlocale()[0] or "en"  # DUR125
                await render(os.getcwd(), language)  # DUR125
                return platform.python_version()  # DUR125
            """,
        ),
    )

    def harm_of(self, seen: Use) -> str:
        if seen.name == "builtins.hash":
            return (
                "is salted in each process unless it is of numbers, so a replay gets another value"
            )
        if seen.name == "builtins.id":
            return "is an address, and a replay's objects have others"
        if seen.name in _ENDS:
            return (
                "ends the orchestrator at best and the worker at worst, and does so at each replay"
            )
        if seen.name in _COLLECTOR:
            return "is about the memory of the whole process, and done again at each replay"
        return self.harm

    def advice(self, seen: Use, words: Words) -> str:
        if seen.how is How.REFERENCE and seen.name in {"builtins.id", "builtins.hash"}:
            return "hand on a function of what the object holds"
        if seen.name in _COLLECTOR:
            return "leave it out, or do it where the worker is started"
        return _NAMED.get(seen.name) or self.known_advice(seen) or words.once
