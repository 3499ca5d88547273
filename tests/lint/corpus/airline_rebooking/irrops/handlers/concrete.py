from __future__ import annotations

import hashlib
import os
import random

from ..inventory.search import FareSearch, cabin_order
from .base import BaseHandler
from .mixins import AuditMixin, LoungeMixin


class _Searching(BaseHandler):
    def candidates(self) -> list[str]:
        search = FareSearch(self.flight[:3])
        return search.alternatives(self.flight, self.cabin)


class FamilyHandler(AuditMixin, _Searching):
    seats = 4

    def candidates(self) -> list[str]:
        flights = super().candidates()
        return sorted(flights, key=self._together)

    def _together(self, flight: str) -> int:
        return hash((self.pnr, flight)) % 7  # expect: DUR125

    def _together_stable(self, flight: str) -> int:
        return int(hashlib.sha1((self.pnr + flight).encode()).hexdigest(), 16) % 7


class BusinessHandler(LoungeMixin, _Searching):
    cabin = "J"

    async def try_one(self, candidate: str) -> bool:
        if random.uniform(0, 1) < 0.01:  # expect: DUR111
            return False
        return await super().try_one(candidate)


class UnaccompaniedMinorHandler(_Searching):
    """Never overnight, never by night."""

    def candidates(self) -> list[str]:
        return [f for f in super().candidates() if not f.endswith("N")][: self.attempts]

    def before(self) -> None:
        self.notes.append(os.environ["UM_DESK"])  # expect: DUR124


class GroupHandler(AuditMixin, LoungeMixin, _Searching):
    """Not used since 2021; the desk does groups by hand."""

    def candidates(self) -> list[str]:
        os.system("wall group rebooking")
        return list(cabin_order("FRA"))
