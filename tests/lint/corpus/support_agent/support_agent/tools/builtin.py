"""Tools that need no backend. They run where the agent's loop runs."""

import ast
import datetime as dt
import hashlib
import math
import operator
import textwrap

import httpx

import durable_async as da

from .registry import tool

_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


@tool("today", "clock")
async def today() -> str:
    """The current date, ISO 8601."""
    return dt.date.today().isoformat()  # expect: DUR101


@tool("days_until", "clock")
async def days_until(day: str) -> int:
    """Days from now to the given ISO date."""
    return (dt.date.fromisoformat(day) - da.now().date()).days


@tool("calculator", "math")
async def calculator(expression: str) -> str:
    """Evaluates an arithmetic expression."""
    try:
        return f"{_walk(ast.parse(expression, mode='eval').body):g}"
    except (ValueError, KeyError):
        return str(eval(expression, {"__builtins__": {}}, vars(math)))  # expect: DUR142


def _walk(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_walk(left), _walk(right))
        case _:
            raise ValueError(ast.dump(node))


@tool("parse_list", "text")
async def parse_list(text: str) -> list[str]:
    """Reads a Python list literal."""
    value = ast.literal_eval(text)
    return [str(item) for item in value]


@tool("fetch_page", "web")
async def fetch_page(url: str) -> str:
    """The text of a web page."""
    async with httpx.AsyncClient(timeout=10, follow_redirects=True) as client:
        response = await client.get(url)  # expect: DUR121
    return textwrap.shorten(response.text, 4000)


@tool("fingerprint", "text")
async def fingerprint(text: str) -> str:
    """A short stable key for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@tool("status_page", "web")
@da.activity(timeout=15)
async def status_page(product: str) -> str:
    """What the status page says now."""
    async with httpx.AsyncClient() as client:
        response = await client.get(f"https://status.example.com/{product}")
    return f"{dt.datetime.now(dt.timezone.utc):%H:%M} {response.json()['state']}"
