import time
from datetime import date, datetime, timedelta, timezone


def deadline(year):
    day = date(year + 1, 4, 15)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return day


def is_late(day):
    return date.today() > day  # expect: DUR101


def stamp(fmt="%Y%m%d"):
    return time.strftime(fmt)  # expect: DUR101


def stamp_of(moment, fmt="%Y%m%d"):
    return time.strftime(fmt, moment.timetuple())


def parse(text, today=datetime.now(timezone.utc)):
    """`today` is the day the process came up; good enough for two-digit years."""
    value = datetime.strptime(text, "%d.%m.%y").replace(tzinfo=timezone.utc)
    return value if value <= today else value.replace(year=value.year - 100)


def quarter_of(time):
    return (time.month - 1) // 3 + 1
