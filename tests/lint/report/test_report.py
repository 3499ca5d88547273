"""Each format says the same of the same findings, each in its own way."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from durable_lint.model import Finding, Span, Step, Unresolved
from durable_lint.report import annotations, document, sarif, text
from durable_lint.report.colour import PLAIN, TERMINAL, wants_colour
from durable_lint.report.outcome import Outcome, Sources, in_order, relative

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "sarif-2.1.0-rtm.5.json").read_text()
)
WHERE = "/home/ada/shop"
FLOW = f"{WHERE}/src/flow.py"
HELPERS = f"{WHERE}/src/helpers.py"
FLOW_TEXT = b"""\
@orchestrator
async def checkout(order: str) -> str:
    started = datetime.now(UTC)
    return stamp()
"""
CLOCK = Finding(
    path=FLOW,
    span=Span(3, 15, 3, 32),
    code="DUR101",
    category="wall_clock",
    message="`datetime.datetime.now()` reads the clock; write `durable_async.now()`",
    function="checkout",
    subject="datetime.datetime.now",
    fixable=True,
)
IN_A_HELPER = Finding(
    path=HELPERS,
    span=Span(1, 1, 2, 4),
    code="DUR122",
    category="file_io",
    message="`open()` reads a file; do it in an activity, and await that",
    function="Stamp.read",
    subject="builtins.open",
    via=(Step(FLOW, 4, "checkout"), Step(HELPERS, 9, "stamp")),
)


def outcome(*findings: Finding, contents: dict[str, bytes] | None = None, **more: Any) -> Outcome:
    """What a run over three files found."""
    sources = Sources({FLOW: FLOW_TEXT, HELPERS: b"open(\n)\n"} | (contents or {}))
    given: dict[str, Any] = {"files": 3, "reached": 2, "directory": WHERE, "sources": sources}
    return Outcome(findings=in_order(findings), **(given | more))


def at(line: bytes, column: int, end_column: int) -> list[str]:
    """The two lines that show a piece of this line of source."""
    finding = CLOCK._replace(span=Span(1, column, 1, end_column))
    shown = list(text.render(outcome(finding, contents={FLOW: line})))
    return shown[1:3]


# ---------------------------------------------------------------- text


def test_a_finding_is_shown_with_its_line_and_what_is_wrong_underlined() -> None:
    assert list(text.render(outcome(CLOCK))) == [
        f"src/flow.py:3:15: DUR101 [*] {CLOCK.message}",
        "  3 |     started = datetime.now(UTC)",
        "    |               ^^^^^^^^^^^^^^^^^",
        "",
    ]


def test_a_finding_in_a_helper_is_shown_with_the_chain_that_leads_there() -> None:
    assert list(text.render(outcome(IN_A_HELPER))) == [
        "src/helpers.py:1:1: DUR122 `open()` reads a file; do it in an activity, and await that",
        "  1 | open(",
        "    | ^^^^^",
        "    reached from checkout (src/flow.py:4)",
        "            then stamp (src/helpers.py:9)",
        "          in Stamp.read",
        "",
    ]


def test_the_carets_stand_under_the_code_after_a_tab_and_after_wide_letters() -> None:
    assert at(b"\tx = now()", 6, 11) == ["  1 | \tx = now()", "    | \t    ^^^^^"]
    wide = at("s = '注文', now()".encode(), 11, 16)
    assert wide == ["  1 | s = '注文', now()", "    |             ^^^^^"]
    combined = at("s = 'e\u0301', now()".encode(), 11, 16)
    assert combined[1] == "    | " + " " * 9 + "^" * 5


def test_a_long_line_is_shown_where_the_finding_is() -> None:
    shown, carets = at(b"x = [" + b"1, " * 2000 + b"now()]", 6006, 6011)
    assert len(shown) < 200
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "now()"
    assert shown.startswith("  1 | ...")


def test_a_control_character_of_a_file_does_not_reach_the_terminal() -> None:
    shown, _ = at(b"x = '\x1b[2J\x07', now()", 14, 19)
    assert shown == "  1 | x = ' [2J ', now()"


def test_a_line_ends_where_python_ends_it() -> None:
    finding = CLOCK._replace(span=Span(2, 1, 2, 6))
    separated = {FLOW: "s = '\u2028\x0c'\r\nnow()\r\n".encode()}
    assert list(text.render(outcome(finding, contents=separated)))[1] == "  2 | now()"


def test_a_file_in_another_encoding_is_shown_in_letters() -> None:
    latin = "# coding: latin-1\nprix = 'é', now()\n".encode("latin-1")
    finding = CLOCK._replace(span=Span(2, 13, 2, 18))
    assert list(text.render(outcome(finding, contents={FLOW: latin})))[1:3] == [
        "  2 | prix = 'é', now()",
        "    |             ^^^^^",
    ]


@pytest.mark.parametrize("data", [b"# coding: nonsense\n\xff now()\n", b"\xff now()\n\xff now()"])
def test_a_file_that_no_codec_reads_is_shown_as_well_as_it_can_be(data: bytes) -> None:
    finding = CLOCK._replace(span=Span(2, 3, 2, 8))
    assert list(text.render(outcome(finding, contents={FLOW: data})))[1] == "  2 | \ufffd now()"


@pytest.mark.parametrize("span", [Span(9, 1, 9, 5), Span(1, 1, 1, 2)])
def test_a_finding_without_a_line_to_show_is_shown_without_one(span: Span) -> None:
    shown = list(text.render(outcome(CLOCK._replace(span=span), contents={FLOW: b"\n"})))
    assert len(shown) == 2


def test_a_file_that_is_gone_meanwhile_is_no_trouble() -> None:
    gone = CLOCK._replace(path=f"{WHERE}/src/gone.py")
    assert list(text.render(outcome(gone)))[1:] == [""]


@pytest.mark.parametrize(("column", "end_column"), [(40, 50), (9, 3), (6, 400)])
def test_a_place_beyond_the_end_of_its_line_still_has_a_caret(column: int, end_column: int) -> None:
    _, carets = at(b"x = now()", column, end_column)
    assert "^" in carets
    assert len(carets) < 30


def test_colours_change_no_letter() -> None:
    run = outcome(CLOCK, IN_A_HELPER)
    painted = "\n".join(text.render(run, TERMINAL))
    assert "\x1b[1;31mDUR101\x1b[0m" in painted
    bare = painted
    for code in ("1;31", "0", "1", "2", "36"):
        bare = bare.replace(f"\x1b[{code}m", "")
    assert bare == "\n".join(text.render(run, PLAIN))


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "stream", "environment", "wanted"),
    [
        ("auto", Terminal(), {}, True),
        ("auto", StringIO(), {}, False),
        ("auto", Terminal(), {"NO_COLOR": "1"}, False),
        ("auto", Terminal(), {"TERM": "dumb"}, False),
        ("auto", StringIO(), {"FORCE_COLOR": "1"}, True),
        ("always", StringIO(), {"NO_COLOR": "1"}, True),
        ("never", Terminal(), {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_terminals_and_for_who_asks(
    choice: str,
    stream: StringIO,
    environment: dict[str, str],
    wanted: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_colour(choice, stream) is wanted


def test_calls_that_lead_nobody_knows_where_are_listed_when_asked_for() -> None:
    call = Unresolved(FLOW, Span(4, 12, 4, 19), "handlers[kind]()", "checkout")
    run = outcome(unresolved=[call])
    assert list(text.render(run)) == []
    assert list(text.render(run, unresolved=True)) == [
        "src/flow.py:4:12: where `handlers[kind]()` leads is not known, in checkout",
        "",
    ]


def test_the_summary_never_says_no_findings_about_code_that_was_not_read() -> None:
    assert list(text.render_summary(outcome())) == [
        "No findings (3 files checked; orchestrators of the project reach 2 files)"
    ]
    assert list(text.render_summary(outcome(reached=0))) == [
        "No findings, and no orchestrator either (3 files checked)."
    ]
    assert list(text.render_summary(outcome(files=0, reached=0))) == [
        "Nothing was checked: no Python file is there."
    ]


def test_the_summary_counts_what_was_found_mended_known_and_out_of_date() -> None:
    assert list(text.render_summary(outcome(CLOCK, IN_A_HELPER, known=2, stale=1, fixed=1))) == [
        (
            "2 findings in 2 files; [*] 1 fixable with --fix "
            "(3 files checked; orchestrators of the project reach 2 files)"
        ),
        "1 finding mended.",
        "2 findings held by the baseline, not shown.",
        "1 entry is out of date in the baseline: --write-baseline.",
    ]


def test_the_statistics_count_by_code_most_first() -> None:
    assert list(text.render_counts(outcome(IN_A_HELPER, CLOCK, CLOCK))) == [
        "2  DUR101  wall_clock  2 fixable with --fix",
        "1  DUR122  file_io",
    ]


# ---------------------------------------------------------------- paths and order


@pytest.mark.parametrize(
    ("path", "directory", "shown"),
    [
        (f"{WHERE}/src/flow.py", WHERE, "src/flow.py"),
        (f"{WHERE}/src/flow.py", f"{WHERE}/src/", "flow.py"),
        (f"{WHERE}2/flow.py", WHERE, "../shop2/flow.py"),
        ("/flow.py", "/", "flow.py"),
    ],
)
def test_paths_are_shown_from_the_working_directory(path: str, directory: str, shown: str) -> None:
    assert relative(path, directory) == shown


def test_findings_stand_in_the_order_of_files_and_lines_whatever_order_they_came_in() -> None:
    later = CLOCK._replace(span=Span(4, 1, 4, 2))
    found = [IN_A_HELPER, later, CLOCK]
    assert in_order(found) == in_order(found[::-1]) == [CLOCK, later, IN_A_HELPER]


# ---------------------------------------------------------------- json


def test_the_document_has_the_keys_that_version_1_promises() -> None:
    written = json.loads(document.render(outcome(IN_A_HELPER)))
    assert written == {
        "version": 1,
        "findings": [
            {
                "path": "src/helpers.py",
                "line": 1,
                "column": 1,
                "end_line": 2,
                "end_column": 4,
                "code": "DUR122",
                "category": "file_io",
                "message": "`open()` reads a file; do it in an activity, and await that",
                "function": "Stamp.read",
                "via": [
                    {"path": "src/flow.py", "line": 4, "function": "checkout"},
                    {"path": "src/helpers.py", "line": 9, "function": "stamp"},
                ],
                "fixable": False,
            }
        ],
        "files": 3,
        "unresolved": 0,
        "run": {"reached": 2, "baseline": 0, "fixed": 0, "errors": []},
    }


def test_the_document_lists_unresolved_calls_when_asked_for() -> None:
    call = Unresolved(FLOW, Span(4, 12, 4, 19), "handlers[kind]()", "checkout")
    written = json.loads(document.render(outcome(unresolved=[call]), unresolved=True))
    assert written["unresolved"] == 1
    assert written["unresolved_calls"] == [
        {
            "path": "src/flow.py",
            "line": 4,
            "column": 12,
            "expression": "handlers[kind]()",
            "function": "checkout",
        }
    ]


def test_documents_are_ascii_whatever_is_in_them() -> None:
    odd = CLOCK._replace(message="`注文` reads\n\x1b", path=f"{WHERE}/caf\udce9.py")
    run = outcome(odd)
    assert document.render(run).isascii()
    assert sarif.render(run, [], ["1"]).isascii()


# ---------------------------------------------------------------- github


def test_an_annotation_names_place_code_and_chain() -> None:
    plain, chained = annotations.render(outcome(CLOCK, IN_A_HELPER))
    place = "file=src/flow.py,line=3,endLine=3,col=15,endColumn=32"
    assert plain == f"::error title=DUR101 wall_clock,{place}::{CLOCK.message}"
    place = "file=src/helpers.py,line=1,endLine=2"
    chain = "checkout (src/flow.py:4) -> stamp (src/helpers.py:9) -> Stamp.read"
    said = f"{IN_A_HELPER.message}%0AReached by {chain}"
    assert chained == f"::error title=DUR122 file_io,{place}::{said}"


def test_nothing_in_a_finding_ends_its_annotation() -> None:
    odd = CLOCK._replace(path=f"{WHERE}/a,b:c%\n.py", message="50% :: of\r\nit")
    (line,) = annotations.render(outcome(odd))
    assert "\n" not in line
    assert "file=a%2Cb%3Ac%25%0A.py,line" in line
    assert line.endswith("::50%25 :: of%0D%0Ait")


# ---------------------------------------------------------------- sarif

RULES = [
    sarif.Described("DUR122", "file_io", "Reads a file", "Why.\n\n    after"),
    sarif.Described("DUR101", "wall_clock", "Reads the clock", "Why."),
]


def sarif_log(run: Outcome) -> dict[str, Any]:
    """The log, which its schema accepts."""
    prints = [str(number) for number in range(len(run.findings))]
    log: dict[str, Any] = json.loads(sarif.render(run, RULES, prints))
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(log)
    return log


def test_the_schema_refuses_what_is_no_log() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SCHEMA).validate({"version": "2.1.0", "runs": [{"tool": {}}]})


def test_a_log_without_findings_is_valid() -> None:
    (run,) = sarif_log(outcome())["runs"]
    assert run["results"] == []
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["DUR101", "DUR122"]


def test_a_result_names_rule_place_function_and_fingerprint() -> None:
    (run,) = sarif_log(outcome(CLOCK))["runs"]
    (result,) = run["results"]
    assert result["ruleId"] == "DUR101"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "DUR101"
    assert result["partialFingerprints"] == {"durableLint/v1": "0"}
    (location,) = result["locations"]
    assert location == {
        "physicalLocation": {
            "artifactLocation": {"uri": "src/flow.py", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 3, "startColumn": 15, "endLine": 3, "endColumn": 32},
        },
        "logicalLocations": [{"fullyQualifiedName": "checkout", "kind": "function"}],
    }


def test_the_chain_is_a_flow_that_a_viewer_steps_along() -> None:
    (run,) = sarif_log(outcome(IN_A_HELPER))["runs"]
    ((flow,),) = [result["codeFlows"] for result in run["results"]]
    (thread,) = flow["threadFlows"]
    lines = [
        step["location"]["physicalLocation"]["region"]["startLine"] for step in thread["locations"]
    ]
    assert lines == [4, 9, 1]


def test_a_file_outside_of_the_working_directory_and_odd_names_have_a_uri() -> None:
    outside = CLOCK._replace(path="/home/ada/other place/é.py")
    odd = CLOCK._replace(path=f"{WHERE}/100% caf\udce9.py")
    (run,) = sarif_log(outcome(outside, odd))["runs"]
    places = [
        result["locations"][0]["physicalLocation"]["artifactLocation"] for result in run["results"]
    ]
    assert places == [
        {"uri": "file:///home/ada/other%20place/%C3%A9.py"},
        {"uri": "100%25%20caf%E9.py", "uriBaseId": "%SRCROOT%"},
    ]


def test_errors_of_the_run_are_notifications() -> None:
    (run,) = sarif_log(outcome(errors=["a.py cannot be read"]))["runs"]
    (invocation,) = run["invocations"]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "a.py cannot be read"


def test_a_code_that_no_rule_describes_is_a_result_all_the_same() -> None:
    broken = CLOCK._replace(code="DUR000", category="syntax")
    (run,) = sarif_log(outcome(broken))["runs"]
    assert run["results"][0]["ruleId"] == "DUR000"
    assert "ruleIndex" not in run["results"][0]
