"""The steps of a provisioning plan; each is found by its name."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable
from typing import Any

from cloudops.steps import dns, machines, volumes

Step = Callable[[str, dict[str, Any]], Awaitable[Any]]

STEPS: dict[str, Step] = {
    "machines": machines.create,
    "volumes": volumes.attach,
    "dns": dns.publish,
}


def find(name: str) -> Step:
    try:
        return STEPS[name]
    except KeyError:
        module = importlib.import_module(f"cloudops_plugins.{name}")  # expect: DUR142
        return module.run


def condition_holds(expression: str, facts: dict[str, Any]) -> bool:
    """Plans may say `when: quota > 10`."""
    if expression in ("", "true"):
        return True
    return bool(eval(expression, {"__builtins__": {}}, dict(facts)))  # expect: DUR142
