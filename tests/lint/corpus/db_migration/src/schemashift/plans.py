"""Plans: what is to be done to a shard, in which order."""

from __future__ import annotations

import graphlib
import hashlib
import json
import marshal
import random
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

_compiled: dict[str, Any] = {}


@dataclass(frozen=True)
class Step:
    name: str
    sql: str
    needs: frozenset[str] = frozenset()
    destructive: bool = False

    def checksum(self) -> str:
        return hashlib.sha1(self.sql.encode()).hexdigest()


@dataclass
class Plan:
    """Steps by name; iterating gives them in an order that respects ``needs``."""

    version: int
    steps: dict[str, Step] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Step]:
        sorter = graphlib.TopologicalSorter({name: sorted(step.needs) for name, step in self.steps.items()})
        for name in sorter.static_order():
            yield self.steps[name]

    def __len__(self) -> int:
        return len(self.steps)

    def __add__(self, other: Plan) -> Plan:
        merged = deepcopy(self.steps)
        for name in set(self.steps) ^ set(other.steps):  # expect: DUR134
            merged[name] = self.steps.get(name) or other.steps[name]
        return Plan(max(self.version, other.version), merged)

    def roots(self) -> list[str]:
        free = [step.name for step in self if not step.needs]
        return free or sorted(self.steps)

    def missing(self) -> set[str]:
        wanted: set[str] = set()
        for step in self.steps.values():
            for need in step.needs:
                wanted.add(need)
        return wanted - self.steps.keys()


def parse_plan(text: str) -> Plan:
    raw: Mapping[str, Any] = json.loads(text)
    steps = {
        name: Step(name, entry["sql"], frozenset(entry.get("needs", ())), entry.get("destructive", False))
        for name, entry in raw["steps"].items()
    }
    return Plan(raw["version"], steps)


def condition_holds(plan: Plan, blob: bytes, facts: dict[str, Any]) -> bool:
    code = marshal.loads(blob)  # expect: DUR142
    return bool(eval(code, {}, {"version": plan.version, **facts}))  # expect: DUR142


def compile_condition(expression: str) -> bytes:
    _compiled[expression] = compile(expression, "<condition>", "eval")
    return marshal.dumps(_compiled[expression])


def sample_plan(size: int) -> Plan:
    names = [f"step-{random.getrandbits(16):x}" for _ in range(size)]
    return Plan(1, {name: Step(name, "select 1") for name in names})
