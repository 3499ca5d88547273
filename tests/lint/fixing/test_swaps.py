"""What `--fix` writes in the place of clocks, sleeps, chance, identifiers and prints."""

import random
from collections.abc import Callable
from textwrap import dedent

import pytest

import durable_async
from durable_lint.fixing import swaps

Mend = Callable[..., str]


def body(statement: str, imports: str) -> str:
    return f"{imports}\nimport durable_async as da\n\n\nasync def flow(tz, xs):\n    {statement}\n"


READINGS = [
    (
        "datetime.datetime.now",
        "x = datetime.now()",
        "datetime.now()",
        "x = da.now().replace(tzinfo=None)",
    ),
    (
        "datetime.datetime.now",
        "x = datetime.now(tz)",
        "datetime.now(tz)",
        "x = da.now().astimezone(tz)",
    ),
    (
        "datetime.datetime.now",
        "x = datetime.now(tz=tz)",
        "datetime.now(tz=tz)",
        "x = da.now().astimezone(tz=tz)",
    ),
    (
        "datetime.datetime.now",
        "x = datetime.now(None)",
        "datetime.now(None)",
        "x = da.now().replace(tzinfo=None)",
    ),
    (
        "datetime.datetime.now",
        "x = datetime.now(tz=None) - xs",
        "datetime.now(tz=None)",
        "x = da.now().replace(tzinfo=None) - xs",
    ),
    (
        "datetime.datetime.utcnow",
        "x = datetime.utcnow()",
        "datetime.utcnow()",
        "x = da.now().replace(tzinfo=None)",
    ),
    (
        "datetime.datetime.today",
        "x = datetime.today()",
        "datetime.today()",
        "x = da.now().replace(tzinfo=None)",
    ),
    # The same of an aware and of a naive one, or the moment itself, for which a zone is needed.
    ("datetime.datetime.now", "x = datetime.now().year", "datetime.now()", "x = da.now().year"),
    ("datetime.datetime.now", "x = datetime.now().date()", "datetime.now()", "x = da.now().date()"),
    (
        "datetime.datetime.now",
        "x = datetime.now().timestamp()",
        "datetime.now()",
        "x = da.now().timestamp()",
    ),
    (
        "datetime.datetime.utcnow",
        "x = datetime.utcnow().timestamp()",
        "datetime.utcnow()",
        "x = da.now().replace(tzinfo=None).timestamp()",
    ),
    ("datetime.date.today", "x = date.today().year", "date.today()", "x = da.now().date().year"),
]


@pytest.mark.parametrize(("subject", "before", "piece", "after"), READINGS)
def test_a_reading_of_the_clock_becomes_the_durable_one_of_the_same_type(
    subject: str, before: str, piece: str, after: str, mend: Mend
) -> None:
    text = body(before, "from datetime import date, datetime")
    fixed = mend(text, ("DUR101", subject, piece))
    assert f"    {after}\n" in fixed
    assert piece not in fixed


@pytest.mark.parametrize(
    ("subject", "before", "piece", "after"),
    [
        ("time.time", "x = -time.time()", "time.time()", "x = -da.now().timestamp()"),
        (
            "time.time_ns",
            "x = time.time_ns() // 2",
            "time.time_ns()",
            "x = int(da.now().timestamp() * 1e9) // 2",
        ),
        (
            "time.time",
            'x = f"{time.time():.1f}"',
            "time.time()",
            'x = f"{da.now().timestamp():.1f}"',
        ),
    ],
)
def test_seconds_since_the_epoch_come_from_the_durable_clock(
    subject: str, before: str, piece: str, after: str, mend: Mend
) -> None:
    fixed = mend(body(before, "import time"), ("DUR101", subject, piece))
    assert fixed == body(after, "").removeprefix("\n")


def test_comments_and_line_breaks_between_the_parentheses_stay(mend: Mend) -> None:
    fixed = mend(
        """
        from datetime import UTC, datetime

        import durable_async as da


        async def flow():
            at = datetime.now(
                UTC,  # not the worker's zone
            )
        """,
        (
            "DUR101",
            "datetime.datetime.now",
            "datetime.now(\n        UTC,  # not the worker's zone\n    )",
        ),
    )
    assert "at = da.now().astimezone(\n        UTC,  # not the worker's zone\n    )\n" in fixed
    assert "from datetime import UTC\n" in fixed


def test_a_comment_within_the_name_itself_keeps_the_code_as_it_is(mend: Mend) -> None:
    text = """
        import time

        async def flow():
            return (
                time  # the wall's
                .time()
            )
        """
    fixed = mend(text, ("DUR101", "time.time", "time  # the wall's\n        .time()"))
    assert fixed == dedent(text).lstrip("\n")


@pytest.mark.parametrize(
    "call",
    ["datetime.now(*zones)", "datetime.now(**zones)", "datetime.now(a, b)"],
)
def test_arguments_that_are_not_understood_are_left_to_the_user(call: str, mend: Mend) -> None:
    text = body(f"return {call}", "from datetime import datetime")
    assert mend(text, ("DUR101", "datetime.datetime.now", call)) == text


def test_a_clock_that_was_passed_in_is_not_replaced(mend: Mend) -> None:
    """The finding knows that it is datetime here; a test gives it another."""
    text = body("return tz.now()", "from datetime import datetime")
    assert mend(text, ("DUR101", "datetime.datetime.now", "tz.now()")) == text


def test_a_function_that_is_handed_on_is_replaced_where_nobody_gives_it_arguments(
    mend: Mend,
) -> None:
    fixed = mend(
        """
        import uuid
        from dataclasses import dataclass, field
        from datetime import datetime

        import durable_async as da


        @dataclass
        class Order:
            id: uuid.UUID = field(default_factory=uuid.uuid4)
            at: datetime = field(default_factory=datetime.now)
            naive: datetime = field(default_factory=datetime.utcnow)
        """,
        ("DUR112", "uuid.uuid4", "uuid.uuid4"),
        ("DUR101", "datetime.datetime.now", "datetime.now"),
        ("DUR101", "datetime.datetime.utcnow", "datetime.utcnow"),
    )
    assert "id: uuid.UUID = field(default_factory=da.uuid4)" in fixed
    assert "at: datetime = field(default_factory=lambda: da.now().replace(tzinfo=None))" in fixed
    assert "naive: datetime = field(default_factory=lambda: da.now().replace(" in fixed


def test_a_clock_that_is_handed_to_map_gets_zones_and_is_left(mend: Mend) -> None:
    text = body("return list(map(datetime.now, xs))", "from datetime import datetime")
    assert mend(text, ("DUR101", "datetime.datetime.now", "datetime.now")) == text


@pytest.mark.parametrize(
    ("imports", "call", "subject", "after"),
    [
        ("import random", "random.choice(xs)", "random.choice", "da.random().choice(xs)"),
        ("import random as r", "r.sample(xs, k=2)", "random.sample", "da.random().sample(xs, k=2)"),
        ("from random import random", "random()", "random.random", "da.random().random()"),
        (
            "from random import randint as r",
            "r(1, 6)",
            "random.randint",
            "da.random().randint(1, 6)",
        ),
        ("from random import *", "choice(xs)", "random.choice", "da.random().choice(xs)"),
        ("import random", "random.Random()", "random.Random", "da.random()"),
    ],
)
def test_chance_comes_from_the_durable_stream_however_it_was_imported(
    imports: str, call: str, subject: str, after: str, mend: Mend
) -> None:
    fixed = mend(body(f"return {call}", imports), ("DUR111", subject, call))
    assert fixed.endswith(f"    return {after}\n")


@pytest.mark.parametrize("call", ["random.seed(1)", "random.Random(None)", "random.SystemRandom()"])
def test_the_state_of_chance_is_left_to_the_user(call: str, mend: Mend) -> None:
    text = body(f"return {call}", "import random")
    assert mend(text, ("DUR111", call.partition("(")[0], call)) == text


@pytest.mark.parametrize(
    ("statement", "piece", "after"),
    [
        ("time.sleep(5)", "time.sleep(5)", "await asyncio.sleep(5)"),
        ("[time.sleep(x) for x in xs]", "time.sleep(x)", "[await asyncio.sleep(x) for x in xs]"),
        ("return None or time.sleep(1)", "time.sleep(1)", "return None or await asyncio.sleep(1)"),
    ],
)
def test_a_blocking_sleep_becomes_a_timer(
    statement: str, piece: str, after: str, mend: Mend
) -> None:
    fixed = mend(body(statement, "import time"), ("DUR102", "time.sleep", piece))
    assert fixed == body(after, "import asyncio\n").replace("\n\n\nimport", "\n\nimport")


@pytest.mark.parametrize(
    "statement",
    [
        "list(time.sleep(x) for x in xs)",
        "return lambda x: time.sleep(x)",
        "time.sleep(*xs)",
        "time.sleep(secs=xs)",
        "class Late: nap = time.sleep(1)",
    ],
)
def test_a_sleep_where_an_await_cannot_stand_is_left(statement: str, mend: Mend) -> None:
    start = statement.index("time.sleep")
    piece = statement[start : statement.index(")", start) + 1]
    text = body(statement, "import time")
    assert mend(text, ("DUR102", "time.sleep", piece)) == text


def test_a_sleep_in_a_plain_function_is_left(mend: Mend) -> None:
    text = "import time\n\n\ndef nap():\n    time.sleep(1)\n"
    assert mend(text, ("DUR102", "time.sleep", "time.sleep(1)")) == text


def test_print_goes_to_the_logger_that_the_module_has(mend: Mend) -> None:
    fixed = mend(
        """
        import durable_async as da

        log = da.get_logger(__name__)


        async def flow(order):
            print(f"charging {order}")  # once
        """,
        ("DUR143", "builtins.print", 'print(f"charging {order}")'),
    )
    assert '    log.info(f"charging {order}")  # once\n' in fixed


def test_print_makes_a_logger_on_the_spot_where_there_is_none(mend: Mend) -> None:
    fixed = mend(
        """
        import logging

        from durable_async import orchestrator

        log = logging.getLogger(__name__)


        @orchestrator
        async def flow(order):
            print(order)
        """,
        ("DUR143", "builtins.print", "print(order)"),
    )
    assert "    durable_async.get_logger(__name__).info(order)\n" in fixed
    assert "import durable_async\nfrom durable_async import orchestrator\n" in fixed


def test_a_logger_that_a_local_hides_is_not_used(mend: Mend) -> None:
    fixed = mend(
        """
        import durable_async as da

        log = da.get_logger(__name__)


        async def flow(log):
            print(log)
        """,
        ("DUR143", "builtins.print", "print(log)"),
    )
    assert "    da.get_logger(__name__).info(log)\n" in fixed


@pytest.mark.parametrize("call", ["print(a, b)", "print(a, end='')", "print(*a)", "print()"])
def test_a_print_that_is_more_than_a_message_is_left(call: str, mend: Mend) -> None:
    text = body(call, "import os")
    assert mend(text, ("DUR143", "builtins.print", call)) == text


def test_nested_findings_are_mended_together(mend: Mend) -> None:
    fixed = mend(
        """
        import random
        import time

        import durable_async as da


        async def f(x):
            print(random.choice([time.time(), *{*x}]))
        """,
        ("DUR143", "builtins.print", "print(random.choice([time.time(), *{*x}]))"),
        ("DUR111", "random.choice", "random.choice([time.time(), *{*x}])"),
        ("DUR101", "time.time", "time.time()"),
        ("DUR134", "{*x}", "{*x}"),
    )
    assert fixed == dedent("""\
        import durable_async as da


        async def f(x):
            da.get_logger(__name__).info(da.random().choice([da.now().timestamp(), *sorted({*x})]))
        """)


def test_what_a_fix_writes_exists() -> None:
    assert {"now", "random", "uuid4", "get_logger"} <= set(durable_async.__all__)
    stream = random.Random(1)
    assert {name for name in swaps._RANDOM if not hasattr(stream, name)} <= {"binomialvariate"}
