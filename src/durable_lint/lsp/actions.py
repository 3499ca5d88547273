"""What can be done about a finding. Invariant: an action changes nothing but what it says.

Edits are about the text that the editor has: a file that cannot be parsed is offered none that
mends, for what is known of it is about another text.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from lsprotocol import types

from durable_lint.fixing import TextEdit, edits, fix
from durable_lint.lsp.diagnostics import Shown
from durable_lint.lsp.positions import Columns
from durable_lint.model import Span
from durable_lint.source import Source, SourceError

__all__ = ["FIX_ALL", "KINDS", "Abilities", "actions"]

FIX_ALL: Final = "source.fixAll.durable-lint"
KINDS: Final = (types.CodeActionKind.QuickFix, FIX_ALL)
_OURS: Final = re.compile(r"#\s*durable\s*:\s*ignore\s*\[(?P<codes>[^\]#]*)\]", re.IGNORECASE)
_REASON: Final = "why replay is safe"


class Abilities(NamedTuple):
    """versions: the editor can be told to which version of a text an edit belongs. snippets: it
    can be told where to go on typing.
    """

    versions: bool = False
    snippets: bool = False


class Text(NamedTuple):
    """The text that is to be changed, as the editor knows it."""

    uri: str
    version: int | None
    source: Source
    columns: Columns
    can: Abilities


def actions(
    text: Text, found: Sequence[Shown], at: Span, only: Sequence[str] | None
) -> list[types.CodeAction]:
    """What may be done at a place. only: the kinds that were asked for; None for all."""
    made: list[types.CodeAction] = []
    here = [each for each in found if _touch(each.span, at)]
    if _wanted(types.CodeActionKind.QuickFix.value, only):
        for each in here:
            made += _mends(text, each)
        for each in here:
            made += _ignores(text, each)
    if _wanted(FIX_ALL, only) and (only is not None or here):
        made += _mends_all(text, found)
    return made


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Kinds are a tree: `source.fixAll` asks for all below it."""
    return only is None or any(kind == asked or kind.startswith(f"{asked}.") for asked in only)


def _touch(span: Span, at: Span) -> bool:
    # A cursor anywhere in the line is at the finding: nobody hits a column.
    return span.line <= at.end_line and at.line <= span.end_line


# ---------------------------------------------------------------- mending


def _mends(text: Text, each: Shown) -> list[types.CodeAction]:
    made = edits(text.source, each.finding) if each.finding.fixable else []
    if not made:
        return []
    action = types.CodeAction(
        title=_title(each, made),
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[each.diagnostic],
        is_preferred=True,
        edit=_workspace_edit(text, _protocol(text, made)),
    )
    return [action]


def _title(each: Shown, made: Sequence[TextEdit]) -> str:
    code = each.finding.code
    whole = [edit for edit in made if edit.span == each.span and "\n" not in edit.text]
    if whole and whole[0].text.strip():
        return f"{code}: write {whole[0].text.strip()} instead"
    if code == "DUR133":
        return f"{code}: await {each.finding.subject}"
    if code == "DUR190":
        return f"{code}: remove what suppresses nothing"
    return f"{code}: mend {each.finding.subject}"


def _mends_all(text: Text, found: Sequence[Shown]) -> list[types.CodeAction]:
    fixable = [each for each in found if each.finding.fixable]
    if not fixable:
        return []
    fixed = fix(text.source.data, [each.finding for each in fixable])
    if not fixed.fixed:
        return []
    done = set(fixed.fixed)
    action = types.CodeAction(
        title=f"durable-lint: mend all that can be mended ({len(done)})",
        kind=FIX_ALL,
        diagnostics=[each.diagnostic for each in fixable if each.finding in done],
        edit=_workspace_edit(text, _differences(text, fixed.data)),
    )
    return [action]


def _differences(text: Text, after: bytes) -> list[types.TextEdit]:
    """Edits of whole lines: cursors, folds and marks elsewhere stay where they are."""
    old = text.source.text.splitlines(keepends=True)
    new = Source(text.source.path, after).text.splitlines(keepends=True)
    if [line.rstrip("\r\n") for line in old] != text.source.lines[: len(old)]:
        # A form feed ends a line for Python's strings, and for nobody else.
        return [_everything(text, "".join(new))]
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    made = []
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag != "equal":
            at = types.Range(types.Position(start, 0), types.Position(end, 0))
            if end == len(old):
                at.end = _end(text)
                at.start = min(at.start, at.end, key=lambda place: (place.line, place.character))
            made.append(types.TextEdit(at, "".join(new[first:last])))
    return made


def _everything(text: Text, after: str) -> types.TextEdit:
    return types.TextEdit(types.Range(types.Position(0, 0), _end(text)), after)


def _end(text: Text) -> types.Position:
    lines = text.source.lines
    count = len(lines)
    last = Span(count, 1, count, len(lines[-1]) + 1)
    return text.columns.range(last, lines).end


# ---------------------------------------------------------------- leaving it


def _ignores(text: Text, each: Shown) -> list[types.CodeAction]:
    code = each.finding.code
    if code in {"DUR000", "DUR190"}:
        return []
    edit = _comment(text, each.span.line, code)
    if edit is None:
        return []
    action = types.CodeAction(
        title=f"{code}: keep it here, and say why",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[each.diagnostic],
        edit=_workspace_edit(text, [edit]),
    )
    return [action]


def _comment(text: Text, number: int, code: str) -> types.TextEdit | types.SnippetTextEdit | None:
    """A comment for one code: behind the line, in the one that is there, or on a line above."""
    line = text.source.line(number)
    known = _OURS.search(line)
    if known is not None:
        place = known.end("codes") + 1
        more = f", {code}" if known["codes"].strip() else code
        return _protocol(text, [TextEdit(Span(number, place, number, place), more)])[0]
    comment = f"# durable: ignore[{code}] "
    if _ends_in_code(text.source, number):
        end = len(line.rstrip()) + 1
        return _with_reason(text, Span(number, end, number, len(line) + 1), f"  {comment}", "")
    if _ends_in_code(text.source, number - 1):
        indent = line[: len(line) - len(line.lstrip())]
        newline = "\r\n" if "\r\n" in text.source.text else "\n"
        return _with_reason(text, Span(number, 1, number, 1), f"{indent}{comment}", newline)
    return None


def _with_reason(
    text: Text, at: Span, before: str, after: str
) -> types.TextEdit | types.SnippetTextEdit:
    """A comment whose reason is typed next, where the editor can be told so."""
    if not text.can.snippets:
        return _protocol(text, [TextEdit(at, f"{before}{_REASON}{after}")])[0]
    value = f"{_escaped(before)}${{1:{_REASON}}}{after}$0"
    return types.SnippetTextEdit(
        range=text.columns.range(at, text.source.lines), snippet=types.StringValue(value)
    )


def _ends_in_code(source: Source, number: int) -> bool:
    """Whether a comment may stand at the end of a line: no string and no backslash goes on."""
    if number < 1:
        return True
    if source.line(number).rstrip().endswith("\\"):
        return False
    try:
        strings = list(_strings(source))
    except SourceError:
        return False
    return not any(first <= number < last for first, last in strings)


def _strings(source: Source) -> Iterable[tuple[int, int]]:
    """The lines of each string that goes over several."""
    import ast

    for node in ast.walk(source.tree):
        if isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
        ):
            last = node.end_lineno or node.lineno
            if last > node.lineno:
                yield node.lineno, last


def _escaped(text: str) -> str:
    return re.sub(r"([\\$}])", r"\\\1", text)


# ---------------------------------------------------------------- as the protocol has it


def _protocol(text: Text, made: Iterable[TextEdit]) -> list[types.TextEdit]:
    lines = text.source.lines
    return [types.TextEdit(text.columns.range(edit.span, lines), edit.text) for edit in made]


def _workspace_edit(
    text: Text, made: Sequence[types.TextEdit | types.SnippetTextEdit]
) -> types.WorkspaceEdit:
    plain = [edit for edit in made if isinstance(edit, types.TextEdit)]
    if text.can.versions or len(plain) != len(made):
        whole = types.TextDocumentEdit(
            types.OptionalVersionedTextDocumentIdentifier(uri=text.uri, version=text.version),
            list(made),
        )
        return types.WorkspaceEdit(document_changes=[whole])
    return types.WorkspaceEdit(changes={text.uri: plain})
