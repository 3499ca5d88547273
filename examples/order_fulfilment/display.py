"""What the demo shows: a block that is redrawn in place, or one line a second for a log.

Invariant: what is shown depends on what is passed in alone, and no line is wider than the
terminal.
"""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import Final, Protocol, TextIO

import attrs

from audit import Finding, Row

GREEN: Final = "32"
RED: Final = "31"
YELLOW: Final = "33"
BOLD: Final = "1"
DIM: Final = "2"

NARROWEST: Final = 40
WIDEST: Final = 110


@attrs.frozen(kw_only=True)
class Progress:
    """A moment of the demo. seconds: since it began. placed: orders started so far. under_way,
    ended: how many orders are in each phase, and ended in each way."""

    seconds: float
    total: int
    placed: int
    under_way: Mapping[str, int]
    ended: Mapping[str, int]
    worker: str

    @property
    def share(self) -> float:
        """Of all orders, those that have ended; from 0 to 1."""
        return sum(self.ended.values()) / self.total


@attrs.frozen(kw_only=True)
class Style:
    """What the terminal can show. width: columns."""

    colour: bool
    unicode: bool
    width: int

    @classmethod
    def of(cls, stream: TextIO, *, plain: bool) -> Style:
        live = is_live(stream, plain=plain)
        width = shutil.get_terminal_size((100, 24)).columns if live else WIDEST
        return cls(
            colour=live and "NO_COLOR" not in os.environ,
            unicode=(stream.encoding or "").lower().replace("-", "") == "utf8",
            width=max(NARROWEST, min(width - 1, WIDEST)),
        )

    def paint(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self.colour else text

    def clip(self, text: str) -> str:
        return text if len(text) <= self.width else text[: self.width - 3] + "..."

    def bar(self, share: float, width: int) -> str:
        full, empty = ("█", "░") if self.unicode else ("#", ".")
        filled = int(share * width)
        return full * filled + empty * (width - filled)

    def mark(self, *, good: bool) -> str:
        """Two columns."""
        if self.unicode:
            return self.paint("✓ ", GREEN) if good else self.paint("✗ ", RED)
        return self.paint("ok", GREEN) if good else self.paint("NO", RED)


def is_live(stream: TextIO, *, plain: bool) -> bool:
    """Whether the stream is a terminal that can move its cursor."""
    return stream.isatty() and not plain and os.environ.get("TERM", "dumb") != "dumb"


# ---------------------------------------------------------------- while it works


class Display(Protocol):
    def update(self, progress: Progress) -> None:
        """Show how far it is. May be called as often as one likes."""
        ...

    def say(self, message: str) -> None:
        """Show something that happened, and leave it there."""
        ...


class LiveDisplay:
    """A block at the bottom of the terminal, redrawn in place; messages scroll above it."""

    def __init__(self, stream: TextIO, style: Style) -> None:
        self._stream = stream
        self._style = style
        self._block: list[str] = []

    def update(self, progress: Progress) -> None:
        self._redraw([], progress_block(progress, self._style))

    def say(self, message: str) -> None:
        lines = textwrap.wrap(message, self._style.width)
        self._redraw([self._style.paint(line, YELLOW) for line in lines], self._block)

    def _redraw(self, messages: Sequence[str], block: list[str]) -> None:
        up = f"\x1b[{len(self._block)}A" if self._block else ""
        lines = "".join(f"\x1b[2K{line}\n" for line in (*messages, *block))
        self._stream.write(f"{up}\r{lines}")
        self._stream.flush()
        self._block = block


class PlainDisplay:
    """Lines for a log: one a second, and one for each message."""

    def __init__(self, stream: TextIO, style: Style, interval: float = 1.0) -> None:
        self._stream = stream
        self._style = style
        self._interval = interval
        self._due = 0.0

    def update(self, progress: Progress) -> None:
        if progress.seconds >= self._due or progress.share == 1:
            self._due = progress.seconds + self._interval
            self._write(progress_line(progress, self._style))

    def say(self, message: str) -> None:
        self._write(f"-- {message}")

    def _write(self, line: str) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()


def open_display(stream: TextIO, *, plain: bool) -> Display:
    style = Style.of(stream, plain=plain)
    if is_live(stream, plain=plain):
        return LiveDisplay(stream, style)
    return PlainDisplay(stream, style)


def progress_block(progress: Progress, style: Style) -> list[str]:
    """Three lines: how far, what is under way, what has ended."""
    before = f"{progress.share:4.0%} "
    after = f" {sum(progress.ended.values())} of {progress.total} ended, {progress.seconds:.0f} s"
    worker = f"  {progress.worker}"
    room = style.width - len(before) - len(after)
    width = max(0, min(40, room - len(worker)))
    return [
        before
        + style.paint(style.bar(progress.share, width), GREEN)
        + after
        + style.paint(worker if width else "", DIM),
        style.clip(f"     under way: {counts(progress.under_way)}"),
        style.clip(f"     ended: {counts(progress.ended)}"),
    ]


def progress_line(progress: Progress, style: Style) -> str:
    return style.clip(
        f"{progress.seconds:5.1f} s {progress.share:4.0%} "
        f"{sum(progress.ended.values()):4} of {progress.total} ended; "
        f"{counts(progress.under_way)} under way"
    )


def counts(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in numbers.items() if number) or "none"


# ---------------------------------------------------------------- at the end


def table_lines(rows: Sequence[Row], style: Style) -> list[str]:
    """How many orders ended how, and what the ledger says of their money."""
    head = f"  {'outcome':14} {'orders':>6} {'charged, EUR':>14} {'refunded, EUR':>14}"
    lines = [style.paint(head, BOLD)]
    for row in rows:
        money = f"{amount(row.charged):>14} {amount(row.refunded):>14}"
        lines.append(f"  {row.ending:14} {row.orders:6} {money}")
    return lines


def amount(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d}" if cents else "-"


def finding_lines(finding: Finding, style: Style, most: int = 5) -> list[str]:
    """The claim, and the first objections to it."""
    lines = [f"{style.mark(good=finding.holds)} {finding.claim} ({finding.detail})"]
    lines.extend(style.clip(f"     {objection}") for objection in finding.objections[:most])
    if len(finding.objections) > most:
        lines.append(f"     and {len(finding.objections) - most} more")
    return lines
