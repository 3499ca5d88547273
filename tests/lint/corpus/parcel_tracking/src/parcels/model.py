from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

TRACKING_NO = re.compile(r"^(?P<carrier>[A-Z]{2})(?P<serial>\d{9})(?P<country>[A-Z]{2})$")


class Status(enum.Enum):
    ANNOUNCED = "announced"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    RETURNED = "returned"
    LOST = "lost"

    @property
    def final(self) -> bool:
        return self in {Status.DELIVERED, Status.RETURNED, Status.LOST}


NEXT: dict[Status, set[Status]] = {
    Status.ANNOUNCED: {Status.IN_TRANSIT, Status.LOST},
    Status.IN_TRANSIT: {Status.OUT_FOR_DELIVERY, Status.RETURNED, Status.LOST},
    Status.OUT_FOR_DELIVERY: {Status.DELIVERED, Status.IN_TRANSIT},
}


@dataclass(frozen=True)
class Scan:
    tracking_no: str
    hub: str
    status: str
    at: float

    @property
    def when(self) -> datetime:
        return datetime.fromtimestamp(self.at, timezone.utc)


@dataclass
class Parcel:
    tracking_no: str
    status: Status = Status.ANNOUNCED
    history: list[Scan] = field(default_factory=list)
    watchers: set[str] = field(default_factory=set)
    updated: datetime = field(default_factory=datetime.now)  # expect: DUR101

    @classmethod
    def announced(cls, tracking_no: str) -> Parcel:
        if not TRACKING_NO.match(tracking_no):
            raise ValueError(f"no tracking number: {tracking_no!r}")
        return cls(tracking_no)

    def apply(self, scan: Scan) -> Parcel:
        status = Status(scan.status)
        if status is not self.status and status not in NEXT.get(self.status, set()):
            return self
        return replace(self, status=status, history=[*self.history, scan], updated=scan.when)

    @property
    def hubs(self) -> list[str]:
        return list(dict.fromkeys(scan.hub for scan in self.history))

    def allowed(self) -> list[str]:
        return [status.value for status in NEXT[self.status]]  # expect: DUR134

    def stale(self, at: datetime, after: timedelta = timedelta(days=5)) -> bool:
        return bool(self.history) and at - self.history[-1].when > after
