from __future__ import annotations

import asyncio
import time
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pandas as pd

CET = ZoneInfo("Europe/Berlin")


def gate(day: str) -> datetime:
    at = datetime.fromisoformat(day).replace(hour=12, tzinfo=CET).astimezone(timezone.utc)
    return at if not _passed(at) else pd.Timestamp.now("UTC").to_pydatetime()  # expect: DUR101


def _passed(at: datetime) -> bool:
    skew = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.time_ns()  # expect: DUR101
    zone = time.tzname[0]  # expect: DUR125
    return skew < 0 or zone == "" or at.timestamp() < _loop_time()


def _loop_time() -> float:
    loop = asyncio.new_event_loop()  # expect: DUR131
    try:
        return loop.time()  # expect: DUR101
    finally:
        loop.close()


def utc_label(moment: datetime) -> str:
    return time.strftime("%H:%MZ", moment.utctimetuple())


def today() -> str:
    return pd.Timestamp.today().strftime("%Y-%m-%d")
