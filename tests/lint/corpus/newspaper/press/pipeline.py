"""Stages are plain callables; an edition is a table of them."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from press.copy import Article

Step = Callable[[Article], Article | Awaitable[Article]]


class Stage(NamedTuple):
    name: str
    run: Step
    optional: bool = False
    params: dict[str, Any] = {}


async def push(article: Article, stages: Sequence[Stage]) -> Article:
    """Run `article` through `stages`; optional ones may fail with ValueError."""
    for stage in stages:
        try:
            outcome = stage.run(article)
            article = await outcome if inspect.isawaitable(outcome) else outcome
        except ValueError:
            if not stage.optional:
                raise
        article.trail.append(stage.name)
    return article


def describe(stages: Sequence[Stage]) -> str:
    return " > ".join(stage.name for stage in stages)


def required(stages: Sequence[Stage]) -> list[str]:
    names = {stage.name for stage in stages if not stage.optional}
    return sorted(names, key=len)
