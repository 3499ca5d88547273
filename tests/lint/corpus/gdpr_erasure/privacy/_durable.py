"""Thin layer over the engine, so that the handlers do not import it directly."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar

import durable_async as engine
from durable_async import activity as step
from durable_async import orchestrator as process

P = ParamSpec("P")
R = TypeVar("R")

__all__ = ["engine", "process", "reporting", "step"]


def reporting(function: Callable[Concatenate[str, P], Awaitable[R]]) -> Callable[Concatenate[str, P], Awaitable[R]]:
    """Shows the subject and the running part in the status of the instance."""

    @functools.wraps(function)
    async def wrapper(subject: str, /, *args: P.args, **kwargs: P.kwargs) -> R:
        engine.set_custom_status({"subject": subject, "part": function.__name__})
        return await function(subject, *args, **kwargs)

    return wrapper
