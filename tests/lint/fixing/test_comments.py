"""Comments that suppress nothing go; what else a line says stays."""

from collections.abc import Callable

import pytest

Mend = Callable[..., str]


@pytest.mark.parametrize(
    ("before", "piece", "after"),
    [
        ("x = 1  # durable: ignore[DUR101] why\n", "# durable: ignore[DUR101] why", "x = 1\n"),
        (
            "x = 1  # type: ignore  # durable: ignore[DUR101] why\n",
            "# durable: ignore[DUR101] why",
            "x = 1  # type: ignore\n",
        ),
        (
            "x = 1  # durable: ignore[DUR101] why  # noqa: E501\n",
            "# durable: ignore[DUR101] why",
            "x = 1  # noqa: E501\n",
        ),
        (
            "# first\n  # durable: ignore[DUR101] why\nx = 1\n",
            "# durable: ignore[DUR101] why",
            "# first\nx = 1\n",
        ),
        ("x = 1  # durable: ignore[DUR101]", "# durable: ignore[DUR101]", "x = 1"),
    ],
)
def test_a_comment_that_suppresses_nothing_goes(
    before: str, piece: str, after: str, mend: Mend
) -> None:
    assert mend(before, ("DUR190", "unused", piece)) == after


@pytest.mark.parametrize(
    ("codes", "code", "after"),
    [
        ("DUR101, DUR111", "DUR101", "DUR111"),
        ("DUR101, DUR111", "DUR111", "DUR101"),
        ("DUR101,DUR111,DUR124", "DUR111", "DUR101,DUR124"),
        ("DUR101 DUR111", "DUR101", "DUR111"),
    ],
)
def test_a_code_that_suppresses_nothing_goes(codes: str, code: str, after: str, mend: Mend) -> None:
    line = "x = y[0]  # durable: ignore[{}] why\n"
    fixed = mend(line.format(codes), ("DUR190", f"unused {code}", code))
    assert fixed == line.format(after)


def test_codes_side_by_side_go_one_pass_after_another(mend: Mend) -> None:
    text = "x = 1  # durable: ignore[DUR101, DUR111, DUR124] why\n"
    once = mend(text, ("DUR190", "unused DUR101", "DUR101"), ("DUR190", "unused DUR111", "DUR111"))
    assert once == "x = 1  # durable: ignore[DUR101, DUR124] why\n"
    again = mend(once, ("DUR190", "unused DUR101", "DUR101"))
    assert again == "x = 1  # durable: ignore[DUR124] why\n"


@pytest.mark.parametrize("subject", ["no reason", "no code"])
def test_what_only_a_human_can_add_is_not_invented(subject: str, mend: Mend) -> None:
    text = "x = 1  # durable: ignore\n"
    assert mend(text, ("DUR190", subject, "# durable: ignore")) == text
