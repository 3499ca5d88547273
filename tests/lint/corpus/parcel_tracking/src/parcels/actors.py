"""Long-lived counters per hub."""
from __future__ import annotations

import datetime
import uuid

import attrs

from .durable import actor, now


@actor
@attrs.define
class HubLoad:
    hub: str = ""
    parcels: dict[str, float] = attrs.Factory(dict)
    alarms: list[str] = attrs.Factory(list)
    opened: datetime.date | None = None

    def arrived(self, tracking_no: str, at: float) -> int:
        if self.opened is None:
            self.opened = datetime.date.today()  # expect: DUR101
        self.parcels[tracking_no] = at
        if len(self.parcels) > 5_000:
            self._alarm("full")
        return len(self.parcels)

    def left(self, tracking_no: str) -> None:
        self.parcels.pop(tracking_no, None)

    async def sweep(self, days: int) -> list[str]:
        limit = now().timestamp() - days * 86_400
        old = {no for no, at in self.parcels.items() if at < limit}
        for no in old:
            del self.parcels[no]
        return sorted(old)

    def _alarm(self, what: str) -> None:
        self.alarms.append(f"{uuid.uuid4()}:{what}")  # expect: DUR112
