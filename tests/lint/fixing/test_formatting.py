"""What nobody asked about stays byte for byte: line ends, tabs, marks, encodings, comments."""

import ast
import tokenize
from io import BytesIO
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_lint.fixing import edits, fix
from durable_lint.model import Finding, Span
from durable_lint.source import Source

PATH = "/project/flows.py"


class Piece(NamedTuple):
    """A statement with a finding in it. head: before the piece that the finding underlines."""

    code: str
    subject: str
    head: str
    piece: str
    tail: str
    mended: str


PIECES = (
    Piece(
        "DUR101", "time.time", "x = [", "time.time(  )", ", 1]", "x = [da.now().timestamp(  ), 1]"
    ),
    Piece(
        "DUR101",
        "datetime.datetime.now",
        "x = ",
        "datetime.now(¶  zone,  # where¶)",
        "  # when",
        "x = da.now().astimezone(¶  zone,  # where¶)  # when",
    ),
    Piece("DUR111", "random.choice", "f(", "random.choice(a)", ")", "f(da.random().choice(a))"),
    Piece("DUR112", "uuid.uuid4", "y=", "uuid.uuid4()", ".hex ;z=0", "y=da.uuid4().hex ;z=0"),
    Piece("DUR102", "time.sleep", "", "time.sleep(\t1)", "", "await asyncio.sleep(\t1)"),
    Piece("DUR133", "charge", "if ", "charge(a,¶ b)", ": pass", "if await charge(a,¶ b): pass"),
    Piece("DUR134", "{b}", "for _ in", "{b, 'é'}", ": f(_)", "for _ in sorted({b, 'é'}): f(_)"),
    Piece("DUR143", "builtins.print", "", "print('é' 'x')", "", "log.info('é' 'x')"),
    Piece("", "", "'''é\t¶  x'''", "", "", "'''é\t¶  x'''"),
    Piece("", "", "a  =  f( 1 ,2 ) # é", "", "", "a  =  f( 1 ,2 ) # é"),
    Piece("", "", "", "", "", ""),
)
HEAD = (
    "import asyncio, os  # é",
    "import datetime as dt",
    "import durable_async as da",
    "log=da.get_logger( __name__ )",
)
NEEDED = ("import random", "import time", "import uuid", "from datetime import datetime")
NEWLINES = ("\n", "\r\n", "\r")
MARKS = (("", "utf-8"), ("", "utf-8-sig"), ("# coding: latin-1", "latin-1"))


class Program(NamedTuple):
    """A file with findings, and the lines of its body as they should be once it is mended."""

    data: bytes
    encoding: str
    newline: str
    findings: list[Finding]
    expected: list[str]


@st.composite
def programs(draw: st.DrawFn) -> Program:
    newline = draw(st.sampled_from(NEWLINES))
    mark, encoding = draw(st.sampled_from(MARKS))
    lead = draw(st.sampled_from(("\t", "  ", "    ")))
    lines = [*([mark] if mark else []), *HEAD, *NEEDED, "", "", "async def flow(a, b):"]
    findings: list[Finding] = []
    expected: list[str] = []
    for piece in draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8)):
        before = f"{lead}{piece.head}" if piece.head or piece.piece else ""
        start = len(lines) + 1, len(before) + 1
        text = f"{before}{piece.piece}"
        parts = text.split("¶")
        end = start[0] + len(parts) - 1, len(parts[-1]) + 1
        lines += f"{text}{piece.tail}".split("¶")
        mended = f"{lead}{piece.mended}" if piece.mended else ""
        expected += mended.split("¶")
        if piece.code:
            findings.append(
                Finding(
                    PATH, Span(*start, *end), piece.code, "", "", "flow", piece.subject, (), True
                )
            )
    lines.append(f"{lead}return a")
    expected.append(f"{lead}return a")
    text = newline.join(lines) + draw(st.sampled_from((newline, "")))
    return Program(text.encode(encoding), encoding, newline, findings, expected)


@given(programs())
def test_only_what_is_mended_changes(program: Program) -> None:
    fixed = fix(program.data, program.findings)
    assert sorted(fixed.fixed) == sorted(program.findings)
    text = fixed.data.decode(program.encoding)
    lines = text.split(program.newline)
    start = lines.index("async def flow(a, b):") + 1
    ended = [""] if program.data.endswith(program.newline.encode()) else []
    assert lines[start:] == program.expected + ended
    before = program.data.decode(program.encoding).split(program.newline)
    taken = [line for line in before[: before.index("async def flow(a, b):")] if line not in lines]
    assert set(taken) <= set(NEEDED)
    assert lines[:start] == [
        line for line in before[: before.index("async def flow(a, b):") + 1] if line not in taken
    ]
    ast.parse(fixed.data)


@given(programs())
def test_line_ends_marks_and_the_end_of_the_file_stay(program: Program) -> None:
    data = fix(program.data, program.findings).data
    for mark in (b"\xef\xbb\xbf", b"# coding"):
        assert data.startswith(mark) is program.data.startswith(mark)
    end = program.newline.encode()
    assert data.endswith(end) is program.data.endswith(end)
    rest = data.replace(end, b"")
    assert b"\n" not in rest
    assert b"\r" not in rest


@given(programs())
def test_a_file_without_findings_is_the_same_bytes(program: Program) -> None:
    unfixable = [finding._replace(fixable=False) for finding in program.findings]
    assert fix(program.data, []) == (program.data, [])
    assert fix(program.data, unfixable) == (program.data, [])


@given(programs())
def test_comments_are_the_same_and_in_the_same_order(program: Program) -> None:
    fixed = fix(program.data, program.findings)
    assert comments(fixed.data) == comments(program.data)


def comments(data: bytes) -> list[str]:
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    tokens = tokenize.tokenize(BytesIO(data).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


@given(programs())
def test_the_edits_for_an_editor_give_what_fix_gives(program: Program) -> None:
    source = Source(PATH, program.data)
    for finding in program.findings:
        alone = fix(program.data, [finding])
        text = source.text
        starts = line_starts(text)
        offsets = [
            (
                starts[span.line - 1] + span.column - 1,
                starts[span.end_line - 1] + span.end_column - 1,
            )
            for span, _ in edits(source, finding)
        ]
        made = edits(source, finding)
        assert offsets == sorted(offsets)
        for (start, end), edit in reversed(list(zip(offsets, made, strict=True))):
            text = text[:start] + edit.text + text[end:]
        assert text.encode(program.encoding) == alone.data


def line_starts(text: str) -> list[int]:
    starts = [0]
    for number, character in enumerate(text):
        if character == "\n" or (character == "\r" and text[number + 1 : number + 2] != "\n"):
            starts.append(number + 1)
    return starts


@pytest.mark.parametrize(
    "data",
    [
        b"import time\n\nasync def flow(:\n    time.time()\n",
        b"# coding: nonsense\nimport time\ntime.time()\n",
        b"import time\n\xff = time.time()\n",
        b"",
    ],
)
def test_what_does_not_parse_is_left_as_it_is(data: bytes) -> None:
    finding = Finding(PATH, Span(4, 5, 4, 16), "DUR101", "", "", "flow", "time.time", (), True)
    assert fix(data, [finding]) == (data, [])
    assert edits(Source(PATH, data), finding) == []


@pytest.mark.parametrize("newline", NEWLINES)
def test_lines_that_are_added_end_like_the_others(newline: str) -> None:
    text = newline.join(
        (
            "import time",
            "",
            "",
            "async def flow():",
            "    try:",
            "        await step(time.time())",
            "    except CancelledError:",
            "        undo()",
            "",
        )
    )
    handler = Finding(
        PATH, Span(7, 5, 8, 15), "DUR135", "", "", "flow", "except CancelledError", (), True
    )
    clock = Finding(PATH, Span(6, 20, 6, 31), "DUR101", "", "", "flow", "time.time", (), True)
    fixed = fix(text.encode(), [handler, clock]).data.decode()
    assert fixed == newline.join(
        (
            "import durable_async",
            "",
            "",
            "async def flow():",
            "    try:",
            "        await step(durable_async.now().timestamp())",
            "    except CancelledError:",
            "        undo()",
            "        raise",
            "",
        )
    )
