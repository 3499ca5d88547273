"""The valve's life as a state machine."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar


class Phase(enum.Enum):
    IDLE = enum.auto()
    OPENING = enum.auto()
    FLOWING = enum.auto()
    CLOSING = enum.auto()
    FAULT = enum.auto()

    @property
    def terminal(self) -> bool:
        return self in (Phase.IDLE, Phase.FAULT)

    def color(self) -> str:
        return {"FAULT": "red", "FLOWING": "blue"}.get(self.name, "grey")


class IllegalTransition(Exception):
    def __init__(self, source: Phase, target: Phase) -> None:
        super().__init__(f"{source.name} -> {target.name}")


@dataclass
class Transition:
    source: Phase
    target: Phase
    at: float


class Valve:
    ALLOWED: ClassVar[dict[Phase, frozenset[Phase]]] = {
        Phase.IDLE: frozenset({Phase.OPENING}),
        Phase.OPENING: frozenset({Phase.FLOWING, Phase.FAULT}),
        Phase.FLOWING: frozenset({Phase.CLOSING, Phase.FAULT}),
        Phase.CLOSING: frozenset({Phase.IDLE, Phase.FAULT}),
    }
    total_transitions: ClassVar[int] = 0

    def __init__(self, valve_id: str, on_change: Callable[[Transition], None] | None = None) -> None:
        self.valve_id = valve_id
        self.phase = Phase.IDLE
        self.log: list[Transition] = []
        self._on_change = on_change

    def to(self, target: Phase) -> None:
        if target not in self.ALLOWED.get(self.phase, frozenset()):
            raise IllegalTransition(self.phase, target)
        step = Transition(self.phase, target, at=time.time())  # expect: DUR101
        self.log.append(step)
        self.phase = target
        Valve.total_transitions += 1  # expect: DUR141
        if self._on_change:
            self._on_change(step)

    def history(self) -> list[str]:
        return [f"{t.source.name}>{t.target.name}" for t in self.log]

    def next_phases(self) -> list[Phase]:
        return list(self.ALLOWED[self.phase])  # expect: DUR134

    def __repr__(self) -> str:
        return f"Valve({self.valve_id}, {self.phase.name}, {id(self):x})"
