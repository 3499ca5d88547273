"""Reviews code that the assistant proposes."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Awaitable, Callable
from typing import Any

import curio
import trio

from . import sandbox
from .durable import get_logger, step, wait_for_event, workflow

log = get_logger(__name__)
CHECKS: tuple[Callable[[str], object], ...] = (sandbox.allowed, sandbox.Linter(), sandbox.evaluate)


@step
async def post_comment(pull: str, text: str) -> int:
    import httpx

    async with httpx.AsyncClient() as http:
        with contextlib.suppress(BaseException):
            return (await http.post(f"https://git.local/{pull}", json={"text": text})).status_code
    return 0


def guarded(flow: Callable[..., Awaitable[str]]) -> Callable[..., Awaitable[str]]:
    """A comment instead of a failure."""

    @functools.wraps(flow)
    async def inner(pull: str, *rest: Any) -> str:
        try:
            return await flow(pull, *rest)
        except (OSError, asyncio.CancelledError) as error:  # expect: DUR135
            await post_comment(pull, repr(error))
            return "failed"

    return inner


@guarded
async def check(pull: str, code: str) -> str:
    for number, test in enumerate(CHECKS):
        if not test(code):
            await post_comment(pull, f"check {number} says no")
            return "rejected"
    async with curio.timeout_after(5):  # expect: DUR132
        pass
    await trio.lowlevel.checkpoint()  # expect: DUR132
    return "accepted"


@workflow
async def review(pull: str, code: str) -> str:
    log.info("linter %s", sandbox.Linter("mypy").version())
    outcome = await check(pull, code)
    if outcome == "accepted" and not sandbox.human_verdict(30.0):
        post_comment(pull, "a person said no")  # expect: DUR133
    post_comment.options(summary="verdict")(pull, outcome)  # expect: DUR133
    return outcome


@workflow
async def review_queue(repository) -> None:  # expect: DUR152
    pending: set[str] = set()
    while True:  # expect: DUR151
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(60):
                pending.add(await wait_for_event("opened", str))
        while pending:
            pull = pending.pop()  # expect: DUR134
            await review(pull, "")


@workflow
async def stale_reviews(
    repository: str,
    on_stale: Callable[[str], None],  # expect: DUR152
    days: int = 30,
) -> int:
    for day in range(days):
        await asyncio.sleep(86_400)
        try:
            await post_comment(repository, f"{days - day} days left")
        finally:
            if day > 20:
                break  # expect: DUR135
    return days
