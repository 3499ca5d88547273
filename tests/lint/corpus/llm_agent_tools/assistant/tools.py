"""Tools that the model may call. What touches the world is an activity."""

from __future__ import annotations

import ast
import json
import operator
import sqlite3
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from .durable import MODEL_RETRY, TOOL_RETRY, now, step

TOOL_SCHEMAS: dict[str, dict[str, Any]] = {}
_OPS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}


def tool(description: str) -> Callable[[Any], Any]:
    """Notes the schema while the module is imported."""

    def note(definition: Any) -> Any:
        TOOL_SCHEMAS[definition.__name__] = {"description": description, "noted": time.time()}
        return definition

    return note


@step(retry=MODEL_RETRY)
async def call_model(model: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
    async with httpx.AsyncClient(timeout=120) as http:
        reply = await http.post("https://models.internal/v1/chat", json={"model": model, "messages": messages})
        reply.raise_for_status()
        return reply.json()


@step(retry=TOOL_RETRY)
async def fetch_page(url: str) -> str:
    async with httpx.AsyncClient() as http:
        return (await http.get(url)).text


@step
def run_sql(query: str) -> list[list[Any]]:
    with sqlite3.connect("warehouse.db") as db:
        return [list(row) for row in db.execute(query)]


@tool("adds, subtracts and multiplies")
async def calculate(expression: str) -> str:
    tree = ast.parse(expression, mode="eval")
    try:
        return str(_fold(tree.body))
    except KeyError:
        return str(eval(expression, {"__builtins__": {}}))  # expect: DUR142


def _fold(node: ast.AST) -> float:
    if isinstance(node, ast.BinOp):
        return _OPS[type(node.op)](_fold(node.left), _fold(node.right))
    return float(ast.literal_eval(node))


@tool("the time in the user's zone")
async def current_time(zone: str) -> str:
    moment = now()
    return f"{moment:%H:%M} {zone or time.tzname[0]}"  # expect: DUR125


@tool("looks a note up")
async def read_note(name: str) -> str:
    with open(f"notes/{name}.md", encoding="utf-8") as handle:  # expect: DUR122
        return handle.read()


LOCAL_TOOLS: dict[str, Callable[[str], Awaitable[str]]] = {
    "calculate": calculate,
    "current_time": current_time,
    "read_note": read_note,
}


async def run_tool(name: str, argument: str) -> str:
    if name == "fetch_page":
        return await fetch_page(argument)
    if name == "run_sql":
        return json.dumps(await run_sql(argument))
    local = LOCAL_TOOLS.get(name)
    if local is None:
        return f"no tool {name!r}; known: {', '.join(sorted(TOOL_SCHEMAS))}"
    return await local(argument)
