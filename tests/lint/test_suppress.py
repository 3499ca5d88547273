"""A comment silences what it stands at, and can be asked whether it was needed."""

import textwrap

import pytest

from durable_lint.model import Finding, Span
from durable_lint.source import Source
from durable_lint.suppress import suppress


def source(text: str) -> Source:
    return Source("/p/a.py", textwrap.dedent(text).lstrip("\n").encode())


def at(read: Source, word: str, code: str = "DUR101") -> Finding:
    """A finding at the first place where a word stands."""
    for number, line in enumerate(read.lines, 1):
        column = line.find(word)
        if column >= 0:
            span = Span(number, column + 1, number, column + 1 + len(word))
            return Finding("/p/a.py", span, code, "x", "message", "f", "subject")
    raise AssertionError(word)


def silent(text: str, word: str = "now()", code: str = "DUR101") -> bool:
    read = source(text)
    finding = at(read, word, code)
    kept = suppress(read, [finding])
    assert [each._replace(message="") for each in kept] in ([], [finding._replace(message="")])
    return not kept


def told(text: str, code: str = "DUR101") -> str:
    """The message of a finding that no comment silences."""
    read = source(text)
    (kept,) = suppress(read, [at(read, "now()", code)])
    return kept.message


@pytest.mark.parametrize(
    "comment",
    [
        "# durable: ignore[DUR101] reason",
        "# durable: ignore[DUR101]",
        "# durable: ignore[DUR111, DUR101] reason",
        "# durable: ignore[DUR111 DUR101] reason",
        "#durable:ignore[dur101]reason",
        "# Durable: Ignore [DUR101] reason",
        "# durable: ignore[DUR10] reason",
        "# durable: ignore[ALL] reason",
        "# durable: ignore reason",
        "# durable: ignore",
        # Written amiss, and plain what is meant.
        "# durable: ignore[DUR101",
        "# durable: ignore[DUR101 a reason",
        "# durable: ignore[DUR111, DUR101 a reason",
        "# durable: ignore DUR101",
        "# durable: ignore DUR101, DUR111 reason",
        "# durable: ignore: DUR101",
        "# durable: ignore(DUR101) reason",
        "# type: ignore[call]  # durable: ignore[DUR101] reason",
        "# durable: ignore[DUR101] reason  # noqa: E501",
        "# noqa",
        "# noqa: DUR101",
        "# NOQA:DUR101",
        "# noqa: E501,DUR101",
        "# noqa: E501 DUR1 why",
    ],
)
def test_a_comment_on_the_line_silences(comment: str) -> None:
    assert silent(f"x = now()  {comment}\n")


@pytest.mark.parametrize(
    "comment",
    [
        "# durable: ignore[DUR102] reason",
        "# durable: ignore[] reason",
        "# durable: ignore[DUR102",
        "# durable: ignore DUR102",
        "# durable: ignore DUR102 DUR101x",
        "# durable: ignore[wall_clock",
        "# durable: ignore[DUR1O1] reason",
        "# durable: ignorable",
        "# durability: ignore[DUR101]",
        "# ignore[DUR101]",
        "# noqa: E501",
        "# noqa: DUR102",
    ],
)
def test_a_comment_about_something_else_does_not(comment: str) -> None:
    assert not silent(f"x = now()  {comment}\n")


def test_a_string_is_no_comment() -> None:
    assert not silent('x = now("# durable: ignore[DUR101] reason")\n', "now(")
    assert not silent('"""\n# durable: skip-file\n"""\nx = now()\n')


MARK = "# durable: ignore[DUR101] reason"


@pytest.mark.parametrize(
    "text",
    [
        f"x = send({MARK}\n    1,\n    now(),\n)\n",
        f"x = send(\n    1,\n    now(),  {MARK}\n)\n",
        f"{MARK}\nx = now()\n",
        f"y = 1\n{MARK}\n# and more\nx = now()\n",
        f"def f():\n    {MARK}\n    return send(\n        now(),\n    )\n",
        f"if (  {MARK}\n    now()\n):\n    pass\n",
    ],
)
def test_it_may_stand_at_the_statement_or_just_above(text: str) -> None:
    assert silent(text)


@pytest.mark.parametrize(
    "text",
    [
        f"def f():  {MARK}\n    return now()\n",
        f"if a:  {MARK}\n    x = now()\n",
        f"{MARK}\n\nx = now()\n",
        f"{MARK}\ny = 1\nx = now()\n",
        f"y = 1  {MARK}\nx = now()\n",
        f"x = now()\ny = 1  {MARK}\n",
        f"x = now()\n{MARK}\n",
    ],
)
def test_it_does_not_reach_further(text: str) -> None:
    assert not silent(text)


def test_an_expression_over_several_lines_may_have_it_on_its_last() -> None:
    read = source(f"x = [\n    now(\n        1,\n    ),  {MARK}\n]\n")
    finding = at(read, "now(")._replace(span=Span(2, 5, 4, 6))
    assert suppress(read, [finding]) == []


def test_a_file_can_be_skipped_as_a_whole() -> None:
    assert silent("# durable: skip-file\nx = now()\n")
    assert silent("x = now()\n# generated  # durable: skip-file\n")


def test_a_file_that_is_not_python_can_be_skipped_too() -> None:
    assert silent("# durable: skip-file\nx = (now()\n")
    assert silent("x = '''now()\n# durable: skip-file\n")
    assert silent("x = now()  # durable: ignore[DUR000] reason\n  )\n", code="DUR000")


def test_a_file_that_has_no_text_keeps_its_findings() -> None:
    read = Source("/p/a.py", b"\xff # durable: skip-file\n")
    finding = Finding("/p/a.py", Span(1, 1, 1, 2), "DUR000", "x", "m", "f", "s")
    assert suppress(read, [finding]) == [finding]


def complaints(text: str, *findings: tuple[str, str]) -> list[tuple[str, str, bool]]:
    read = source(text)
    seen = suppress(read, [at(read, word, code) for word, code in findings], complain=True)
    assert all(finding.code == "DUR190" for finding in seen)
    lines = read.lines
    return [
        (
            finding.subject,
            lines[finding.span.line - 1][finding.span.column - 1 : finding.span.end_column - 1],
            finding.fixable,
        )
        for finding in seen
    ]


def test_a_comment_that_was_needed_and_says_why_is_no_finding() -> None:
    text = "x = now()  # durable: ignore[DUR101] only logged\n"
    assert complaints(text, ("now()", "DUR101")) == []


def test_a_comment_that_silences_nothing_is_one_at_the_comment() -> None:
    text = "x = 1  # type: ignore  # durable: ignore[DUR101, DUR102] why  # noqa\n"
    whole = "# durable: ignore[DUR101, DUR102] why"
    assert complaints(text) == [("unused", whole, True)]


def test_a_code_that_silences_nothing_is_one_at_the_code() -> None:
    text = "é = now()  # durable: ignore[DUR102, DUR101, XYZ] why\n"
    assert complaints(text, ("now()", "DUR101")) == [
        ("unused DUR102", "DUR102", True),
        ("unused XYZ", "XYZ", True),
    ]


def test_a_missing_code_or_reason_is_one() -> None:
    assert complaints("x = now()  # durable: ignore why\n", ("now()", "DUR101")) == [
        ("no code", "# durable: ignore why", False)
    ]
    assert complaints("x = now()  # durable: ignore[DUR101]  \n", ("now()", "DUR101")) == [
        ("no reason", "# durable: ignore[DUR101]", False)
    ]


def test_other_linters_comments_are_never_complained_about() -> None:
    assert complaints("x = 1  # noqa: DUR101\ny = 2  # noqa\n") == []


def test_two_comments_for_one_finding_both_count_as_needed() -> None:
    text = f"x = send({MARK}\n    now(),  {MARK}\n)\n"
    assert complaints(text, ("now()", "DUR101")) == []


def test_without_complaints_only_what_is_silenced_goes() -> None:
    read = source("x = now()  # durable: ignore[DUR102]\n")
    finding = at(read, "now()")
    assert suppress(read, [finding]) == [finding]


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("ignore[DUR1O1] reason", "DUR1O1 is not a code, but DUR101 is one"),
        ("ignore[wall_clock] reason", "WALL_CLOCK is not a code, but DUR101 is one"),
        ("ignore[wall_clock", "WALL_CLOCK is not a code, but DUR101 is one"),
        ("ignore[E501, DUR111]", "E501 is not a code"),
        ("ignore[] reason", "it names no code between its brackets"),
    ],
)
def test_a_comment_that_names_no_code_is_told_in_the_finding_that_it_does_not_silence(
    comment: str, said: str
) -> None:
    assert told(f"x = now()  # durable: {comment}\n") == f"message (the comment here: {said})"


def test_a_comment_for_another_code_is_nothing_to_tell() -> None:
    assert told("x = now()  # durable: ignore[DUR111] reason\n") == "message"


@pytest.mark.parametrize(
    "text",
    [
        "@orchestrator  # durable: ignore[DUR152] reason\ndef flow(x):\n    pass\n",
        "@a\n@b(  # durable: ignore[DUR152] reason\n    1)\n@c\ndef flow(x):\n    pass\n",
        "@orchestrator(\n    1,\n)  # durable: ignore[DUR152] reason\ndef flow(x):\n    pass\n",
        "# durable: ignore[DUR152] reason\n@orchestrator\ndef flow(x):\n    pass\n",
        "@orchestrator  # durable: ignore[DUR152] reason\nclass flow(x):\n    pass\n",
        "@orchestrator  # durable: ignore[DUR152] reason\ndef some(\n    flow,\n): ...\n",
    ],
)
def test_a_comment_at_a_decorator_is_about_what_it_decorates(text: str) -> None:
    assert silent(text, "flow", "DUR152")


def test_a_comment_at_a_decorator_is_not_about_the_body() -> None:
    text = "@orchestrator  # durable: ignore[DUR101] reason\ndef flow():\n    return now()\n"
    assert not silent(text)
