import asyncio
import builtins
import io
import json
import os
from collections.abc import Sequence

import durable_async as da

from . import _rules as rules
from ._activities import Bank, pay

DEFAULTS = {"currency": "EUR"}
_history: list[str] = []


def merged(application, extras=[]):
    extras.append(application["name"])  # expect: DUR141
    return {**DEFAULTS, **application, "extras": len(extras)}


def export(rows: Sequence[dict]) -> str:
    out = io.StringIO()
    print(*rows, sep="\n", file=out)
    builtins.print("exported")  # expect: DUR143
    return out.getvalue()


def home() -> str:
    return os.path.expanduser("~/grants")  # expect: DUR124


async def retry(make, attempts=3):
    for attempt in range(attempts):
        try:
            return await make()
        except ConnectionError:
            await asyncio.sleep(2**attempt)
    raise ConnectionError


@da.orchestrator
async def grant(application: dict[str, str]) -> str:
    _history.append(application["name"])  # expect: DUR141
    if problems := rules.failing(application):
        return json.dumps(problems)
    receipt = await retry(lambda: pay(application["iban"], 100))
    text = export([merged(application)])
    files = await asyncio.to_thread(os.listdir, home())  # expect: DUR122, DUR131
    Bank.pay("x", 1)  # expect: DUR133
    return receipt + text + str(len(files)) + _history[-1]  # expect: DUR141
