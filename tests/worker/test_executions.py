"""What is kept between episodes, and in which order news wakes it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from durable_async.model.commands import CancelTimer, StartTimer
from durable_async.model.history import (
    ActivityCompleted,
    EventReceived,
    TimerCancelled,
    TimerFired,
    TimerStarted,
)
from durable_async.model.payload import Payload
from durable_async.model.work import Lease, News
from durable_async.worker.executions import Cache, Kept, Timers

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def kept(name: str) -> Kept:
    return Kept(Lease(name, f"x-{name}", 1), (), [])


def test_a_timer_is_due_from_its_time_on() -> None:
    timers = Timers()
    timers.start(1, at(5))
    assert not timers.is_due(at(4.9))
    assert timers.is_due(at(5))


def test_a_timer_that_fired_or_was_cancelled_is_not_due() -> None:
    timers = Timers()
    timers.read(
        [
            TimerStarted(number=1, due=at(1)),
            TimerStarted(number=2, due=at(2)),
            TimerFired(number=1),
            TimerCancelled(number=2),
        ]
    )
    assert not timers.is_due(at(100))


def test_an_episode_starts_and_ends_timers() -> None:
    timers = Timers()
    timers.follow([], [StartTimer(number=1, due=at(1)), StartTimer(number=2, due=at(2))])
    fired = News(event=TimerFired(number=1), at=at(1))
    timers.follow([fired], [CancelTimer(number=2), StartTimer(number=3, due=at(9))])
    assert not timers.is_due(at(8))
    assert timers.is_due(at(9))


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=30))
def test_timers_agree_with_a_plain_search(started: list[tuple[int, bool]]) -> None:
    timers = Timers()
    for number, (due, ends) in enumerate(started):
        timers.start(number, at(due))
        if ends:
            timers.end(number)
    for now in range(21):
        expected = any(due <= now and not ends for due, ends in started)
        assert timers.is_due(at(now)) == expected


def test_news_wakes_in_the_order_of_the_engine_s_time() -> None:
    data = Payload(b"null")
    one = kept("a")
    late = News(event=EventReceived(name="e", data=data), at=at(3), message=7)
    fired = News(event=TimerFired(number=4), at=at(2))
    result = News(event=ActivityCompleted(number=2, result=data), at=at(2), message=9)
    for news in (late, fired, result):
        one.wake(news)
    assert one.take_news() == [result, fired, late]
    assert one.take_news() == []


def test_what_came_at_one_moment_keeps_the_order_of_its_acceptance() -> None:
    one = kept("a")
    events = [
        News(event=EventReceived(name=f"e{n}", data=Payload(b"0")), at=NOON, message=n)
        for n in (3, 11, 20)
    ]
    for news in reversed(events):
        one.wake(news)
    assert one.take_news() == events


def test_the_least_recently_used_is_evicted_first() -> None:
    cache = Cache(2)
    a, b, c = kept("a"), kept("b"), kept("c")
    for each in (a, b, c):
        cache.put(each)
    cache.use(a)
    assert list(cache.evict((), 0)) == [b]
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (a, None, c)


def test_a_cache_of_none_keeps_nothing() -> None:
    cache = Cache(0)
    one = kept("a")
    cache.put(one)
    assert list(cache.evict((), 0)) == [one]
    assert len(cache) == 0


def test_what_is_still_to_be_run_stays_and_does_not_count() -> None:
    cache = Cache(1)
    a, b, c = kept("a"), kept("b"), kept("c")
    for each in (a, b, c):
        cache.put(each)
    assert list(cache.evict({"a"}, 1)) == [b]
    assert list(cache.evict({"a"}, 1)) == []
    assert list(cache.evict((), 0)) == [c]  # in the order in which they were looked at


def test_removing_a_former_one_leaves_its_successor() -> None:
    cache = Cache(5)
    former, newer = kept("a"), kept("a")
    cache.put(former)
    cache.put(newer)
    cache.remove(former)
    assert cache.get("a") is newer
