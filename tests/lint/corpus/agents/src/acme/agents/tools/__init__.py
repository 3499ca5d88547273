"""Tools that the model may call."""

from collections.abc import Awaitable, Callable
from typing import Any

from acme.agents.tools.calculator import calculate
from acme.agents.tools.files import read_note
from acme.agents.tools.shell import ask_engineer, run_command
from acme.agents.tools.web import fetch_page, search_web

Tool = Callable[..., Awaitable[Any]]

TOOLS: dict[str, Tool] = {
    "calculate": calculate,
    "note": read_note,
    "ask": ask_engineer,
    "run": run_command,
    "search": search_web,
    "fetch": fetch_page,
}
PRIVILEGED = {"fetch", "note"}


async def dispatch(name: str, arguments: dict[str, Any]) -> Any:
    tool = TOOLS.get(name)
    if tool is None:
        return {"error": f"no tool {name}; there are {', '.join(sorted(TOOLS))}"}
    return await tool(**arguments)


def catalogue(privileged: bool) -> list[str]:
    names = TOOLS.keys() if privileged else TOOLS.keys() - PRIVILEGED
    return sorted(names)


def privileged_hint() -> str:
    return "only for staff: " + ", ".join(PRIVILEGED)  # expect: DUR134
