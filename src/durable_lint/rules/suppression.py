"""DUR190: a comment that ignores nothing, or does not say why."""

from typing import ClassVar

from durable_lint.reach.observations import Observation
from durable_lint.rule import Example, Rule, Verdict

__all__ = ["Suppression"]

_ON = 'extend-select = ["DUR190"]'


class Suppression(Rule):
    """Observes nothing: which comments were needed is known when all has been judged."""

    code = "DUR190"
    category = "suppression"
    summary = "an `ignore` that suppresses nothing, or gives no reason"
    observes: ClassVar[tuple[type[Observation], ...]] = ()
    default = False
    mends = "removes the code that suppresses nothing, and the comment with its last code"
    explanation = """\
`# durable: ignore[DUR101] reason` at the end of a line keeps findings of that code on it
silent. Such a comment outlives its reason: the code below it changes, and what comes next is
ignored too. And a comment without a reason leaves the next reader to guess whether it was an
answer or a way out.

Name the codes, and say why: `# durable: ignore[DUR101] only logged, decides nothing`. Remove
what suppresses nothing any more. `# noqa: DUR101` is honoured as well, and other linters know
it; it is not looked at here.

The rule is off by default; `extend-select = ["DUR190"]` switches it on.
"""
    before = """\
import durable_async


@durable_async.orchestrator
async def renew(customer: str) -> None:
    now = durable_async.now()  # durable: ignore[DUR101]
    await charge(customer, now)
"""
    after = """\
import durable_async


@durable_async.orchestrator
async def renew(customer: str) -> None:
    now = durable_async.now()
    await charge(customer, now)
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "A code, and a reason.",
            """
            import time

            import durable_async as da

            log = da.get_logger(__name__)


            @da.activity
            async def train(model: str) -> float: ...


            @da.orchestrator
            async def tune(model: str) -> float:
                began = time.monotonic()  # durable: ignore[DUR101] only logged
                score = await train(model)
                took = time.monotonic() - began  # durable: ignore[DUR101] only logged
                log.info("%s took %.1f s", model, took)
                return score
            """,
            settings=_ON,
        ),
        Example(
            "Two codes, both of which are needed.",
            """
            import os
            import time

            import durable_async as da


            @da.activity
            async def note(text: str) -> None: ...


            @da.orchestrator
            async def trace(name: str) -> None:
                mark = f"{time.time()} {os.getpid()}"  # durable: ignore[DUR101, DUR125] a mark
                await note(f"{name} {len(mark)}")
            """,
            settings=_ON,
        ),
        Example(
            "On the first line of the statement.",
            """
            import uuid

            import durable_async as da


            @da.activity
            async def open_ticket(title: str, key: str) -> None: ...


            @da.orchestrator
            async def report(title: str) -> None:
                await open_ticket(  # durable: ignore[DUR112] doubles are merged by hand
                    title,
                    str(uuid.uuid4()),
                )
            """,
            settings=_ON,
        ),
        Example(
            "noqa is for all linters, and no finding.",
            """
            import random

            import durable_async as da


            @da.activity
            async def show(banner: int) -> None: ...


            @da.orchestrator
            async def greet(banners: int) -> None:
                await show(random.randrange(banners))  # noqa: DUR111
            """,
            settings=_ON,
        ),
        Example(
            "A comment that only speaks of durable things.",
            """
            import durable_async as da


            @da.activity
            async def send(to: str) -> None: ...


            @da.orchestrator
            async def remind(to: str) -> None:
                await da.sleep(3600)  # durable: survives restarts
                await send(to)  # ignore[DUR101] is not said to this checker
            """,
            settings=_ON,
        ),
        Example(
            "A text that looks like the comment.",
            """
            import durable_async as da

            HINT = "write  # durable: ignore[DUR101] reason"


            @da.activity
            async def explain(text: str) -> None: ...


            @da.orchestrator
            async def help_with(topic: str) -> None:
                await explain(f"{topic}: {HINT}")
            """,
            settings=_ON,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "There is nothing left to ignore.",
            """
            import durable_async as da


            @da.activity
            async def charge(customer: str, day: str) -> None: ...


            @da.orchestrator
            async def renew(customer: str) -> None:
                now = da.now()  # durable: ignore[DUR101] was a clock  # DUR190
                await charge(customer, now.date().isoformat())
            """,
            mended="""
            import durable_async as da


            @da.activity
            async def charge(customer: str, day: str) -> None: ...


            @da.orchestrator
            async def renew(customer: str) -> None:
                now = da.now()
                await charge(customer, now.date().isoformat())
            """,
            settings=_ON,
        ),
        Example(
            "No reason is given.",
            """
            import random

            import durable_async as da


            @da.activity
            async def show(banner: int) -> None: ...


            @da.orchestrator
            async def greet(banners: int) -> None:
                await show(random.randrange(banners))  # durable: ignore[DUR111]  # DUR190
            """,
            settings=_ON,
        ),
        Example(
            "One of the codes suppresses nothing.",
            """
            import time

            import durable_async as da


            @da.activity
            async def step(name: str, at: float) -> None: ...


            @da.orchestrator
            async def run(name: str) -> None:
                at = time.time()  # durable: ignore[DUR101, DUR111] only logged  # DUR190
                await step(name, at)
            """,
            mended="""
            import time

            import durable_async as da


            @da.activity
            async def step(name: str, at: float) -> None: ...


            @da.orchestrator
            async def run(name: str) -> None:
                at = time.time()  # durable: ignore[DUR101] only logged
                await step(name, at)
            """,
            settings=_ON,
        ),
        Example(
            "Without a code everything is ignored, also what comes later.",
            """
            import uuid

            import durable_async as da


            @da.activity
            async def create(name: str) -> None: ...


            @da.orchestrator
            async def provision(team: str) -> None:
                name = f"{team}-{uuid.uuid4()}"  # durable: ignore  # DUR190
                await create(name)
            """,
            settings=_ON,
        ),
        Example(
            "In an activity there is nothing to ignore.",
            """
            import time

            import durable_async as da


            @da.activity
            async def stamp(name: str) -> str:
                at = time.time()  # durable: ignore[DUR101] recorded  # DUR190
                return f"{name} {at}"


            @da.orchestrator
            async def sign(name: str) -> str:
                return await stamp(name)
            """,
            mended="""
            import time

            import durable_async as da


            @da.activity
            async def stamp(name: str) -> str:
                at = time.time()
                return f"{name} {at}"


            @da.orchestrator
            async def sign(name: str) -> str:
                return await stamp(name)
            """,
            settings=_ON,
        ),
        Example(
            "The finding is of another code, and is reported.",
            """
            import os

            import durable_async as da


            def size_of(default: int) -> int:
                return default * 2  # durable: ignore[DUR124] from the environment  # DUR190


            @da.activity
            async def load(size: int) -> str: ...


            @da.orchestrator
            async def read(default: int) -> str:
                return (await load(size_of(default))).replace(os.sep, "/")
            """,
            mended="""
            import os

            import durable_async as da


            def size_of(default: int) -> int:
                return default * 2


            @da.activity
            async def load(size: int) -> str: ...


            @da.orchestrator
            async def read(default: int) -> str:
                return (await load(size_of(default))).replace(os.sep, "/")
            """,
            settings=_ON,
        ),
    )

    def judge(self, seen: Observation) -> Verdict | None:
        return None
