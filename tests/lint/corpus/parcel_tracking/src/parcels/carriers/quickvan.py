from __future__ import annotations

import time

from ..model import Scan
from . import parser


@parser("QV")
def parse_scan(raw: dict[str, str]) -> Scan:
    # their gateway drops the clock field at weekends
    at = float(raw["ts"]) if raw.get("ts") else time.time()  # expect: DUR101
    status = raw["state"].lower().replace(" ", "_")
    return Scan(raw["parcel"], raw.get("depot", "?"), status, at)
