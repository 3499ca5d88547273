"""Callbacks that are told about transitions."""

import sys
from collections import deque

from .states import Transition
from .telemetry import checksum

RECENT: deque[str] = deque(maxlen=100)
_PALETTE = {"FAULT": "!", "IDLE": "."}


def remember(step: Transition) -> None:
    RECENT.append(step.target.name)  # expect: DUR141


def trace(step: Transition) -> None:
    sys.stdout.write(f"{step.source.name} -> {step.target.name}\n")  # expect: DUR143


def silent(step: Transition) -> None:
    """Nothing to do."""


def symbol(step: Transition) -> str:
    return _PALETTE.get(step.target.name, "~")


def dump() -> str:
    """For the debug page."""
    return f"{checksum(' '.join(RECENT).encode()):04x}"


HANDLERS = {"remember": remember, "trace": trace, "silent": silent}
