"""What the server is made of, without a process: places, settings, and work in a thread."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol.types import DiagnosticSeverity, Position, Range

from durable_lint.lsp.positions import Columns, Shift
from durable_lint.lsp.settings import Settings, read
from durable_lint.lsp.worker import Worker
from durable_lint.model import Span

TEXTS = st.text(st.sampled_from("aé\U0001f600€ "), max_size=12)


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 6), ("utf-16", 3), ("utf-32", 2)])
def test_a_column_counts_units_of_the_encoding(encoding: str, units: int) -> None:
    place = Columns(encoding).range(Span(1, 3, 1, 3), ["é\U0001f600x"])
    assert place == Range(Position(0, units), Position(0, units))


@given(TEXTS, st.sampled_from(["utf-8", "utf-16", "utf-32"]), st.data())
def test_a_place_comes_back_as_it_went(text: str, encoding: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(1, len(text) + 1))
    span = Span(1, start, 1, data.draw(st.integers(start, len(text) + 1)))
    columns = Columns(encoding)
    assert columns.span(columns.range(span, [text]), [text]) == span


def test_a_unit_within_a_character_is_its_start() -> None:
    assert Columns("utf-16").place(Position(0, 1), ["\U0001f600"]) == (1, 1)


def test_what_lies_behind_the_text_is_its_end() -> None:
    assert Columns("utf-16").place(Position(7, 9), ["a"]) == (8, 1)


def test_places_move_with_the_lines_that_were_typed_above() -> None:
    shift = Shift.between(["a", "b", "c"], ["a", "new", "new", "c"])
    assert shift.moved(Span(1, 1, 1, 2)) == Span(1, 1, 1, 2)
    assert shift.moved(Span(2, 1, 2, 2)) is None
    assert shift.moved(Span(3, 1, 3, 2)) == Span(4, 1, 4, 2)


def test_the_longest_beginning_of_a_code_decides_its_severity() -> None:
    given = {"severity": {"ALL": "information", "DUR1": "error", "DUR11": "hint"}}
    settings, wrong = read({"durable-lint": given})
    assert wrong == []
    levels = [settings.severity(code) for code in ("DUR111", "DUR101", "DUR000", "DUR152")]
    assert levels == [
        DiagnosticSeverity.Hint,
        DiagnosticSeverity.Error,
        DiagnosticSeverity.Error,
        DiagnosticSeverity.Error,
    ]


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"severity": "fatal"}, "must be one of error, warning"),
        ({"severity": {"DUR9": "error"}}, "not a code"),
        ({"severity": []}, "must be one of"),
        ({"debounce": "soon"}, "must be a number"),
        ({"debounce": -1}, "must be between"),
        ({"documentation": 1}, "must be an address"),
        ({"severities": {}}, "does not exist"),
    ],
)
def test_a_setting_that_cannot_be_understood_keeps_its_usual_value(
    given: dict[str, object], part: str
) -> None:
    settings, wrong = read(given)
    assert settings == Settings()
    assert len(wrong) == 1
    assert part in wrong[0]


@pytest.mark.parametrize("given", [None, {}, [], "no", {"durable-lint": None}])
def test_an_editor_that_says_nothing_gets_what_is_usual(given: object) -> None:
    assert read(given)[0] == Settings()


async def test_work_that_fails_is_told_to_who_asked_and_the_next_is_done() -> None:
    worker = Worker()
    with pytest.raises(ZeroDivisionError):
        await worker.do(lambda: 1 // 0)
    assert await worker.do(lambda: 1) == 1


async def test_work_that_is_given_up_before_its_turn_is_not_done() -> None:
    worker = Worker()
    running, go, done = threading.Event(), threading.Event(), list[str]()

    def first() -> None:
        running.set()
        go.wait()

    busy = asyncio.create_task(worker.do(first))
    await asyncio.to_thread(running.wait)
    second = asyncio.create_task(worker.do(lambda: done.append("second")))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    go.set()
    await busy
    await worker.do(lambda: done.append("third"))
    assert done == ["third"]
