"""Tools are plain functions; `@tool` puts them into the table the loop dispatches on."""

import asyncio
import inspect
import json
import operator
import platform
import re
import shlex
import shutil
import subprocess
import sys
import time
import webbrowser
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar

import durable_async as da

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Tool(Generic[P, R]):
    name: str
    fn: Callable[P, R]
    loaded: float

    @property
    def schema(self) -> dict[str, Any]:
        return {"name": self.name, "parameters": list(inspect.signature(self.fn).parameters)}

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.fn(*args, **kwargs)


TOOLS: dict[str, Tool[..., Any]] = {}


def tool(fn: Callable[P, R]) -> Callable[P, R]:
    TOOLS[fn.__name__] = Tool(fn.__name__, fn, time.time())
    return fn


@tool
def add(left: float, right: float) -> float:
    return operator.add(left, right)


@tool
def disk_free(path: str) -> int:
    return shutil.disk_usage(path).free  # expect: DUR122


@tool
def shell(command: str) -> str:
    return subprocess.check_output(shlex.split(command), text=True)  # expect: DUR123


@tool
def encoding() -> str:
    return f"{sys.getdefaultencoding()} on {platform.release()}"  # expect: DUR125


@da.activity(retry=da.RetryPolicy(max_attempts=2))
async def search_web(query: str) -> list[str]:
    process = await asyncio.create_subprocess_shell(f"ddg {shlex.quote(query)}", stdout=subprocess.PIPE)
    out, _ = await process.communicate()
    return json.loads(out)


@tool
def search(query: str) -> Awaitable[list[str]]:
    return search_web(re.sub(r"\s+", " ", query))


def open_page(url: str) -> bool:
    """Only for a developer's machine, thus without the decorator."""
    return webbrowser.open(url)
