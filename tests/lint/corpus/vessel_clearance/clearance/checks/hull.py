import os
from functools import lru_cache

from ._base import check


@lru_cache(maxsize=None)  # expect: DUR141
def sister_ships(imo):
    return tuple(f"{imo[:-1]}{digit}" for digit in range(3))


@check("hull.draught")
def draught(manifest):
    limit = float(os.getenv("MAX_DRAUGHT") or 14.5)  # expect: DUR124
    return manifest.draught <= limit or f"{manifest.draught} m"


@check("hull.sisters")
def sisters(manifest):
    return manifest.imo in sister_ships(manifest.imo) or "odd number"


def photograph(imo):
    """For the harbour master's page."""
    with open(f"/photos/{imo}.jpg", "rb") as file:
        return file.read()
