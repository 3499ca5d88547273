"""DUR101: the clock of the machine is read, and a replay reads another time."""

from typing import ClassVar, Final

from durable_lint.reach.observations import How, Use
from durable_lint.rule import Example
from durable_lint.rules.dialects import Words, is_ours
from durable_lint.rules.vocabulary_rule import VocabularyRule

__all__ = ["WallClock"]

_INSTEAD: Final[dict[str, str]] = {
    "datetime.datetime.now": "{now}",
    "datetime.datetime.utcnow": "{now}",
    "datetime.datetime.today": "{now}",
    "datetime.date.today": "{now}.date()",
    "time.time": "{now}.timestamp()",
    "time.time_ns": "int({now}.timestamp() * 1e9)",
    "time.localtime": "{now}.timetuple()",
    "time.gmtime": "{now}.timetuple()",
    "time.ctime": "{now}.ctime()",
    "time.asctime": "{now}.ctime()",
    "time.strftime": "{now}.strftime(...)",
    "email.utils.localtime": "{now}",
    "email.utils.formatdate": "email.utils.format_datetime({now})",
    "django.utils.timezone.now": "{now}",
    "django.utils.timezone.localtime": "{now}",
    "django.utils.timezone.localdate": "{now}.date()",
    "pendulum.now": "pendulum.instance({now})",
    "pendulum.today": "pendulum.instance({now})",
    "arrow.now": "arrow.get({now})",
    "arrow.utcnow": "arrow.get({now})",
    "croniter.croniter.get_next": "croniter(..., {now})",
    "croniter.croniter.get_prev": "croniter(..., {now})",
    "pandas.Timestamp.now": "pandas.Timestamp({now})",
    "pandas.Timestamp.utcnow": "pandas.Timestamp({now})",
    "pandas.Timestamp.today": "pandas.Timestamp({now})",
    "whenever.Instant.now": "whenever.Instant.from_py_datetime({now})",
}
"""What stands for a reading of the clock. `{now}` is the dialect's own."""

_MENDED: Final[dict[str, tuple[int, ...]]] = {
    "datetime.datetime.now": (0, 1),
    "datetime.datetime.utcnow": (0,),
    "datetime.datetime.today": (0,),
    "datetime.date.today": (0,),
    "time.time": (0,),
    "time.time_ns": (0,),
}
"""What `--fix` mends, and with how many arguments."""

_NAIVE: Final = frozenset(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today"))
"""Readings that know no zone, called without one."""

_DURATIONS: Final = ("monotonic", "perf_counter", "process_time", "thread_time", "default_timer")


class WallClock(VocabularyRule):
    code = "DUR101"
    category = "wall_clock"
    summary = "the machine's clock is read"
    harm = "reads the clock, so a replay sees another time than the first run did"
    mends = "puts `durable_async.now()` in the place of the plain readings of `datetime` and `time`"
    explanation = """\
An orchestrator is run again from its first line whenever it comes back into memory: after a
restart, a deploy, a long sleep. Whatever it read off the machine's clock is then another value.
A branch on it may go the other way, a deadline moves with each replay, and what the code asks
for no longer matches the history: the instance is blocked, or, worse, goes on with a wrong
amount.

`durable_async.now()` is the time at which the history says that this point was reached: the
same at each replay. It is an aware `datetime` in UTC. `.date()` of it is today, `.timestamp()`
is `time.time()`, `.astimezone(zone)` is the time somewhere else. To measure how long something
took, subtract two of them, or use `time()` of the running loop, which stands still with it.

`datetime.now()`, `datetime.today()` and `date.today()` without a zone mean the time where the
worker stands, which two workers need not agree on: no reading of it can be the same at each
replay. `--fix` keeps such a value naive, because what it is compared with is naive, and makes it
one of UTC, as it is on a server whose zone is UTC: `durable_async.now().replace(tzinfo=None)`,
just as for `utcnow()`. Where a place matters, say which, and the day is that place's:
`durable_async.now().astimezone(ZoneInfo("Europe/Vienna")).date()`.

A time that is read when a module is imported, `STARTED = datetime.now(UTC)`, is another one in
each process: an orchestrator that reads such a name is reported where it reads it.

What only computes with times is no finding: `datetime.fromtimestamp(seconds, tz)`,
`time.strftime(format, given)`, `timedelta`. An activity may look at the clock as it likes.
"""
    before = """\
from datetime import UTC, datetime

import durable_async


@durable_async.orchestrator
async def renew(customer_id: str, ends: datetime) -> bool:
    if datetime.now(UTC) > ends:
        return False
    await charge(customer_id)
    return True
"""
    after = """\
from datetime import datetime

import durable_async


@durable_async.orchestrator
async def renew(customer_id: str, ends: datetime) -> bool:
    if durable_async.now() > ends:
        return False
    await charge(customer_id)
    return True
"""
    valid: ClassVar[tuple[Example, ...]] = (
        Example(
            "The durable clock says the same at each replay.",
            """
            from datetime import timedelta

            import durable_async as da


            @da.activity
            async def remind(customer_id: str, day: str) -> None: ...


            @da.orchestrator
            async def reminders(customer_id: str) -> None:
                due = da.now() + timedelta(days=3)
                await da.sleep_until(due)
                await remind(customer_id, due.date().isoformat())
            """,
        ),
        Example(
            "An activity may look at the clock: its result is recorded.",
            """
            import time
            from datetime import UTC, datetime

            import durable_async as da


            def stamp() -> str:
                return datetime.now(UTC).isoformat()


            @da.activity
            async def export(table: str) -> str:
                began = time.perf_counter()
                return f"{table} {stamp()} {time.perf_counter() - began:.1f}"


            @da.orchestrator
            async def nightly(tables: list[str]) -> list[str]:
                return [await export(table) for table in tables]
            """,
        ),
        Example(
            "Computing with a time that was given reads no clock.",
            """
            import time
            from datetime import UTC, datetime, timedelta

            import durable_async as da


            @da.activity
            async def invoice(account: str, month: str) -> None: ...


            def month_of(seconds: float) -> str:
                moment = datetime.fromtimestamp(seconds, UTC) - timedelta(days=1)
                return time.strftime("%Y-%m", moment.timetuple())


            @da.orchestrator
            async def billing(account: str, closed_at: float) -> str:
                month = month_of(closed_at)
                await invoice(account, month)
                return time.asctime(time.gmtime(closed_at))
            """,
        ),
        Example(
            "The time() of the running loop is durable.",
            """
            import asyncio

            import durable_async as da


            @da.activity
            async def poll(job: str) -> bool: ...


            @da.orchestrator
            async def wait_for_job(job: str) -> float:
                loop = asyncio.get_running_loop()
                began = loop.time()
                while not await poll(job):
                    await asyncio.sleep(30)
                return loop.time() - began
            """,
        ),
        Example(
            "A local that is called time is not the module.",
            """
            import durable_async as da


            class Stopwatch:
                def __init__(self) -> None:
                    self.laps = 0

                def time(self) -> int:
                    self.laps += 1
                    return self.laps


            @da.activity
            async def run_lap(number: int) -> None: ...


            @da.orchestrator
            async def race(laps: int) -> int:
                time = Stopwatch()
                while time.time() <= laps:
                    await run_lap(time.laps)
                return time.laps
            """,
        ),
        Example(
            "What runs at import, in a worker or in a test is not replayed.",
            """
            import time
            from datetime import UTC, datetime

            import durable_async as da

            LOADED_AT = datetime.now(UTC)


            @da.activity
            async def publish(title: str) -> None: ...


            @da.orchestrator
            async def release(title: str, since: datetime = datetime.now(UTC)) -> bool:
                await publish(title)
                return since < datetime(2026, 1, 1, tzinfo=UTC)


            async def main() -> None:
                print(LOADED_AT)
                began = time.monotonic()
                async with da.Client() as client, da.Worker(client, [release, publish]):
                    handle = await client.start(release("notes"))
                    await handle.result()
                assert time.monotonic() - began < 60
            """,
        ),
        Example(
            "A helper that no orchestrator reaches is silent.",
            """
            # file: clocks.py
            from datetime import UTC, datetime


            def age_in_days(since: datetime, now: datetime) -> int:
                return (now - since).days


            def age_today(since: datetime) -> int:
                return age_in_days(since, datetime.now(UTC))

            # file: flows.py
            from datetime import datetime

            import durable_async as da

            from clocks import age_in_days


            @da.activity
            async def archive(document: str) -> None: ...


            @da.orchestrator
            async def retention(document: str, since: datetime) -> bool:
                if age_in_days(since, da.now()) < 90:
                    return False
                await archive(document)
                return True
            """,
        ),
        Example(
            "A workflow of Temporal has a clock of its own.",
            """
            from datetime import timedelta

            from temporalio import activity, workflow


            @activity.defn
            async def remind(customer: str) -> None: ...


            @workflow.defn
            class Reminder:
                @workflow.run
                async def run(self, customer: str) -> str:
                    due = workflow.now() + timedelta(days=3)
                    await workflow.execute_activity(
                        remind, customer, start_to_close_timeout=timedelta(minutes=1)
                    )
                    return due.isoformat()
            """,
            settings='dialects = ["temporalio"]',
        ),
    )
    invalid: ClassVar[tuple[Example, ...]] = (
        Example(
            "A time that was read when the module was imported: each process has another one.",
            """
            # file: process.py
            import time
            from datetime import UTC, datetime, timedelta

            STARTED = datetime.now(UTC)
            FIRST_CALL = STARTED + timedelta(minutes=5)


            class Clock:
                ZERO = time.monotonic()

            # file: flows.py
            from datetime import datetime

            import durable_async as da

            from process import FIRST_CALL, Clock


            @da.activity
            async def call(number: str) -> None: ...


            def is_late(at: datetime) -> bool:
                return at > FIRST_CALL  # DUR101


            @da.orchestrator
            async def dial(number: str) -> float:
                if is_late(da.now()):
                    await call(number)
                return Clock.ZERO  # DUR101
            """,
        ),
        Example(
            "A branch on the clock may go the other way at replay.",
            """
            from datetime import UTC, datetime, timedelta

            import durable_async as da


            @da.activity
            async def escalate(ticket: str) -> None: ...


            @da.orchestrator
            async def triage(ticket: str, opened: datetime) -> None:
                if datetime.now(UTC) - opened > timedelta(hours=4):  # DUR101
                    await escalate(ticket)
            """,
            mended="""
            from datetime import UTC, datetime, timedelta

            import durable_async as da


            @da.activity
            async def escalate(ticket: str) -> None: ...


            @da.orchestrator
            async def triage(ticket: str, opened: datetime) -> None:
                if da.now().astimezone(UTC) - opened > timedelta(hours=4):
                    await escalate(ticket)
            """,
        ),
        Example(
            "Today's date is the clock's too.",
            """
            import datetime as dt

            import durable_async as da


            @da.activity
            async def send_statement(account: str, day: dt.date) -> None: ...


            @da.orchestrator
            async def statements(accounts: list[str]) -> None:
                day = dt.date.today()  # DUR101
                for account in accounts:
                    await send_statement(account, day - dt.timedelta(days=1))
            """,
            mended="""
            import datetime as dt

            import durable_async as da


            @da.activity
            async def send_statement(account: str, day: dt.date) -> None: ...


            @da.orchestrator
            async def statements(accounts: list[str]) -> None:
                day = da.now().date()
                for account in accounts:
                    await send_statement(account, day - dt.timedelta(days=1))
            """,
        ),
        Example(
            "A helper in another module is replayed with the orchestrator that calls it.",
            """
            # file: keys.py
            import time
            import zlib


            def idempotency_key(order_id: str) -> str:
                seconds = int(time.time())  # DUR101
                return f"{order_id}-{zlib.crc32(str(seconds).encode()):x}"

            # file: flows.py
            from durable_async import activity, orchestrator

            from keys import idempotency_key


            @activity
            async def charge(order_id: str, key: str) -> None: ...


            @orchestrator
            async def checkout(order_id: str) -> None:
                await charge(order_id, idempotency_key(order_id))
            """,
            mended="""
            # file: keys.py
            import zlib

            import durable_async


            def idempotency_key(order_id: str) -> str:
                seconds = int(durable_async.now().timestamp())
                return f"{order_id}-{zlib.crc32(str(seconds).encode()):x}"

            # file: flows.py
            from durable_async import activity, orchestrator

            from keys import idempotency_key


            @activity
            async def charge(order_id: str, key: str) -> None: ...


            @orchestrator
            async def checkout(order_id: str) -> None:
                await charge(order_id, idempotency_key(order_id))
            """,
        ),
        Example(
            "Measuring how long a step took reads the clock twice.",
            """
            from time import perf_counter

            import durable_async as da


            @da.activity
            async def train(model: str) -> float: ...


            @da.orchestrator
            async def tune(model: str) -> float:
                began = perf_counter()  # DUR101
                score = await train(model)
                return score / (perf_counter() - began)  # DUR101
            """,
        ),
        Example(
            "A reference counts when the class that calls it is made in reached code.",
            """
            import time
            from dataclasses import dataclass, field

            import durable_async as da


            @dataclass
            class Attempt:
                url: str
                at: float = field(default_factory=time.time)  # DUR101


            @da.activity
            async def fetch(url: str, at: float) -> str: ...


            @da.orchestrator
            async def crawl(urls: list[str]) -> list[str]:
                attempts = [Attempt(url) for url in urls]
                return [await fetch(attempt.url, attempt.at) for attempt in attempts]
            """,
        ),
        Example(
            "Without a time to format, strftime and ctime take the clock's.",
            """
            import time

            import durable_async as da


            @da.activity
            async def upload(path: str, note: str) -> None: ...


            @da.orchestrator
            async def backup(name: str) -> None:
                day = time.strftime("%Y-%m-%d")  # DUR101
                year = time.localtime().tm_year  # DUR101
                await upload(f"{year}/{name}-{day}.tar", time.ctime())  # DUR101
            """,
        ),
        Example(
            "Libraries of dates read the same clock.",
            """
            import arrow
            import pendulum

            import durable_async as da


            @da.activity
            async def book(room: str, night: str) -> None: ...


            @da.orchestrator
            async def stay(room: str) -> str:
                tonight = pendulum.now("Europe/Vienna")  # DUR101
                await book(room, tonight.to_date_string())
                return arrow.utcnow().isoformat()  # DUR101
            """,
        ),
        Example(
            "A schedule that is not told where to begin begins now.",
            """
            from datetime import datetime

            from croniter import croniter

            import durable_async as da


            @da.activity
            async def back_up(database: str) -> None: ...


            @da.orchestrator
            async def backups(database: str, schedule: str) -> None:
                times = croniter(schedule, da.now())
                for _ in range(100):
                    await da.sleep_until(times.get_next(datetime))
                    await back_up(database)
                await da.sleep_until(croniter(schedule).get_next(datetime))  # DUR101
            """,
        ),
        Example(
            "A workflow of Temporal, in a code base that is not converted yet.",
            """
            from datetime import datetime, timedelta

            from temporalio import activity, workflow


            @activity.defn
            async def remind(customer: str) -> None: ...


            @workflow.defn
            class Reminder:
                @workflow.run
                async def run(self, customer: str) -> str:
                    due = datetime.now() + timedelta(days=3)  # DUR101
                    await workflow.execute_activity(
                        remind, customer, start_to_close_timeout=timedelta(minutes=1)
                    )
                    return due.isoformat()
            """,
            settings='dialects = ["temporalio"]',
        ),
    )

    def advice(self, seen: Use, words: Words) -> str:
        instead = _INSTEAD.get(seen.name)
        if seen.how is How.REFERENCE and instead == "{now}":
            called = words.now.endswith("()")
            return f"hand on `{words.now[:-2] if called else f'lambda: {words.now}'}`"
        if seen.name == "datetime.datetime.now" and (seen.positional or seen.keywords):
            return f"use `{words.now}.astimezone(...)`"
        if instead is not None:
            # Who compares it with a naive one would hear of that from Python only.
            zone = ", which is aware, in UTC" if seen.name in _NAIVE and is_ours(seen) else ""
            return f"use `{instead.format(now=words.now)}`{zone}"
        if any(word in seen.name for word in _DURATIONS):
            return f"subtract two `{words.now}` to measure what passed between them"
        return self.known_advice(seen) or f"use `{words.now}`"

    def fixable(self, seen: Use) -> bool:
        counts = _MENDED.get(seen.name)
        if counts is None:
            return False
        if seen.how is How.REFERENCE:  # a function of no arguments, and so is what replaces it
            return _INSTEAD[seen.name] == "{now}"
        return seen.positional + len(seen.keywords) in counts
