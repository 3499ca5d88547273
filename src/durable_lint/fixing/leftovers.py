"""Imports that a fix has made needless go. Invariant: a name that may be used anywhere stays.

Only plain imports of the standard library are taken out, never in an `__init__.py` or next to a
`# noqa`, nor one that was needless before. A comment beside one stays, on a line of its own.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Final

from durable_lint.fixing.edits import Edit
from durable_lint.fixing.module import Module
from durable_lint.fixing.scopes import FUNCTIONS

__all__ = ["without_leftovers"]

_HOMES: Final = frozenset({"asyncio", "datetime", "random", "time", "uuid"})
_PRAGMA: Final = re.compile(r"#\s*(?:type:|pylint:|pyright:|mypy:|isort:|ruff:|pragma:|nosec)")
_TYPE_COMMENT: Final = re.compile(r"#\s*type:(?!\s*ignore)[^\r\n]*")
_NOQA: Final = re.compile(r"#\s*(?:noqa|isort:\s*skip|flake8:)", re.IGNORECASE)


def without_leftovers(module: Module, edits: Sequence[Edit]) -> list[Edit]:
    """Edits that take out what is imported for nothing once the others are made."""
    if module.source.path.endswith("/__init__.py"):
        return []
    gone = _freed(module, edits)
    if not gone:
        return []
    gone -= set(_spoken_of(module, gone))
    taken: list[Edit] = []
    lines: list[range] = []
    for node in module.nodes:
        if isinstance(node, ast.Import | ast.ImportFrom) and _is_plain(module, node):
            needless = [alias for alias in node.names if _is_needless(node, alias, gone)]
            for out in _taken_out(module, node, needless) if needless else ():
                if isinstance(out, range):
                    lines.append(out)
                else:
                    taken.append(out)
    return taken + [_without_lines(module, block) for block in _blocks(module, lines)]


def _freed(module: Module, edits: Sequence[Edit]) -> set[str]:
    """Names that the edits remove, and that stand nowhere else."""
    replaced = sorted((edit.start, edit.end) for edit in edits if edit.end > edit.start)
    if not replaced:
        return set()
    lines = {module.place(start)[0] for start, _ in replaced}
    gone: set[str] = set()
    others: dict[str, list[ast.Name]] = {}
    for node in module.names():
        # A name on another line may be within an edit that began above: it only counts as used.
        if node.lineno in lines and _is_within(module, node, replaced):
            gone.add(node.id)
        else:
            others.setdefault(node.id, []).append(node)
    return {
        name
        for name in gone
        if not any(_may_be_import(module, node) for node in others.get(name, ()))
    }


def _may_be_import(module: Module, name: ast.Name) -> bool:
    """Whether a name may be an imported one; a variable of a function that is called so is not."""
    bindings = module.scopes.bindings(name.id, name)
    return not bindings or any(binding.qualified for binding in bindings)


def _is_within(module: Module, node: ast.Name, ranges: Sequence[tuple[int, int]]) -> bool:
    """ranges: in order, none overlapping another."""
    from bisect import bisect_right

    start, end = module.range(node)
    place = bisect_right(ranges, start, key=lambda each: each[0])
    return place > 0 and end <= ranges[place - 1][1]


def _spoken_of(module: Module, names: set[str]) -> Iterator[str]:
    """Names that stand in a text which is read as code: `__all__`, annotations, type comments."""
    texts = _TYPE_COMMENT.findall(module.text)
    for node in module.nodes:
        match node:
            case ast.arg(annotation=ast.expr() as said) | ast.AnnAssign(annotation=said):
                texts += _texts(said)
            case ast.FunctionDef(returns=ast.expr() as said):
                texts += _texts(said)
            case ast.AsyncFunctionDef(returns=ast.expr() as said):
                texts += _texts(said)
            case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.AugAssign():
                texts += _texts(node)
            case ast.Call(func=ast.Name(id="cast" | "TypeVar" | "NewType")):
                texts += _texts(node)
            case ast.Call(func=ast.Attribute(attr="cast" | "TypeVar" | "NewType" | "extend")):
                texts += _texts(node)
            case _:
                pass
    for name in names:
        if any(re.search(rf"\b{re.escape(name)}\b", text) for text in texts):
            yield name


def _texts(node: ast.AST) -> list[str]:
    return [
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]


def _is_plain(module: Module, node: ast.Import | ast.ImportFrom) -> bool:
    """Whether a statement stands in the module or a function itself, and may go."""
    parent = module.parent(node)
    if not isinstance(parent, (ast.Module, *FUNCTIONS)):
        return False
    if isinstance(node, ast.ImportFrom) and (node.level or node.module not in _HOMES):
        return False
    lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return not any(_NOQA.search(module.line(number)) for number in lines)


def _is_needless(node: ast.Import | ast.ImportFrom, alias: ast.alias, gone: set[str]) -> bool:
    if alias.asname == alias.name:  # said to be for others
        return False
    if isinstance(node, ast.Import) and alias.name not in _HOMES:
        return False
    return (alias.asname or alias.name) in gone


def _taken_out(
    module: Module, node: ast.Import | ast.ImportFrom, needless: Sequence[ast.alias]
) -> Sequence[Edit | range]:
    """Edits, or the lines of the whole statement."""
    kept = [alias for alias in node.names if alias not in needless]
    if not kept:
        return _without_statement(module, node)
    by_line = [_line_of(module, node, alias) for alias in needless]
    if all(edit is not None for edit in by_line):
        return [edit for edit in by_line if edit is not None]
    return _without_names(module, node, kept)


def _without_names(
    module: Module, node: ast.Import | ast.ImportFrom, kept: Sequence[ast.alias]
) -> list[Edit]:
    """The names that stay, each with what stood between it and the one before."""
    start, _ = module.range(node.names[0])
    _, end = module.range(node.names[-1])
    if module.commented(start, end):
        return []
    parts: list[str] = []
    last = start
    for alias in node.names:
        first, behind = module.range(alias)
        if alias in kept:
            parts.append(module.text[last:behind] if parts else module.text[first:behind])
        last = behind
    return [Edit(start, end, "".join(parts))]


def _line_of(module: Module, node: ast.AST, alias: ast.alias) -> Edit | None:
    """The whole line of a name that has one for itself; a comment on it stays."""
    span = module.source.span(alias)
    line = module.line(span.line)
    lead, behind = line[: span.column - 1], line[span.end_column - 1 :]
    if span.line != span.end_line or lead.strip() or not lead:
        return None
    rest = behind.strip()
    if not rest.startswith(","):
        return None
    comment = rest[1:].strip()
    if comment and not comment.startswith("#"):
        return None
    text = f"{lead}{comment}{module.newline}" if _is_worth_keeping(comment) else ""
    return Edit(module.line_start(span.line), module.line_start(span.line + 1), text)


def _is_worth_keeping(comment: str) -> bool:
    return bool(comment) and _PRAGMA.match(comment) is None


def _without_statement(module: Module, node: ast.Import | ast.ImportFrom) -> Sequence[Edit | range]:
    parent = module.parent(node)
    body = getattr(parent, "body", [])
    if not isinstance(body, list) or len(body) < 2:
        return []
    start, end = module.range(node)
    place = body.index(node)
    first, last = node.lineno, node.end_lineno or node.lineno
    if place + 1 < len(body) and body[place + 1].lineno == last:
        return [Edit(start, module.range(body[place + 1])[0], "")]
    if place and (body[place - 1].end_lineno or 0) == first:
        return [Edit(module.range(body[place - 1])[1], end, "")]
    lead = module.text[module.line_start(first) : start]
    if lead.strip():
        return []  # on the line of a `def`
    inner = module.text[start:end]
    behind = module.text[end : module.line_start(last + 1)].strip().lstrip(";").strip()
    if "#" in inner or (behind and not behind.startswith("#")):
        return []
    if _is_worth_keeping(behind):
        text = f"{lead}{behind}{module.newline}"
        return [Edit(module.line_start(first), module.line_start(last + 1), text)]
    return [range(first, last + 1)]


def _blocks(module: Module, lines: Sequence[range]) -> list[range]:
    """Lines that go, with those from which only blank lines part them taken together."""
    blocks: list[range] = []
    for each in sorted(lines, key=lambda each: each.start):
        between = range(blocks[-1].stop, each.start) if blocks else range(0)
        if blocks and not any(module.line(number).strip() for number in between):
            blocks[-1] = range(blocks[-1].start, each.stop)
        else:
            blocks.append(each)
    return blocks


def _without_lines(module: Module, lines: range) -> Edit:
    """Lines, and of the blank ones on both sides the fewer: no gap becomes larger than one was."""
    above = 0
    while lines.start - above > 1 and not module.line(lines.start - above - 1).strip():
        above += 1
    below = 0
    while lines.stop + below < module.line_count and not module.line(lines.stop + below).strip():
        below += 1
    first, stop = lines.start, lines.stop
    opens = not above and module.line(first - 1).rstrip().endswith(":")
    if first - above == 1 or opens or above > below:
        stop += below
    elif below:
        first -= above
    return Edit(module.line_start(first), module.line_start(stop), "")
