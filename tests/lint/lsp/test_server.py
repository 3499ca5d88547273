"""What an editor sees, from a server in a process of its own."""

import subprocess
import sys
from typing import cast

import pytest
from lsprotocol import types

from .conftest import Editor

FLOW = """\
import time

import durable_async as da
from helpers import pick


@da.orchestrator
async def checkout(order: str) -> float:
    return time.time() + pick()
"""
HELPERS = """\
import random


def pick() -> float:
    return random.random()
"""
PULLS = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(
        diagnostic=types.DiagnosticClientCapabilities()
    ),
    workspace=types.WorkspaceClientCapabilities(
        diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    ),
)
CHAINS = types.ClientCapabilities(
    text_document=types.TextDocumentClientCapabilities(
        publish_diagnostics=types.PublishDiagnosticsClientCapabilities(related_information=True)
    )
)


@pytest.fixture(autouse=True)
def files(editor: Editor) -> None:
    editor.write("flows.py", FLOW)
    editor.write("helpers.py", HELPERS)


def codes(found: object) -> list[tuple[int, object]]:
    return [(each.range.start.line + 1, each.code) for each in cast(list[types.Diagnostic], found)]


async def test_a_file_that_is_opened_shows_its_findings(editor: Editor) -> None:
    await editor.start()
    editor.open("flows.py")
    (found,) = await editor.seen("flows.py")
    assert (found.code, found.source) == ("DUR101", "durable-lint")
    assert found.severity is types.DiagnosticSeverity.Warning
    assert found.range == types.Range(types.Position(8, 11), types.Position(8, 22))


async def test_typing_shows_what_is_there_now(editor: Editor) -> None:
    await editor.start()
    editor.open("flows.py")
    await editor.seen("flows.py")
    editor.type("flows.py", FLOW.replace("time.time() + ", ""))
    assert await editor.seen("flows.py") == ()
    editor.type("flows.py", "# moved\n" + FLOW)
    assert codes(await editor.seen("flows.py")) == [(10, "DUR101")]


async def test_a_change_in_one_file_shows_in_another(editor: Editor) -> None:
    await editor.start()
    editor.open("helpers.py")
    assert codes(await editor.seen("helpers.py")) == [(5, "DUR111")]
    editor.open("flows.py")
    await editor.seen("flows.py")
    editor.type("flows.py", FLOW.replace(" + pick()", ""))
    assert await editor.seen("helpers.py") == ()


async def test_the_chain_leads_to_the_places_that_call(editor: Editor) -> None:
    await editor.start(CHAINS)
    editor.open("helpers.py")
    (found,) = await editor.seen("helpers.py")
    (step,) = found.related_information or ()
    assert step.location.uri == editor.uri("flows.py")
    assert step.location.range.start == types.Position(8, 4)
    assert step.message == "reached from checkout"


async def test_an_editor_without_related_places_reads_the_chain_in_the_message(
    editor: Editor,
) -> None:
    await editor.start()
    editor.open("helpers.py")
    (found,) = await editor.seen("helpers.py")
    assert found.message.endswith("(reached from checkout)")


async def test_a_file_that_is_closed_shows_nothing_and_counts_as_on_the_disk(
    editor: Editor,
) -> None:
    await editor.start()
    editor.open("flows.py", FLOW.replace(" + pick()", ""))
    await editor.seen("flows.py")
    editor.open("helpers.py")
    editor.close("flows.py")
    assert await editor.seen("flows.py") == ()
    assert codes(await editor.found("helpers.py")) == [(5, "DUR111")]


# ---------------------------------------------------------------- half-typed code


async def test_half_typed_code_keeps_the_findings_at_their_places(editor: Editor) -> None:
    await editor.start()
    editor.open("flows.py")
    await editor.seen("flows.py")
    editor.type("flows.py", FLOW.replace("\n\n\n@da", "\nx = (\n\n\n@da"))
    broken, kept = sorted(await editor.seen("flows.py"), key=lambda each: str(each.code))
    assert (broken.code, broken.severity) == ("DUR000", types.DiagnosticSeverity.Error)
    assert (kept.code, kept.range.start.line) == ("DUR101", 9)


async def test_a_place_that_is_typed_over_shows_nothing_old(editor: Editor) -> None:
    await editor.start()
    editor.open("flows.py")
    await editor.seen("flows.py")
    editor.type("flows.py", FLOW.replace("time.time() + pick()", "(1 +"))
    assert {each.code for each in await editor.seen("flows.py")} == {"DUR000"}


# ---------------------------------------------------------------- actions and hovers


async def test_a_quick_fix_mends_the_finding(editor: Editor) -> None:
    await editor.start()
    editor.open("flows.py")
    (found,) = await editor.seen("flows.py")
    actions = await editor.actions("flows.py", found.range)
    mend = next(action for action in actions if action.is_preferred)
    assert mend.kind == types.CodeActionKind.QuickFix
    assert "return da.now().timestamp() + pick()" in editor.apply("flows.py", mend)
    assert await editor.seen("flows.py") == ()


async def test_a_finding_can_be_kept_with_a_reason(editor: Editor) -> None:
    await editor.start()
    editor.open("flows.py")
    (found,) = await editor.seen("flows.py")
    actions = await editor.actions("flows.py", found.range)
    keep = next(action for action in actions if "keep" in action.title)
    text = editor.apply("flows.py", keep)
    assert "pick()  # durable: ignore[DUR101] why replay is safe\n" in text
    assert await editor.seen("flows.py") == ()


async def test_where_no_comment_can_stand_behind_it_stands_above(editor: Editor) -> None:
    await editor.start()
    text = FLOW.replace("time.time() + pick()", 'time.time() + len("""\n""")')
    editor.open("flows.py", text)
    (found,) = await editor.seen("flows.py")
    actions = await editor.actions("flows.py", found.range)
    keep = next(action for action in actions if "keep" in action.title)
    assert "    # durable: ignore[DUR101] why replay is safe\n    return" in editor.apply(
        "flows.py", keep
    )
    assert await editor.seen("flows.py") == ()


async def test_all_that_can_be_mended_is_mended_at_once(editor: Editor) -> None:
    await editor.start()
    text = FLOW + "\n\n@da.orchestrator\nasync def other() -> float:\n    return time.time()\n"
    editor.open("flows.py", text)
    await editor.seen("flows.py")
    nowhere = types.Range(types.Position(0, 0), types.Position(0, 0))
    (mend,) = await editor.actions("flows.py", nowhere, ["source.fixAll"])
    assert mend.kind == "source.fixAll.durable-lint"
    assert "time.time" not in editor.apply("flows.py", mend)
    assert await editor.seen("flows.py") == ()


async def test_an_editor_that_counts_versions_is_told_which_one_an_edit_is_for(
    editor: Editor,
) -> None:
    edits = types.WorkspaceEditClientCapabilities(document_changes=True)
    await editor.start(
        types.ClientCapabilities(workspace=types.WorkspaceClientCapabilities(workspace_edit=edits))
    )
    editor.open("flows.py")
    (found,) = await editor.seen("flows.py")
    actions = await editor.actions("flows.py", found.range)
    editor.apply("flows.py", actions[0])
    assert await editor.seen("flows.py") == ()


async def test_columns_count_as_the_protocol_has_them(editor: Editor) -> None:
    await editor.start()
    editor.open("flows.py", FLOW.replace("time.time()", 'len("\U0001f600é") + time.time()'))
    (found,) = await editor.seen("flows.py")
    assert (found.range.start.character, found.range.end.character) == (24, 35)
    actions = await editor.actions("flows.py", found.range)
    assert 'len("\U0001f600é") + da.now().timestamp() + pick()' in editor.apply(
        "flows.py", actions[0]
    )


async def test_a_pointer_at_a_finding_is_told_why(editor: Editor) -> None:
    await editor.start()
    editor.open("flows.py")
    await editor.seen("flows.py")
    told = await editor.hovered("flows.py", 8, 13)
    assert told is not None
    assert "**DUR101: " in told
    assert "```python" in told
    assert await editor.hovered("flows.py", 0, 1) is None


async def test_a_pointer_at_a_code_in_a_comment_is_told_why(editor: Editor) -> None:
    await editor.start()
    editor.open("flows.py", FLOW.replace("pick()\n", "pick()  # durable: ignore[DUR101] a test\n"))
    told = await editor.hovered("flows.py", 8, FLOW.splitlines()[8].index("pick") + 30)
    assert told is not None
    assert "**DUR101: " in told


# ---------------------------------------------------------------- settings and the disk


async def test_settings_that_change_are_read_again(editor: Editor) -> None:
    await editor.start()
    editor.open("flows.py")
    await editor.seen("flows.py")
    editor.write("pyproject.toml", '[tool.durable-lint]\nignore = ["DUR101"]\n')
    editor.changed_on_disk("pyproject.toml", types.FileChangeType.Changed)
    assert await editor.seen("flows.py") == ()


async def test_settings_that_are_wrong_are_told_and_leave_those_before(editor: Editor) -> None:
    await editor.start()
    editor.open("flows.py")
    await editor.seen("flows.py")
    editor.write("pyproject.toml", '[tool.durable-lint]\nignroe = ["DUR101"]\n')
    editor.changed_on_disk("pyproject.toml", types.FileChangeType.Changed)
    assert "did you mean 'ignore'?" in await editor.told()
    editor.type("flows.py", "#\n" + FLOW)
    assert codes(await editor.seen("flows.py")) == [(10, "DUR101")]


async def test_a_file_that_comes_up_on_the_disk_is_followed_into(editor: Editor) -> None:
    await editor.start()
    editor.open("flows.py", FLOW.replace("helpers", "later"))
    await editor.seen("flows.py")
    editor.open("later.py", "")
    editor.write("later.py", HELPERS)
    editor.close("later.py")
    editor.changed_on_disk("later.py", types.FileChangeType.Created)
    editor.open("later.py")
    assert codes(await editor.found("later.py")) == [(5, "DUR111")]


async def test_the_editor_decides_how_findings_look(editor: Editor) -> None:
    options = {"severity": {"DUR1": "hint"}, "documentation": "https://docs.example/rules"}
    await editor.start(options=options)
    editor.open("flows.py")
    (found,) = await editor.seen("flows.py")
    assert found.severity is types.DiagnosticSeverity.Hint
    assert found.code_description == types.CodeDescription("https://docs.example/rules/dur101.html")


async def test_a_setting_that_does_not_exist_is_told(editor: Editor) -> None:
    await editor.start(options={"durable-lint": {"sevrity": "error"}})
    assert "'sevrity' does not exist" in await editor.told()


async def test_an_editor_that_is_asked_for_its_settings_is_believed(editor: Editor) -> None:
    editor.settings = {"severity": "error"}
    await editor.start(
        types.ClientCapabilities(workspace=types.WorkspaceClientCapabilities(configuration=True))
    )
    editor.open("flows.py")
    found = await editor.seen("flows.py")
    while found[0].severity is not types.DiagnosticSeverity.Error:
        found = await editor.seen("flows.py")


# ---------------------------------------------------------------- pulling


async def test_an_editor_that_asks_is_answered_and_nothing_is_pushed(editor: Editor) -> None:
    await editor.start(PULLS)
    editor.open("flows.py")
    report = await editor.pulled("flows.py")
    assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
    assert codes(report.items) == [(9, "DUR101")]
    again = await editor.pulled("flows.py", report.result_id)
    assert isinstance(again, types.RelatedUnchangedDocumentDiagnosticReport)
    editor.type("flows.py", FLOW.replace("time.time() + ", ""))
    changed = await editor.pulled("flows.py", report.result_id)
    assert isinstance(changed, types.RelatedFullDocumentDiagnosticReport)
    assert changed.items == ()
    assert editor.published.empty()


async def test_an_editor_that_asks_is_told_when_to_ask_again(editor: Editor) -> None:
    await editor.start(PULLS)
    editor.open("flows.py")
    await editor.pulled("flows.py")
    editor.write("pyproject.toml", '[tool.durable-lint]\nignore = ["ALL"]\n')
    editor.changed_on_disk("pyproject.toml", types.FileChangeType.Changed)
    await editor.refreshed.wait()


# ---------------------------------------------------------------- several projects, and the end


async def test_each_file_is_checked_by_the_settings_nearest_to_it(editor: Editor) -> None:
    editor.write("other/pyproject.toml", '[tool.durable-lint]\nignore = ["DUR101"]\n')
    editor.write("other/flows.py", FLOW)
    await editor.start()
    editor.open("other/flows.py")
    editor.open("flows.py")
    assert codes(await editor.seen("flows.py")) == [(9, "DUR101")]
    told = await editor.actions(
        "other/flows.py", types.Range(types.Position(8, 0), types.Position(8, 0))
    )
    assert list(told) == []


async def test_what_is_no_file_of_a_project_is_let_be(editor: Editor) -> None:
    await editor.start(PULLS)
    editor.write(".venv/lib/flows.py", FLOW)
    editor.open(".venv/lib/flows.py")
    report = await editor.pulled(".venv/lib/flows.py")
    assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
    assert list(report.items) == []


async def test_the_server_ends_well_after_a_goodbye(editor: Editor) -> None:
    await editor.start()
    editor.open("flows.py")
    assert await editor.stop() == 0


def test_an_editor_that_goes_away_leaves_no_server_behind() -> None:
    command = [sys.executable, "-m", "durable_lint", "server"]
    ended = subprocess.run(command, input=b"", capture_output=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert ended.stdout == b""
