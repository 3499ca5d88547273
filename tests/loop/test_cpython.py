"""CPython's own asyncio tests pass on an orchestrator's loop, live and rebuilt.

Invariant: a test that does not pass is in the table of differences, and one in the table does
not pass. The interpreter's version decides which tests there are.
"""

import gc
import warnings

import pytest
from tests.loop.cpython import Case, all_cases, run
from tests.loop.differences import DIFFERENCES, PAGE, differing_tests, page

CASES = all_cases()
DIFFERING = differing_tests()

pytestmark = pytest.mark.skipif(
    not CASES, reason="this interpreter was installed without its own tests (test.test_asyncio)"
)


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.name) for case in CASES if case.name not in DIFFERING]
)
def test_a_test_of_cpython_passes_live_and_rebuilt(case: Case) -> None:
    live, rebuilt = run(case)
    if live.skipped:
        pytest.skip("by CPython's own condition")
    assert live.problem is None, live.problem
    assert rebuilt.problem is None, rebuilt.problem
    if case.is_isolated:
        assert rebuilt.histories == live.histories


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.name) for case in CASES if case.name in DIFFERING]
)
def test_a_difference_in_the_table_is_one(case: Case) -> None:
    with warnings.catch_warnings(action="ignore"):
        live, _ = run(case)
        gc.collect()  # a test that breaks off leaves coroutines that nobody awaits
    assert live.problem is not None, f"{case.name} passes: take it out of the table"


def test_enough_of_cpythons_tests_are_found_to_mean_something() -> None:
    assert len(CASES) > 300


def test_the_page_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.loop.differences"


def test_no_test_stands_under_two_differences() -> None:
    named = [test for difference in DIFFERENCES for test in difference.tests]
    assert len(named) == len(set(named))
