from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from ..common import Position


class Mode(enum.Enum):
    IDLE = enum.auto()
    LOADING = enum.auto()
    CRUISE = enum.auto()
    HOLD = enum.auto()
    DESCEND = enum.auto()
    RETURN = enum.auto()
    GROUNDED = enum.auto()


class Event(enum.StrEnum):
    LOADED = "loaded"
    LAUNCHED = "launched"
    WIND = "wind"
    CALM = "calm"
    ARRIVED = "arrived"
    DROPPED = "dropped"
    BATTERY = "battery"
    FAULT = "fault"


class IllegalTransition(RuntimeError):
    def __init__(self, mode: Mode, event: Event) -> None:
        super().__init__(f"{event} in {mode.name}")
        self.mode, self.event = mode, event


@dataclass
class Mission:
    drone: str
    target: Position
    mode: Mode = Mode.IDLE
    log: list[tuple[float, str]] = field(default_factory=list)

    def on(self, event: Event, at: datetime) -> Mode:
        match (self.mode, event):
            case (_, Event.FAULT):
                mode = Mode.GROUNDED
            case (Mode.IDLE, Event.LOADED):
                mode = Mode.LOADING
            case (Mode.LOADING, Event.LAUNCHED) | (Mode.HOLD, Event.CALM):
                mode = Mode.CRUISE
            case (Mode.CRUISE, Event.WIND):
                mode = Mode.HOLD
            case (Mode.CRUISE, Event.ARRIVED):
                mode = Mode.DESCEND
            case (Mode.DESCEND, Event.DROPPED) | (Mode.CRUISE | Mode.HOLD, Event.BATTERY):
                mode = Mode.RETURN
            case _:
                raise IllegalTransition(self.mode, event)
        self.mode = mode
        self.log.append((at.timestamp(), f"{event} -> {mode.name}"))
        return mode

    @property
    def airborne(self) -> bool:
        return self.mode in (Mode.CRUISE, Mode.HOLD, Mode.DESCEND, Mode.RETURN)
