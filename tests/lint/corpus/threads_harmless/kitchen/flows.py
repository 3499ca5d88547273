"""Cooks."""

import durable_async as da

from . import sharing
from .sharing import Executor, Thread


@da.activity
def cook(name: str) -> str:
    with sharing._module_lock:
        return name


@da.orchestrator
async def cook_dinner(name: str) -> str:
    executor = Executor()
    steps = executor.map([name, "serve"])
    thread = Thread(steps)
    text = thread.start() + thread.join() + str(executor.shutdown(wait=True))
    if not sharing.failed(ValueError()) and sharing.annotated(None) == 0:
        text += str(await sharing.shared(steps)) + str(await sharing.tasks(steps))
    return await cook(text)
