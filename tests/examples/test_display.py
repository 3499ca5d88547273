"""What the demo shows, on a terminal and in a log."""

import io
import re

import pytest

from audit import Finding, Row
from display import (
    LiveDisplay,
    PlainDisplay,
    Progress,
    Style,
    finding_lines,
    open_display,
    progress_block,
    progress_line,
    table_lines,
)

PLAIN = Style(colour=False, unicode=False, width=100)
RICH = Style(colour=True, unicode=True, width=100)


def progress(seconds: float = 12.3, shipped: int = 88) -> Progress:
    return Progress(
        seconds=seconds,
        total=240,
        placed=171,
        under_way={"not begun": 0, "awaiting approval": 6, "packing": 21},
        ended={"shipped": shipped, "declined": 9, "failed": 0},
        worker="worker 4711",
    )


def visible(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line)


def test_a_line_for_a_log_says_how_far_it_is() -> None:
    assert progress_line(progress(), PLAIN) == (
        " 12.3 s  40%   97 of 240 ended; 6 awaiting approval, 21 packing under way"
    )


def test_a_block_says_how_far_it_is_what_is_under_way_and_what_has_ended() -> None:
    bar, under_way, ended = progress_block(progress(), PLAIN)
    assert bar.startswith(" 40% ################........................ 97 of 240 ended, 12 s")
    assert bar.endswith("worker 4711")
    assert under_way == "     under way: 6 awaiting approval, 21 packing"
    assert ended == "     ended: 88 shipped, 9 declined"


@pytest.mark.parametrize("width", [40, 60, 80, 110])
@pytest.mark.parametrize("colour", [True, False])
def test_no_line_is_wider_than_the_terminal(width: int, colour: bool) -> None:
    style = Style(colour=colour, unicode=True, width=width)
    finding = Finding(claim="a", detail="b", objections=("c" * 200,))
    lines = [*progress_block(progress(), style), progress_line(progress(), style)]
    lines += finding_lines(finding, style)
    assert all(len(visible(line)) <= width for line in lines)


def test_colour_comes_only_where_there_is_colour() -> None:
    assert "\x1b" in "".join(progress_block(progress(), RICH))
    assert "\x1b" not in "".join(progress_block(progress(), PLAIN))


def test_in_a_log_there_is_one_line_a_second_and_one_for_the_end() -> None:
    stream = io.StringIO()
    display = PlainDisplay(stream, PLAIN)
    for tenth in range(25):
        display.update(progress(seconds=tenth / 10))
    display.update(progress(seconds=2.5, shipped=231))
    shown = [line.split(" s ")[0].strip() for line in stream.getvalue().splitlines()]
    assert shown == ["0.0", "1.0", "2.0", "2.5"]


def test_in_a_log_a_message_stands_on_a_line_of_its_own() -> None:
    stream = io.StringIO()
    PlainDisplay(stream, PLAIN).say("worker 4711 is gone")
    assert stream.getvalue() == "-- worker 4711 is gone\n"


def screen(written: str) -> list[str]:
    """What a terminal shows after what was written: lines, cursor up, and clearing of a line."""
    lines: list[str] = [""]
    row = 0
    for token in re.findall(r"\x1b\[\d*[A-Za-z]|\n|\r|[^\x1b\n\r]+", written):
        if match := re.fullmatch(r"\x1b\[(\d+)A", token):
            row -= int(match[1])
        elif token == "\x1b[2K":
            lines[row] = ""
        elif token == "\n":
            row += 1
            if row == len(lines):
                lines.append("")
        elif token != "\r" and not token.startswith("\x1b"):
            lines[row] += token
    return lines


def test_on_a_terminal_the_block_is_redrawn_in_place_and_messages_stay_above_it() -> None:
    stream = io.StringIO()
    display = LiveDisplay(stream, PLAIN)
    display.say("it begins")
    display.update(progress(shipped=1))
    display.say("worker 4711 is gone")
    display.update(progress(shipped=88))
    first, second, bar, under_way, ended, rest = screen(stream.getvalue())
    assert (first, second) == ("it begins", "worker 4711 is gone")
    assert bar.startswith(" 40% ")
    assert under_way.startswith("     under way: 6 awaiting")
    assert ended.startswith("     ended: 88 shipped")
    assert rest == ""


def test_a_message_that_is_wider_than_the_terminal_goes_on_in_the_next_line() -> None:
    stream = io.StringIO()
    LiveDisplay(stream, Style(colour=False, unicode=True, width=40)).say(
        "worker 4711 is gone; " * 3
    )
    assert [len(line) <= 40 for line in screen(stream.getvalue())] == [True, True, True]


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "plain", "term", "kind"),
    [
        (Terminal(), False, "xterm", LiveDisplay),
        (Terminal(), True, "xterm", PlainDisplay),
        (Terminal(), False, "dumb", PlainDisplay),
        (io.StringIO(), False, "xterm", PlainDisplay),
    ],
)
def test_a_block_is_redrawn_only_where_there_is_a_terminal_and_nobody_asked_for_lines(
    monkeypatch: pytest.MonkeyPatch,
    stream: io.StringIO,
    plain: bool,
    term: str,
    kind: type[LiveDisplay] | type[PlainDisplay],
) -> None:
    monkeypatch.setenv("TERM", term)
    assert isinstance(open_display(stream, plain=plain), kind)


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert Style.of(Terminal(), plain=False).colour
    monkeypatch.setenv("NO_COLOR", "1")
    assert not Style.of(Terminal(), plain=False).colour


def test_the_table_has_amounts_to_the_cent() -> None:
    rows = [
        Row(ending="shipped", orders=2, charged=1_234_567_05, refunded=0),
        Row(ending="all", orders=2, charged=1_234_567_05, refunded=9),
    ]
    head, first, last = table_lines(rows, PLAIN)
    assert head.split() == ["outcome", "orders", "charged,", "EUR", "refunded,", "EUR"]
    assert first.split() == ["shipped", "2", "1,234,567.05", "-"]
    assert last.split() == ["all", "2", "1,234,567.05", "0.09"]
    assert len(first) == len(last) == len(head)


def test_a_claim_that_holds_is_one_line_and_one_that_does_not_says_why() -> None:
    good = Finding(claim="all ended", detail="3 orders", objections=())
    bad = Finding(claim="all ended", detail="1 order", objections=tuple(f"o-{n}" for n in range(7)))
    assert finding_lines(good, PLAIN) == ["ok all ended (3 orders)"]
    assert finding_lines(bad, PLAIN, most=2) == [
        "NO all ended (1 order)", "     o-0", "     o-1", "     and 5 more",
    ]  # fmt: skip
