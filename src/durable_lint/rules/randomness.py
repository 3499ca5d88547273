"""DUR111: chance that history does not hold."""

from typing import ClassVar, Final

from durable_lint.reach.observations import How, Use
from durable_lint.rule import Example
from durable_lint.rules.dialects import Words
from durable_lint.rules.vocabulary_rule import VocabularyRule

__all__ = ["Randomness"]

_BYTES = ("os.urandom", "os.getrandom", "secrets.token_bytes", "random.randbytes")
_SECRETS = ("secrets.", "ssl.", "cryptography.", "bcrypt.", "passlib.")
_SHARED: Final = {"seed": "sets", "setstate": "sets", "getstate": "reads the state of"}
"""What is done to the one generator of the module `random`, instead of drawing from it."""


class Randomness(VocabularyRule):
    code = "DUR111"
    category = "randomness"
    summary = "randomness that a replay cannot repeat"
    harm = "gives something else at each replay"
    mends = "makes `durable_async.random().choice(...)` of `random.choice(...)`, and so on"
    explanation = """\
A replay draws again, and draws something else: it picks another server, another sample, another
delay, and then asks for another activity than history holds.

`durable_async.random()` is a `random.Random` of its own for this execution. It is seeded from
the history, so that it gives the same numbers in the same order at each replay, and others in
each instance. With a name, `durable_async.random("jitter")`, it is a stream of its own, which
code that is added before it does not shift. Where a library wants a seed, give it
`durable_async.random().getrandbits(64)`.

A number that is drawn when a module is imported is another one in each process: it is reported
where an orchestrator reads it.

A `random.Random(seed)` whose seed is deterministic is no finding, nor are hashes. Secrets -
tokens, keys, salts - belong into an activity: what comes from a seed can be guessed.
"""
    before = """\
import random

import durable_async


@durable_async.orchestrator
async def review(changes: list[str], reviewers: list[str]) -> None:
    for change in changes:
        await assign(change, random.choice(reviewers))
"""
    after = """\
import durable_async


@durable_async.orchestrator
async def review(changes: list[str], reviewers: list[str]) -> None:
    for change in changes:
        await assign(change, durable_async.random().choice(reviewers))
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "The durable stream repeats itself at replay.",
            """
            import durable_async as da


            @da.activity
            async def notify(customer: str) -> None: ...


            @da.orchestrator
            async def lottery(customers: list[str]) -> str:
                chance = da.random("lottery")
                pool = sorted(customers)
                chance.shuffle(pool)
                winner = chance.choice(pool)
                await notify(winner)
                return winner
            """,
        ),
        Example(
            "A seed that is given makes the stream deterministic.",
            """
            import random
            import zlib

            import durable_async as da


            @da.activity
            async def show(user: str, variant: str) -> None: ...


            def variant_for(user: str, names: list[str]) -> str:
                return random.Random(zlib.crc32(user.encode())).choice(names)


            @da.orchestrator
            async def experiment(users: list[str], names: list[str]) -> None:
                for user in users:
                    await show(user, variant_for(user, names))
            """,
        ),
        Example(
            "An activity may draw: its result is recorded.",
            """
            import os
            import secrets

            import durable_async as da


            @da.activity
            async def new_token(user: str) -> str:
                return f"{user}.{secrets.token_urlsafe(32)}.{os.urandom(4).hex()}"


            @da.activity
            async def send_token(user: str, token: str) -> None: ...


            @da.orchestrator
            async def invite(user: str) -> None:
                await send_token(user, await new_token(user))
            """,
        ),
        Example(
            "Hashes, and comparing digests, are not random.",
            """
            import hashlib
            import hmac
            import secrets

            import durable_async as da


            @da.activity
            async def accept(body: str) -> None: ...


            @da.orchestrator
            async def webhook(body: str, signature: str, key: str) -> bool:
                made = hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest()
                if not secrets.compare_digest(made, signature):
                    return False
                await accept(body)
                return True
            """,
        ),
        Example(
            "A generator of numpy is deterministic when it is seeded from the durable stream.",
            """
            import numpy as np

            import durable_async as da


            @da.activity
            async def evaluate(rate: float) -> float: ...


            @da.orchestrator
            async def search(rounds: int) -> float:
                rng = np.random.default_rng(da.random().getrandbits(64))
                best = 0.0
                for rate in rng.uniform(0.0, 1.0, size=rounds):
                    best = max(best, await evaluate(float(rate)))
                return best
            """,
        ),
        Example(
            "A type hint and a parameter that happens to be called random.",
            """
            from random import Random

            import durable_async as da


            @da.activity
            async def visit(shop: str) -> None: ...


            def route(shops: list[str], random: Random) -> list[str]:
                return random.sample(shops, k=len(shops))


            @da.orchestrator
            async def inspection(shops: list[str]) -> None:
                for shop in route(shops, random=da.random()):
                    await visit(shop)
            """,
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "Another replay picks another server.",
            """
            import random

            import durable_async as da


            @da.activity
            async def upload(server: str, path: str) -> None: ...


            @da.orchestrator
            async def mirror(path: str, servers: list[str]) -> None:
                server = random.choice(servers)  # DUR111
                await upload(server, path)
                if random.random() < 0.1:  # DUR111
                    await upload(servers[0], path)
            """,
            mended="""
            import durable_async as da


            @da.activity
            async def upload(server: str, path: str) -> None: ...


            @da.orchestrator
            async def mirror(path: str, servers: list[str]) -> None:
                server = da.random().choice(servers)
                await upload(server, path)
                if da.random().random() < 0.1:
                    await upload(servers[0], path)
            """,
        ),
        Example(
            "Jitter in a helper of another module.",
            """
            # file: backoff_times.py
            import random


            def delays(attempts: int) -> list[float]:
                return [2**n + random.uniform(0, 1) for n in range(attempts)]  # DUR111

            # file: flows.py
            import asyncio

            from durable_async import activity, orchestrator

            from backoff_times import delays


            @activity
            async def pull(feed: str) -> bool: ...


            @orchestrator
            async def sync(feed: str) -> bool:
                for delay in delays(5):
                    if await pull(feed):
                        return True
                    await asyncio.sleep(delay)
                return False
            """,
            mended="""
            # file: backoff_times.py
            import durable_async


            def delays(attempts: int) -> list[float]:
                return [2**n + durable_async.random().uniform(0, 1) for n in range(attempts)]

            # file: flows.py
            import asyncio

            from durable_async import activity, orchestrator

            from backoff_times import delays


            @activity
            async def pull(feed: str) -> bool: ...


            @orchestrator
            async def sync(feed: str) -> bool:
                for delay in delays(5):
                    if await pull(feed):
                        return True
                    await asyncio.sleep(delay)
                return False
            """,
        ),
        Example(
            "Secrets are made anew at each replay.",
            """
            import secrets

            import durable_async as da


            @da.activity
            async def create_user(name: str, password: str) -> None: ...


            @da.activity
            async def mail_password(name: str, password: str) -> None: ...


            @da.orchestrator
            async def onboard(name: str) -> None:
                password = secrets.token_urlsafe(16)  # DUR111
                await create_user(name, password)
                await mail_password(name, password)
            """,
        ),
        Example(
            "A Random without a seed takes one from the operating system.",
            """
            import random

            import durable_async as da


            @da.activity
            async def label(image: str) -> str: ...


            class Sampler:
                def __init__(self) -> None:
                    self.random = random.Random()  # DUR111

                def pick(self, images: list[str]) -> list[str]:
                    return self.random.sample(images, k=10)


            @da.orchestrator
            async def audit(images: list[str]) -> list[str]:
                return [await label(image) for image in Sampler().pick(images)]
            """,
            mended="""
            import durable_async as da


            @da.activity
            async def label(image: str) -> str: ...


            class Sampler:
                def __init__(self) -> None:
                    self.random = da.random()

                def pick(self, images: list[str]) -> list[str]:
                    return self.random.sample(images, k=10)


            @da.orchestrator
            async def audit(images: list[str]) -> list[str]:
                return [await label(image) for image in Sampler().pick(images)]
            """,
        ),
        Example(
            "It is told where it is made, or, if that was at import, where it draws.",
            """
            import random

            import durable_async as da

            CHANCE = random.SystemRandom()


            @da.activity
            async def seat(guest: str, table: int) -> None: ...


            @da.orchestrator
            async def dinner(guests: list[str]) -> None:
                CHANCE.shuffle(guests)  # DUR111
                tables = random.SystemRandom()  # DUR111
                for guest in guests:
                    await seat(guest, tables.randint(1, 9))
            """,
        ),
        Example(
            "The global generator of numpy.",
            """
            import numpy as np

            import durable_async as da


            @da.activity
            async def simulate(shock: float) -> float: ...


            @da.orchestrator
            async def stress_test(rounds: int) -> float:
                worst = 0.0
                for shock in np.random.normal(size=rounds):  # DUR111
                    worst = min(worst, await simulate(float(shock)))
                rng = np.random.default_rng()  # DUR111
                return worst * float(rng.random())
            """,
        ),
        Example(
            "A function that is handed on draws when it is called.",
            """
            import os
            from random import random, shuffle

            import durable_async as da


            @da.activity
            async def call(number: str, nonce: str) -> None: ...


            @da.orchestrator
            async def survey(numbers: list[str]) -> None:
                shuffle(numbers)  # DUR111
                for number in sorted(numbers, key=lambda _: random()):  # DUR111
                    await call(number, os.urandom(8).hex())  # DUR111
            """,
            mended="""
            import os

            import durable_async as da


            @da.activity
            async def call(number: str, nonce: str) -> None: ...


            @da.orchestrator
            async def survey(numbers: list[str]) -> None:
                da.random().shuffle(numbers)
                for number in sorted(numbers, key=lambda _: da.random().random()):
                    await call(number, os.urandom(8).hex())
            """,
        ),
    )

    def harm_of(self, seen: Use) -> str:
        package, _, function = seen.name.rpartition(".")
        if package == "random" and function in _SHARED:
            return (
                f"{_SHARED[function]} the generator that all code of the process shares, in the"
                " middle of whatever else draws from it"
            )
        return self.harm

    def advice(self, seen: Use, words: Words) -> str:
        if seen.name in _BYTES:
            return f"use `{words.random}.randbytes(...)`, or make secrets in an activity"
        if seen.name.startswith(_SECRETS):
            return "make secrets in an activity, whose result is recorded"
        package, _, function = seen.name.rpartition(".")
        if package == "random" and function in _SHARED:
            return f"leave it out: `{words.random}` is one of your own, seeded from the history"
        if package == "random" and function not in {"Random", "SystemRandom"}:
            given = "()" if function == "random" else "(...)"
            return f"use `{words.random}.{function}{given if seen.how is How.CALL else ''}`"
        if package == "random":
            return f"use `{words.random}`, or give it a seed that is deterministic"
        if seen.name.startswith("numpy.random."):
            return f"use `numpy.random.default_rng({words.random}.getrandbits(64))`"
        return (
            self.known_advice(seen)
            or f"seed it with `{words.random}.getrandbits(64)`, or draw in an activity"
        )

    def fixable(self, seen: Use) -> bool:
        package, _, function = seen.name.rpartition(".")
        return (
            package == "random"
            and seen.how is How.CALL
            and function not in {"SystemRandom", "main", *_SHARED}
            and (function != "Random" or seen.positional + len(seen.keywords) == 0)
        )
