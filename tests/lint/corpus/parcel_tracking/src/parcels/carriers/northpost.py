"""NorthPost sends local time in a fixed format."""
from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

from ..model import Scan
from . import parser

OSLO = ZoneInfo("Europe/Oslo")
CODES = {"A1": "announced", "T1": "in_transit", "T2": "out_for_delivery", "D1": "delivered", "R1": "returned"}


def _local(text: str) -> float:
    return datetime.strptime(text, "%d.%m.%Y %H:%M").replace(tzinfo=OSLO).timestamp()


@parser("NP")
def parse_scan(raw: dict[str, str]) -> Scan:
    return Scan(raw["shipment"], raw["terminal"], CODES[raw["event"]], _local(raw["local_time"]))


def file_stamp(at: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
