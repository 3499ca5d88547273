"""A rule says of what was seen: its name, what breaks at replay, and what to write instead."""

from typing import Any

import pytest

from durable_lint.model import Span
from durable_lint.reach.observations import (
    CachedFunction,
    ContractFault,
    DroppedCall,
    EndlessLoop,
    Fault,
    ForeignAwait,
    How,
    Iterated,
    Observation,
    Pending,
    StateRead,
    StateWrite,
    Swallow,
    Swallowed,
    Use,
)
from durable_lint.reach.places import Place
from durable_lint.rule import Verdict
from durable_lint.rules import RULES, by_code
from durable_lint.vocabulary.entry import Entry

HERE = Place("flows.py", Span(1, 1, 1, 2))
DIALECTS = ("durable_async", "temporalio", "durabletask")


def use(name: str, category: str, how: How = How.CALL, advice: str = "", **more: Any) -> Use:
    entry = Entry(category, advice=advice)
    return Use(place=HERE, name=name, how=how, entry=entry, **more)


def judged(code: str, seen: Observation) -> Verdict:
    verdict = by_code()[code].judge(seen)
    assert verdict is not None
    return verdict


def clock(name: str, **more: Any) -> Verdict:
    return judged("DUR101", use(name, "wall_clock", **more))


def test_a_message_names_the_function_the_harm_and_the_way_out() -> None:
    assert clock("datetime.datetime.now").message == (
        "`datetime.datetime.now()` reads the clock, so a replay sees another time than the first"
        " run did; use `durable_async.now()`, which is aware, in UTC"
    )


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("datetime.datetime.utcnow", "use `durable_async.now()`, which is aware, in UTC"),
        ("datetime.date.today", "use `durable_async.now().date()`"),
        ("time.time", "use `durable_async.now().timestamp()`"),
        ("time.localtime", "use `durable_async.now().timetuple()`"),
        ("time.strftime", "use `durable_async.now().strftime(...)`"),
        ("pendulum.now", "use `pendulum.instance(durable_async.now())`"),
        ("somewhere.now", "use `durable_async.now()`"),
        (
            "time.perf_counter",
            "subtract two `durable_async.now()` to measure what passed between them",
        ),
    ],
)
def test_each_clock_has_what_takes_its_place(name: str, instead: str) -> None:
    assert clock(name).message.endswith(f"; {instead}")


def test_a_time_zone_is_kept() -> None:
    assert clock("datetime.datetime.now", positional=1).message.endswith(
        "; use `durable_async.now().astimezone(...)`"
    )


def test_what_is_handed_on_is_replaced_by_what_can_be_handed_on() -> None:
    handed = clock("datetime.datetime.now", how=How.REFERENCE)
    assert handed.message == (
        "`datetime.datetime.now`, handed on to be called, reads the clock, so a replay sees"
        " another time than the first run did; hand on `durable_async.now`"
    )
    assert handed.fixable
    assert not clock("time.time", how=How.REFERENCE).fixable


@pytest.mark.parametrize(
    ("dialect", "now", "sleep", "random", "uuid", "log"),
    [
        (
            "temporalio",
            "`workflow.now()`",
            "`await asyncio.sleep(...)`",
            "`workflow.random().choice(...)`",
            "`workflow.uuid4()`",
            "use `workflow.logger`",
        ),
        (
            "durabletask",
            "`context.current_utc_datetime`",
            "`yield context.create_timer(...)`",
            "`random.Random(context.instance_id).choice(...)`",
            "`context.new_uuid()`",
            "log only under `if not context.is_replaying`",
        ),
    ],
)
def test_a_dialect_is_advised_in_its_own_words(
    dialect: str, now: str, sleep: str, random: str, uuid: str, log: str
) -> None:
    def advice(code: str, name: str, category: str) -> str:
        verdict = judged(code, use(name, category, dialect=dialect, advice="durable_async.x()"))
        assert not verdict.fixable
        assert "durable_async" not in verdict.message
        return verdict.message.partition("; ")[2]

    assert advice("DUR101", "datetime.datetime.now", "wall_clock") == f"use {now}"
    assert advice("DUR102", "time.sleep", "blocking_sleep") == f"use {sleep}"
    assert advice("DUR111", "random.choice", "randomness") == f"use {random}"
    assert advice("DUR112", "uuid.uuid4", "uuid") == f"use {uuid}"
    assert advice("DUR143", "builtins.print", "logging_print") == log
    assert "activity" in advice("DUR121", "requests.get", "network_io")


def seen_by(code: str) -> list[Observation]:
    """One of each kind of observation that the rule wants to see."""
    rule = by_code()[code]
    samples: list[Observation] = [
        use("package.function", rule.category),
        use("package.function", rule.category, How.REFERENCE),
        use("package.name", rule.category, How.ATTRIBUTE),
        ForeignAwait(place=HERE, name="package.function", form="await"),
        *(DroppedCall(place=HERE, name="charge", kind=kind, use="dropped") for kind in Pending),
        Iterated(place=HERE, what="names", way="for", kind="set", sortable=True),
        *(Swallowed(place=HERE, swallow=swallow, statement="return") for swallow in Swallow),
        StateWrite(place=HERE, state="flows.SEEN", way="method add"),
        StateRead(place=HERE, state="flows.SEEN", writer="flows.py:9"),
        CachedFunction(place=HERE, function="flows.rate", decorator="functools.lru_cache"),
        EndlessLoop(place=HERE, awaits="check(site)"),
        *(
            ContractFault(place=HERE, fault=fault, definition="checkout", kind="orchestrator")
            for fault in Fault
        ),
    ]
    return [sample for sample in samples if isinstance(sample, rule.observes)]


@pytest.mark.parametrize("code", [rule.code for rule in RULES if rule.observes])
def test_a_message_is_one_line_of_three_parts(code: str) -> None:
    samples = seen_by(code)
    assert samples
    for seen in samples:
        message = judged(code, seen).message
        assert "\n" not in message
        assert not message.endswith(".")
        harm, _, instead = message.partition("; ")
        assert harm, message
        assert instead, message


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_says_nothing_of_what_is_another_rules(rule: Any) -> None:
    other = use("package.function", "another category")
    assert rule.judge(other) is None
    for code in by_code():
        for seen in seen_by(code):
            if not isinstance(seen, rule.observes or ()):
                assert rule.judge(seen) is None


@pytest.mark.parametrize(
    ("advice", "shown"),
    [
        ("asyncio.Thing()", "use `asyncio.Thing()`"),
        ("await asyncio.Event().wait()", "use `await asyncio.Event().wait()`"),
        ("await an activity", "await an activity"),
        ("read it once by side_effect(...)", "read it once by side_effect(...)"),
        ("the retry policy of an activity", "use the retry policy of an activity"),
        ("a name, or durable_async.uuid4()", "use a name, or durable_async.uuid4()"),
    ],
)
def test_the_vocabularys_advice_is_shown_as_code_or_as_it_reads(advice: str, shown: str) -> None:
    message = judged("DUR121", use("a.b", "network_io", advice=advice)).message
    assert message.endswith(f"; {shown}")


def test_builtins_are_named_as_they_are_written() -> None:
    message = judged("DUR122", use("builtins.open", "file_io")).message
    assert message.startswith("`open()` touches the disk")
    assert judged("DUR122", use("builtins.open", "file_io")).subject == "builtins.open"


def test_a_name_that_is_read_is_not_shown_as_a_call() -> None:
    message = judged("DUR124", use("os.environ", "environment", How.ATTRIBUTE)).message
    assert message.startswith("`os.environ` goes by the environment")


# ---------------------------------------------------------------- what can be mended


@pytest.mark.parametrize(
    ("code", "category", "name", "given", "mended"),
    [
        ("DUR101", "wall_clock", "datetime.datetime.now", 0, True),
        ("DUR101", "wall_clock", "datetime.datetime.now", 1, True),
        ("DUR101", "wall_clock", "datetime.date.today", 0, True),
        ("DUR101", "wall_clock", "time.localtime", 0, False),
        ("DUR101", "wall_clock", "time.perf_counter", 0, False),
        ("DUR102", "blocking_sleep", "time.sleep", 1, True),
        ("DUR102", "blocking_sleep", "signal.pause", 0, False),
        ("DUR111", "randomness", "random.choice", 1, True),
        ("DUR111", "randomness", "random.Random", 0, True),
        ("DUR111", "randomness", "random.Random", 1, False),
        ("DUR111", "randomness", "random.seed", 1, False),
        ("DUR111", "randomness", "secrets.token_hex", 1, False),
        ("DUR112", "uuid", "uuid.uuid4", 0, True),
        ("DUR112", "uuid", "uuid.uuid1", 0, False),
        ("DUR143", "logging_print", "builtins.print", 1, True),
        ("DUR143", "logging_print", "builtins.print", 2, False),
        ("DUR143", "logging_print", "loguru.logger.info", 1, False),
        ("DUR121", "network_io", "requests.get", 1, False),
    ],
)
def test_only_what_is_surely_the_same_is_mended(
    code: str, category: str, name: str, given: int, mended: bool
) -> None:
    assert judged(code, use(name, category, positional=given)).fixable is mended


def test_sleeping_is_not_mended_where_nothing_can_be_awaited() -> None:
    seen = use("time.sleep", "blocking_sleep", positional=1, in_async=False)
    assert not judged("DUR102", seen).fixable


def test_a_dropped_call_is_mended_in_a_coroutine() -> None:
    def dropped(**more: Any) -> Verdict:
        seen = DroppedCall(place=HERE, name="charge", kind=Pending.ACTIVITY, use="dropped", **more)
        return judged("DUR133", seen)

    assert dropped().fixable
    assert not dropped(in_async=False).fixable
    assert dropped().message == (
        "`charge(...)` is never awaited, so the activity never runs; write"
        " `await charge(...)`, or give it to `asyncio.create_task(...)`"
    )
    assert dropped(dialect="durabletask").message.endswith("; write `yield` before it")


def test_outside_of_orchestrators_an_orchestrator_is_started_and_not_awaited() -> None:
    seen = DroppedCall(
        place=HERE, name="checkout", kind=Pending.ORCHESTRATOR, use="dropped", reached=False
    )
    verdict = judged("DUR133", seen)
    assert not verdict.fixable
    assert verdict.message.endswith("; start it by `await client.start(checkout(...))`")


def test_a_set_is_mended_where_its_elements_can_be_sorted() -> None:
    def iterated(**more: Any) -> Verdict:
        fields = {"what": "users", "way": "for", "kind": "set", "sortable": True} | more
        return judged("DUR134", Iterated(place=HERE, **fields))

    assert iterated().fixable
    assert iterated().message.endswith("; write `sorted(users)`")
    assert not iterated(sortable=False).fixable
    assert iterated(sortable=False).message.endswith(
        "; sort it by a key, or keep a list or a dict instead"
    )
    assert iterated(way="gather", sortable=False).message.endswith(
        "; write a list of them instead of a set"
    )
    assert iterated(way="pop", what="users.pop()", sortable=False).message == (
        "`users.pop()` takes whichever element of a set comes first, and that differs from process"
        " to process, so a replay goes on with another one; take one by `min(users)`, or keep a"
        " list"
    )


def test_a_handler_is_mended_whose_end_is_reached() -> None:
    def swallowed(swallow: Swallow, **more: Any) -> bool:
        return judged("DUR135", Swallowed(place=HERE, swallow=swallow, **more)).fixable

    assert swallowed(Swallow.BASE)
    assert swallowed(Swallow.BASE, falls_through=False)  # it is narrowed
    assert not swallowed(Swallow.CANCELLED, falls_through=False)
    assert not swallowed(Swallow.SUPPRESS)
    assert not swallowed(Swallow.FINALLY, statement="return")


def test_state_that_is_read_says_where_it_is_changed() -> None:
    seen = StateRead(place=HERE, state="flows.RATES", writer="/home/ada/shop/rates.py:12")
    assert judged("DUR141", seen).message.startswith("`flows.RATES` is changed at rates.py:12, so")


def test_state_that_is_changed_is_told_where_it_belongs() -> None:
    written = judged("DUR141", StateWrite(place=HERE, state="flows.RATES", way="method update"))
    assert written.message.startswith("`flows.RATES` is changed by `update()`, so it outlives")
    assert written.message.endswith(", in an entity")
    default = judged("DUR141", StateWrite(place=HERE, state="flows.add(seen)", way="method append"))
    assert default.message.startswith("the default `flows.add(seen)` is changed by `append()`, and")
    assert default.message.endswith("; make it in the function, from `None`")


@pytest.mark.parametrize(
    ("code", "category", "name", "message"),
    [
        (
            "DUR111",
            "randomness",
            "random.seed",
            (
                "`random.seed()` sets the generator that all code of the process shares, in the"
                " middle of whatever else draws from it; leave it out: `durable_async.random()` is"
                " one of your own, seeded from the history"
            ),
        ),
        (
            "DUR125",
            "process_state",
            "gc.collect",
            (
                "`gc.collect()` is about the memory of the whole process, and done again at each"
                " replay; leave it out, or do it where the worker is started"
            ),
        ),
        (
            "DUR142",
            "dynamic_code",
            "inspect.stack",
            (
                "`inspect.stack()` looks at the calls that led here, which are others at a replay;"
                " pass what is needed as an argument"
            ),
        ),
    ],
)
def test_a_message_says_what_this_very_function_does(
    code: str, category: str, name: str, message: str
) -> None:
    assert judged(code, use(name, category)).message == message


def test_a_function_of_itertools_is_called_one() -> None:
    seen = Iterated(place=HERE, what="names", way="itertools", kind="set", sortable=True)
    assert (
        "`names`, a set, is handed to a function of `itertools` in"
        in judged("DUR134", seen).message
    )
