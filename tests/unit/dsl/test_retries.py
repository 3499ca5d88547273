"""Whether another attempt follows, and when."""

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_async.dsl.retries import Verdict, delay_before, retry_delay
from durable_async.model.failure import Failure
from durable_async.model.options import RetryRule

DECLINED = Failure(
    type_name="shop:CardDeclined",
    message="no funds",
    mro=("shop:CardDeclined", "shop:PaymentError", "builtins:Exception", "builtins:BaseException"),
)


def decide(
    rule: RetryRule | None,
    failure: Failure = DECLINED,
    attempt: int = 1,
    answer: Verdict | None = None,
) -> float | None:
    return retry_delay(
        rule,
        failure,
        attempt,
        should_retry=None if answer is None else lambda _: answer,
        random=lambda: 1.0,
    )


def test_without_a_rule_nothing_is_retried() -> None:
    assert decide(None) is None


def test_the_delay_grows_from_attempt_to_attempt_up_to_its_cap() -> None:
    rule = RetryRule(max_attempts=9, initial_interval=1, backoff=3, max_interval=20)
    assert [decide(rule, attempt=n) for n in range(1, 6)] == [1, 3, 9, 20, 20]


def test_the_last_attempt_is_followed_by_none() -> None:
    rule = RetryRule(max_attempts=3)
    assert decide(rule, attempt=2) is not None
    assert decide(rule, attempt=3) is None


def test_a_class_is_matched_by_its_bases() -> None:
    assert decide(RetryRule(retry_on=("shop:PaymentError",))) == 1
    assert decide(RetryRule(retry_on=("builtins:OSError",))) is None


def test_a_class_that_is_not_to_be_retried_wins_over_one_that_is() -> None:
    rule = RetryRule(retry_on=("shop:CardDeclined",), non_retryable=("shop:PaymentError",))
    assert decide(rule) is None


def test_a_failure_without_bases_is_matched_by_its_own_name() -> None:
    bare = Failure(type_name="shop:CardDeclined", message="")
    assert decide(RetryRule(retry_on=("shop:CardDeclined",)), bare) == 1


def test_what_is_no_exception_is_not_retried_by_default() -> None:
    gone = Failure(
        type_name="builtins:SystemExit",
        message="",
        mro=("builtins:SystemExit", "builtins:BaseException"),
    )
    assert decide(RetryRule(), gone) is None


@pytest.mark.parametrize(
    ("answer", "delay"),
    [(True, 1.0), (False, None), (0, 0.0), (2.5, 2.5), (timedelta(minutes=1), 60.0)],
)
def test_should_retry_has_the_last_word(answer: Verdict, delay: float | None) -> None:
    assert decide(RetryRule(), answer=answer) == delay


def test_should_retry_is_not_asked_when_the_rule_has_said_no() -> None:
    def never(_: Failure) -> bool:
        raise AssertionError("asked")

    rule = RetryRule(max_attempts=1)
    assert retry_delay(rule, DECLINED, 1, should_retry=never, random=lambda: 0.0) is None


@pytest.mark.parametrize("answer", [math.nan, math.inf, -1.0, timedelta(seconds=-1)])
def test_a_delay_that_cannot_be_is_an_error(answer: Verdict) -> None:
    with pytest.raises(ValueError, match="should_retry returned"):
        decide(RetryRule(), answer=answer)


def test_an_answer_of_another_type_is_an_error() -> None:
    def soon(_: Failure) -> bool:
        return "soon"  # type: ignore[return-value]  # what untyped code may do

    with pytest.raises(TypeError, match="should_retry returned 'soon'"):
        retry_delay(RetryRule(), DECLINED, 1, should_retry=soon, random=lambda: 0.0)


@given(
    attempt=st.integers(1, 100_000),
    backoff=st.floats(1, 1e6),
    jitter=st.floats(0, 1),
    chance=st.floats(0, 1),
)
def test_a_delay_is_never_negative_nor_beyond_its_cap(
    attempt: int, backoff: float, jitter: float, chance: float
) -> None:
    rule = RetryRule(backoff=backoff, jitter=jitter, max_interval=60)
    assert 0 <= delay_before(rule, attempt, lambda: chance) <= 60


def test_jitter_takes_off_its_share_at_most() -> None:
    rule = RetryRule(initial_interval=10, jitter=0.25)
    assert delay_before(rule, 1, lambda: 0.0) == 10
    assert delay_before(rule, 1, lambda: 1.0) == 7.5
