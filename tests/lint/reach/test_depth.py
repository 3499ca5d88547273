"""How deep calls may be nested is one setting of the process, and is given back."""

import sys
from threading import Event, Thread

import pytest

from durable_lint.reach.depth import DEEPEST, deep

pytestmark = pytest.mark.usefixtures("usual_bound")


def test_the_bound_is_raised_for_as_long_as_it_is_needed() -> None:
    with deep():
        assert sys.getrecursionlimit() == DEEPEST
    assert sys.getrecursionlimit() == 1_500


def test_it_is_given_back_by_the_last_of_several_threads_and_not_before() -> None:
    begun, may_end = Event(), Event()

    def first() -> None:
        with deep():
            begun.set()
            may_end.wait()

    thread = Thread(target=first)
    thread.start()
    begun.wait()
    with deep():
        may_end.set()
        thread.join()  # who came first is gone
        assert sys.getrecursionlimit() == DEEPEST
    assert sys.getrecursionlimit() == 1_500


def test_it_is_given_back_after_a_failure() -> None:
    with pytest.raises(LookupError), deep():
        raise LookupError
    assert sys.getrecursionlimit() == 1_500


def test_a_program_that_wants_more_keeps_it() -> None:
    sys.setrecursionlimit(DEEPEST + 1)
    with deep():
        assert sys.getrecursionlimit() == DEEPEST + 1
    assert sys.getrecursionlimit() == DEEPEST + 1


def test_what_somebody_sets_meanwhile_stays() -> None:
    with deep():
        sys.setrecursionlimit(2_000)
    assert sys.getrecursionlimit() == 2_000
