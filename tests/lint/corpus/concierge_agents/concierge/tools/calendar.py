from datetime import date, datetime as dt, timedelta
from zoneinfo import ZoneInfo

from .registry import registry

CITY_ZONES = {"lisbon": "Europe/Lisbon", "tokyo": "Asia/Tokyo"}


@registry.tool("local_time", description="the local time of a city")
def local_time(city: str) -> str:
    zone = ZoneInfo(CITY_ZONES[city.lower()])
    return dt.now(zone).isoformat(timespec="minutes")  # expect: DUR101


@registry.tool("weekday")
def weekday(day: str) -> str:
    """The name of a day's weekday."""
    return date.fromisoformat(day).strftime("%A")


@registry.tool("days_between")
def days_between(first: str, second: str) -> int:
    """How many days lie between two."""
    return (date.fromisoformat(second) - date.fromisoformat(first)) // timedelta(days=1)


def next_opening(city: str) -> dt:
    """Not a tool yet."""
    return dt.now(ZoneInfo(CITY_ZONES[city])) + timedelta(days=1)
