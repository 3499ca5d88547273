"""Versions in natural order, and what is our own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_async.engines.names import hides, newest, version_order
from durable_async.model.work import INTERNAL, InstanceQuery


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (None, ""),
        (None, "0"),
        ("1.9", "1.10"),
        ("9", "10"),
        ("v2", "v10"),
        ("1", "1.0"),
        ("1.0", "1.0.1"),
        ("2024-9-30", "2024-10-1"),
        ("1.0", "1.00"),
        ("1.0-rc2", "1.0-rc10"),
        ("9" * 5_000, "1" + "0" * 5_000),
    ],
)
def test_a_version_is_newer_by_its_numbers_then_by_its_text(older: str | None, newer: str) -> None:
    assert newest([older, newer]) == newest([newer, older]) == newer


def test_the_newest_of_none_is_none() -> None:
    assert newest([]) is None


@given(st.lists(st.none() | st.text("012.v-\u0660", max_size=6), max_size=6))
def test_any_versions_have_one_order(versions: list[str | None]) -> None:
    ordered = sorted(set(versions), key=version_order)
    backwards = ordered[::-1]
    assert sorted(backwards, key=version_order) == ordered


@pytest.mark.parametrize(
    ("query", "hidden"),
    [
        (InstanceQuery(), True),
        (InstanceQuery(internal=True), False),
        (InstanceQuery(name=f"{INTERNAL}schedule"), False),
        (InstanceQuery(name="schedule"), True),
    ],
)
def test_what_is_our_own_is_hidden_unless_it_is_asked_for(
    query: InstanceQuery, hidden: bool
) -> None:
    assert hides(query, f"{INTERNAL}schedule") is hidden
    assert not hides(query, "schedule")
