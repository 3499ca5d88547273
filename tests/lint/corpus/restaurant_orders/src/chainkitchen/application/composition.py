"""Composition root: which adapter stands behind which port."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..adapters.pos import FileMenu, HttpLoyalty, TillClock, TillNumbers
from ..ports import Clock, Loyalty, MenuSource, TicketNumbers

SPOOL = Path("/var/spool/till")


@dataclass
class Core:
    clock: Clock
    numbers: TicketNumbers
    menu: MenuSource
    loyalty: Loyalty


_built: dict[str, Core] = {}


def core_for(region: str) -> Core:
    if region not in _built:  # expect: DUR141
        _built[region] = Core(  # expect: DUR141
            clock=TillClock(),
            numbers=TillNumbers(SPOOL / region),
            menu=FileMenu(region),
            loyalty=HttpLoyalty(),
        )
    return _built[region]  # expect: DUR141


def spool_ready() -> bool:
    """Asked by the container's readiness probe."""
    return SPOOL.exists() and bool(_built)
