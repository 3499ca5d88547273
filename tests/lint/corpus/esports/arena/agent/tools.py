"""Tools that agents may call. TOOLS maps the model's names to functions."""

from __future__ import annotations

import glob
import inspect
import math
import os
import random
import secrets
import statistics
import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
import sqlite3

from arena.activities import fetch_stats, post_message
from arena.agent.memory import recall, remember

HIGHLIGHTS = Path("/srv/highlights")


async def tool_stats(player: str) -> dict[str, float]:
    return await fetch_stats(player)


async def tool_announce(text: str) -> str:
    post_message("stage", text)  # expect: DUR133
    return "announced"


async def tool_say(text: str) -> str:
    await post_message("chat", text)
    return "said"


def tool_clock() -> str:
    return datetime.now().strftime("%H:%M")  # expect: DUR101


def tool_coin(sides: int = 2) -> int:
    return secrets.randbelow(sides)  # expect: DUR111


def tool_python(source: str) -> str:
    scope: dict[str, Any] = {"math": math, "mean": statistics.fmean}
    exec(source, scope)  # expect: DUR142
    return str(scope.get("result"))


def tool_shell(command: str) -> str:
    return os.popen(command).read()  # expect: DUR123


def tool_clip(match: str) -> list[str]:
    return sorted(glob.glob(f"{HIGHLIGHTS}/{match}-*.mp4"))  # expect: DUR122


def tool_search(query: str) -> str:
    key = os.environ["SEARCH_KEY"]  # expect: DUR124
    return requests.get("https://search.example.com", params={"q": query, "key": key}).text  # expect: DUR121


def tool_ladder(region: str) -> list[Any]:
    database = sqlite3.connect("ladder.db")  # expect: DUR121
    database.row_factory = None
    return [region]


def tool_wait(seconds: float) -> str:
    time.sleep(min(seconds, 5))  # expect: DUR102
    return "waited"


def tool_note(text: str) -> int:
    return remember(text)


def tool_recall(word: str) -> list[str]:
    return recall(word)


def tool_average(values: list[float]) -> float:
    return statistics.fmean(values)


def tool_render(match: str) -> int:
    """Not offered to models since the render farm moved."""
    return subprocess.call(["render", match, str(random.random())])


TOOLS: dict[str, Callable[..., Any]] = {
    "stats": tool_stats,
    "announce": tool_announce,
    "say": tool_say,
    "clock": tool_clock,
    "coin": tool_coin,
    "python": tool_python,
    "shell": tool_shell,
    "clip": tool_clip,
    "search": tool_search,
    "ladder": tool_ladder,
    "wait": tool_wait,
    "note": tool_note,
    "recall": tool_recall,
    "average": tool_average,
}


def schema(name: str) -> dict[str, Any]:
    signature = inspect.signature(TOOLS[name])
    return {"name": name, "parameters": [*signature.parameters]}
