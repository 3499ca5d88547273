"""The tree that `ast` would make, made from libcst's: for syntax newer than the running Python.

Invariant: for a file that both parsers take, the lowered tree equals `ast`'s, positions included
(within f-strings: those of Python 3.12 and later). What the running Python has no node for becomes
the nearest it has: type parameters are dropped, `type X = Y` is an assignment, a t-string is an
f-string. The only exception that leaves is SourceError.

libcst's parser is native code that dies of deep nesting, so that is looked for beforehand, and the
rest runs on a thread with a large stack.
"""

import ast
import re
import threading
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Final

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from durable_lint.model import SourceError

__all__ = ["lower"]

_STACK: Final = 256 * 1024 * 1024  # bytes; reserved, not used
_BRACKETS: Final = 200  # what Python's own tokenizer allows
_LINE: Final = 20_000  # characters; longer ones are data, and libcst's time grows as their square
_TOO_DEEP: Final = "cannot be parsed: it is nested too deeply"

_ERROR_AT: Final = re.compile(r"error at (\d+):(\d+)")

_Place = tuple[int, int]

_BINARY: Final[dict[str, type[ast.operator]]] = {
    "Add": ast.Add,
    "Subtract": ast.Sub,
    "Multiply": ast.Mult,
    "Divide": ast.Div,
    "FloorDivide": ast.FloorDiv,
    "Modulo": ast.Mod,
    "Power": ast.Pow,
    "LeftShift": ast.LShift,
    "RightShift": ast.RShift,
    "BitOr": ast.BitOr,
    "BitAnd": ast.BitAnd,
    "BitXor": ast.BitXor,
    "MatrixMultiply": ast.MatMult,
}
_UNARY: Final[dict[str, type[ast.unaryop]]] = {
    "Plus": ast.UAdd,
    "Minus": ast.USub,
    "BitInvert": ast.Invert,
    "Not": ast.Not,
}
_COMPARE: Final[dict[str, type[ast.cmpop]]] = {
    "LessThan": ast.Lt,
    "GreaterThan": ast.Gt,
    "Equal": ast.Eq,
    "LessThanEqual": ast.LtE,
    "GreaterThanEqual": ast.GtE,
    "NotEqual": ast.NotEq,
    "In": ast.In,
    "NotIn": ast.NotIn,
    "Is": ast.Is,
    "IsNot": ast.IsNot,
}
_CONSTANTS: Final = {"None": None, "True": True, "False": False}


def lower(path: str, text: str) -> ast.Module:
    """The tree of a file. Raises: SourceError for what libcst cannot parse either."""
    _refuse_what_would_crash(path, text)
    outcome: list[ast.Module | SourceError] = []
    worker = threading.Thread(target=lambda: outcome.append(_lowered(path, text)))
    before = threading.stack_size(_STACK)
    try:
        worker.start()
    finally:
        threading.stack_size(before)
    worker.join()
    if not outcome:  # the thread died of something that is no Exception
        raise SourceError(path, 1, 1, "cannot be parsed")
    (found,) = outcome
    if isinstance(found, SourceError):
        raise found
    return found


def _refuse_what_would_crash(path: str, text: str) -> None:
    depth = 0
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > _LINE:
            raise SourceError(path, number, 1, "cannot be parsed: the line is too long")
        # Brackets in strings and comments count too: a file with two hundred of them is odd enough.
        for char in line:
            if char in "([{":
                depth += 1
                if depth > _BRACKETS:
                    raise SourceError(path, number, 1, _TOO_DEEP)
            elif char in ")]}":
                depth = max(depth - 1, 0)


def _lowered(path: str, text: str) -> ast.Module | SourceError:
    try:
        module = cst.parse_module(text)
        wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        positions = wrapper.resolve(PositionProvider)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _Lowering(module, positions, _lines(text)).module()
    except cst.ParserSyntaxError as error:
        return _syntax_error(path, text, error)
    except (RecursionError, MemoryError):
        return SourceError(path, 1, 1, _TOO_DEEP)
    except Exception as error:  # noqa: BLE001 - libcst fails in ways of its own on odd files
        return SourceError(path, 1, 1, f"cannot be parsed: {error}".splitlines()[0])


def _syntax_error(path: str, text: str, error: cst.ParserSyntaxError) -> SourceError:
    # The attributes hold the beginning of the line; the place itself is in the message only.
    place = _ERROR_AT.search(error.message)
    line, column = (int(place[1]), int(place[2])) if place else (error.raw_line, 1)
    line = max(1, min(line, text.rstrip().count("\n") + 1))
    return SourceError(path, line, max(column, 1), "syntax error: invalid syntax")


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


class _Lowering:
    """One module. Methods are named after libcst's nodes, and give ast's."""

    def __init__(self, module: cst.Module, positions: Any, lines: list[str]) -> None:
        self.root = module
        self.positions = positions
        self.lines = lines
        # A semicolon behind a block's last statement is no part of that, but one of the block.
        self.ends: dict[int, _Place] = {}

    def module(self) -> ast.Module:
        return ast.Module(body=self.statements(self.root.body), type_ignores=[])

    # ------------------------------------------------------------ places

    def range(self, node: cst.CSTNode) -> tuple[_Place, _Place]:
        """Where a node stands by itself: without the parentheses around it."""
        found: CodeRange = self.positions[node]
        start, end = found.start, found.end
        return (start.line, start.column), (end.line, end.column)

    def outer(self, node: Any) -> tuple[_Place, _Place]:
        """With the parentheses around it."""
        lpar: Sequence[cst.LeftParen] = getattr(node, "lpar", ())
        if lpar:
            return self.range(lpar[0])[0], self.range(node.rpar[-1])[1]
        return self.range(node)

    def own(self, node: Any) -> tuple[_Place, _Place]:
        """With the innermost parentheses: a tuple's and a generator's are its own."""
        if node.lpar:
            return self.range(node.lpar[-1])[0], self.range(node.rpar[0])[1]
        start, end = self.range(node)
        return start, self.trimmed(end)

    def trimmed(self, end: _Place) -> _Place:
        """Without the blanks behind a trailing comma."""
        line, column = end
        return line, len(self.lines[line - 1][:column].rstrip())

    def at(self, new: Any, place: tuple[_Place, _Place]) -> Any:
        (new.lineno, start), (new.end_lineno, end) = place
        new.col_offset = self.offset(new.lineno, start)
        new.end_col_offset = self.offset(new.end_lineno, end)
        return new

    def offset(self, line: int, column: int) -> int:
        """ast counts bytes of UTF-8."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if text.isascii():
            return column
        return len(text[:column].encode("utf-8", "surrogatepass"))

    def until(self, new: Any, start: cst.CSTNode, last: Any) -> Any:
        """A compound statement ends where its last statement does."""
        (line, column), _ = self.range(start)
        new.lineno = line
        new.col_offset = self.offset(line, column)
        new.end_lineno = last.end_lineno
        new.end_col_offset = last.end_col_offset
        semicolon = self.ends.get(id(last))
        if semicolon is not None:
            new.end_lineno = semicolon[0]
            new.end_col_offset = self.offset(*semicolon)
        return new

    # ------------------------------------------------------------ statements

    def statements(self, body: Iterable[Any]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for node in body:
            if isinstance(node, cst.SimpleStatementLine):
                found += self.simple(node.body)
            else:
                found.append(self.statement(node))
        return found

    def statement(self, node: Any) -> ast.stmt:
        new: ast.stmt = getattr(self, f"_{type(node).__name__}")(node)
        if not hasattr(new, "lineno"):
            self.at(new, self.range(node))
        return new

    def block(self, node: Any) -> list[ast.stmt]:
        if isinstance(node, cst.SimpleStatementSuite):
            return self.simple(node.body)
        return self.statements(node.body)

    def simple(self, body: Sequence[cst.BaseSmallStatement]) -> list[ast.stmt]:
        found = [self.statement(each) for each in body]
        semicolon = body[-1].semicolon
        if isinstance(semicolon, cst.Semicolon):
            self.ends[id(found[-1])] = self.found(";", *self.range(semicolon))
        return found

    def _Expr(self, node: cst.Expr) -> Any:
        return self.at(ast.Expr(self.expression(node.value)), self.outer(node.value))

    def _Pass(self, node: cst.Pass) -> Any:
        return ast.Pass()

    def _Break(self, node: cst.Break) -> Any:
        return ast.Break()

    def _Continue(self, node: cst.Continue) -> Any:
        return ast.Continue()

    def _Return(self, node: cst.Return) -> Any:
        return ast.Return(self.optional(node.value))

    def _Raise(self, node: cst.Raise) -> Any:
        cause = node.cause
        item = cause.item if isinstance(cause, cst.From) else None
        return ast.Raise(self.optional(node.exc), self.optional(item))

    def _Assert(self, node: cst.Assert) -> Any:
        return ast.Assert(self.expression(node.test), self.optional(node.msg))

    def _Del(self, node: cst.Del) -> Any:
        target = node.target
        if isinstance(target, cst.Tuple) and not target.lpar:
            targets = [self.expression(each, ast.Del()) for each in target.elements]
        else:
            targets = [self.expression(target, ast.Del())]
        return ast.Delete(targets)

    def _Global(self, node: cst.Global) -> Any:
        return ast.Global([item.name.value for item in node.names])

    def _Nonlocal(self, node: cst.Nonlocal) -> Any:
        return ast.Nonlocal([item.name.value for item in node.names])

    def _Import(self, node: cst.Import) -> Any:
        return ast.Import([self.alias(each) for each in node.names])

    def _ImportFrom(self, node: cst.ImportFrom) -> Any:
        module = None if node.module is None else _dotted(node.module)
        names = node.names
        if isinstance(names, cst.ImportStar):
            aliases = [self.at(ast.alias("*", None), self.range(names))]
        else:
            aliases = [self.alias(each) for each in names]
        return ast.ImportFrom(module, aliases, len(node.relative))

    # Of Python 3.15: bound when first used, which is all the same to who reads the code.
    _LazyImport = _Import
    _LazyImportFrom = _ImportFrom

    def alias(self, node: cst.ImportAlias) -> Any:
        start, end = self.range(node.name)
        name = None
        if node.asname is not None:
            assert isinstance(node.asname.name, cst.Name)
            name = node.asname.name.value
            end = self.range(node.asname.name)[1]
        return self.at(ast.alias(_dotted(node.name), name), (start, end))

    def _Assign(self, node: cst.Assign) -> Any:
        targets = [self.expression(each.target, ast.Store()) for each in node.targets]
        return ast.Assign(targets, self.expression(node.value))

    def _AnnAssign(self, node: cst.AnnAssign) -> Any:
        target = self.expression(node.target, ast.Store())
        simple = int(isinstance(node.target, cst.Name) and not node.target.lpar)
        annotation = self.expression(node.annotation.annotation)
        return ast.AnnAssign(target, annotation, self.optional(node.value), simple)

    def _AugAssign(self, node: cst.AugAssign) -> Any:
        operator = _BINARY[type(node.operator).__name__.removesuffix("Assign")]()
        target = self.expression(node.target, ast.Store())
        return ast.AugAssign(target, operator, self.expression(node.value))

    def _TypeAlias(self, node: cst.TypeAlias) -> Any:
        name, value = self.expression(node.name, ast.Store()), self.expression(node.value)
        if hasattr(ast, "TypeAlias"):
            return ast.TypeAlias(name, self.type_parameters(node.type_parameters), value)
        return ast.Assign([name], value)

    def _If(self, node: cst.If) -> Any:
        # A loop: a chain of elif may be longer than the stack is deep.
        chain = [node]
        while isinstance(chain[-1].orelse, cst.If):
            chain.append(chain[-1].orelse)
        last = chain[-1].orelse
        orelse = [] if last is None else self.block(last.body)
        new: Any = None
        for each in reversed(chain):
            new = ast.If(self.expression(each.test), self.block(each.body), orelse)
            self.until(new, each, (orelse or new.body)[-1])
            orelse = [new]
        return new

    def orelse(self, node: cst.Else | None) -> list[ast.stmt]:
        return [] if node is None else self.block(node.body)

    def _While(self, node: cst.While) -> Any:
        new = ast.While(self.expression(node.test), self.block(node.body), self.orelse(node.orelse))
        return self.until(new, node, (new.orelse or new.body)[-1])

    def _For(self, node: cst.For) -> Any:
        kind: Any = ast.For if node.asynchronous is None else ast.AsyncFor
        new = kind(
            self.expression(node.target, ast.Store()),
            self.expression(node.iter),
            self.block(node.body),
            self.orelse(node.orelse),
        )
        return self.until(new, node, (new.orelse or new.body)[-1])

    def _With(self, node: cst.With) -> Any:
        kind: Any = ast.With if node.asynchronous is None else ast.AsyncWith
        items = [
            ast.withitem(
                self.expression(item.item),
                None if item.asname is None else self.expression(item.asname.name, ast.Store()),
            )
            for item in node.items
        ]
        new = kind(items, self.block(node.body))
        return self.until(new, node, new.body[-1])

    def _Try(self, node: cst.Try | cst.TryStar) -> Any:
        kind: Any = ast.Try if isinstance(node, cst.Try) else ast.TryStar
        new = kind(
            self.block(node.body),
            [self.handler(each) for each in node.handlers],
            self.orelse(node.orelse),
            [] if node.finalbody is None else self.block(node.finalbody.body),
        )
        return self.until(new, node, (new.finalbody or new.orelse or new.handlers)[-1])

    _TryStar = _Try

    def handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> Any:
        name = None
        if node.name is not None:
            assert isinstance(node.name.name, cst.Name)
            name = node.name.name.value
        new = ast.ExceptHandler(self.optional(node.type), name, self.block(node.body))
        return self.until(new, node, new.body[-1])

    def _FunctionDef(self, node: cst.FunctionDef) -> Any:
        kind: Any = ast.FunctionDef if node.asynchronous is None else ast.AsyncFunctionDef
        new = kind(
            name=node.name.value,
            args=self.parameters(node.params),
            body=self.block(node.body),
            decorator_list=[self.expression(each.decorator) for each in node.decorators],
            returns=None if node.returns is None else self.expression(node.returns.annotation),
        )
        self.add_type_parameters(new, node.type_parameters)
        return self.until(new, node, new.body[-1])

    def _ClassDef(self, node: cst.ClassDef) -> Any:
        arguments = [*node.bases, *node.keywords]
        new = ast.ClassDef(
            name=node.name.value,
            bases=[self.argument(each) for each in arguments if _is_positional(each)],
            keywords=[self.keyword(each) for each in arguments if not _is_positional(each)],
            body=self.block(node.body),
            decorator_list=[self.expression(each.decorator) for each in node.decorators],
        )
        self.add_type_parameters(new, node.type_parameters)
        return self.until(new, node, new.body[-1])

    def add_type_parameters(self, new: Any, node: cst.TypeParameters | None) -> None:
        if "type_params" in new._fields:
            new.type_params = self.type_parameters(node)

    def type_parameters(self, node: cst.TypeParameters | None) -> list[Any]:
        return [] if node is None else [self.type_parameter(each) for each in node.params]

    def type_parameter(self, node: cst.TypeParam) -> Any:
        param = node.param
        kinds: Any = ast  # of Python 3.12
        new: Any
        match param:
            case cst.TypeVar():
                new = kinds.TypeVar(param.name.value, self.optional(param.bound))
            case cst.TypeVarTuple():
                new = kinds.TypeVarTuple(param.name.value)
            case _:
                new = kinds.ParamSpec(param.name.value)
        start, end = self.range(param)
        if "default_value" in new._fields:
            new.default_value = self.optional(node.default)
            if node.default is not None:
                if node.star:
                    new.default_value = self.starred(new.default_value, node.star)
                end = self.outer(node.default)[1]
        return self.at(new, (start, end))

    def starred(self, value: ast.expr, star: str) -> ast.expr:
        new = ast.Starred(value, ast.Load())
        new.lineno, new.end_lineno = value.lineno, value.end_lineno
        new.col_offset = value.col_offset - len(star)
        new.end_col_offset = value.end_col_offset
        return new

    def parameters(self, node: cst.Parameters) -> ast.arguments:
        ordered = [*node.posonly_params, *node.params]
        rest, keywords = node.star_arg, node.star_kwarg
        return ast.arguments(
            posonlyargs=[self.parameter(each) for each in node.posonly_params],
            args=[self.parameter(each) for each in node.params],
            vararg=self.parameter(rest) if isinstance(rest, cst.Param) else None,
            kwonlyargs=[self.parameter(each) for each in node.kwonly_params],
            kw_defaults=[self.optional(each.default) for each in node.kwonly_params],
            kwarg=None if keywords is None else self.parameter(keywords),
            defaults=[self.expression(each.default) for each in ordered if each.default],
        )

    def parameter(self, node: cst.Param) -> ast.arg:
        start, end = self.range(node.name)
        annotation = None
        if node.annotation is not None:
            annotation = self.expression(node.annotation.annotation)
            end = self.outer(node.annotation.annotation)[1]
        new: ast.arg = self.at(ast.arg(node.name.value, annotation), (start, end))
        return new

    # ------------------------------------------------------------ match

    def _Match(self, node: cst.Match) -> Any:
        cases = [
            ast.match_case(
                self.pattern(case.pattern), self.optional(case.guard), self.block(case.body)
            )
            for case in node.cases
        ]
        new = ast.Match(self.expression(node.subject), cases)
        return self.until(new, node, cases[-1].body[-1])

    def pattern(self, node: Any) -> Any:
        new = getattr(self, f"_{type(node).__name__}")(node)
        if not hasattr(new, "lineno"):
            self.at(new, self.range(node))
        return new

    def _MatchValue(self, node: cst.MatchValue) -> Any:
        value = self.expression(node.value)
        return self.at(ast.MatchValue(value), self.range(node.value))

    def _MatchSingleton(self, node: cst.MatchSingleton) -> Any:
        new = ast.MatchSingleton(_CONSTANTS[node.value.value])
        return self.at(new, self.range(node.value))

    def _MatchList(self, node: cst.MatchList) -> Any:
        new = ast.MatchSequence([self.element_pattern(each) for each in node.patterns])
        if node.lbracket is None or node.rbracket is None:
            start, end = self.range(node)
            return self.at(new, (start, self.trimmed(end)))
        return self.at(new, (self.range(node.lbracket)[0], self.range(node.rbracket)[1]))

    def _MatchTuple(self, node: cst.MatchTuple) -> Any:
        new = ast.MatchSequence([self.element_pattern(each) for each in node.patterns])
        return self.at(new, self.own(node))

    def element_pattern(self, node: Any) -> Any:
        if isinstance(node, cst.MatchStar):
            name = None if node.name is None or node.name.value == "_" else node.name.value
            (line, column), end = self.range(node)
            if node.name is not None:
                end = self.range(node.name)[1]
            else:  # `*_`: libcst has no node for the underscore
                end = self.found("_", (line, column), end)
            return self.at(ast.MatchStar(name), ((line, column), end))
        return self.pattern(node.value)

    def _MatchMapping(self, node: cst.MatchMapping) -> Any:
        return ast.MatchMapping(
            [self.expression(each.key) for each in node.elements],
            [self.pattern(each.pattern) for each in node.elements],
            None if node.rest is None else node.rest.value,
        )

    def _MatchClass(self, node: cst.MatchClass) -> Any:
        return ast.MatchClass(
            self.expression(node.cls),
            [self.pattern(each.value) for each in node.patterns],
            [each.key.value for each in node.kwds],
            [self.pattern(each.pattern) for each in node.kwds],
        )

    def _MatchAs(self, node: cst.MatchAs) -> Any:
        pattern = None if node.pattern is None else self.pattern(node.pattern)
        name = None if node.name is None or node.name.value == "_" else node.name.value
        return ast.MatchAs(pattern, name)

    def _MatchOr(self, node: cst.MatchOr) -> Any:
        return ast.MatchOr([self.pattern(each.pattern) for each in node.patterns])

    # ------------------------------------------------------------ expressions

    def optional(self, node: Any) -> Any:
        return None if node is None else self.expression(node)

    def expression(self, node: Any, context: ast.expr_context | None = None) -> Any:
        """context: of a target; None for what is read."""
        name = type(node).__name__
        if name in _TARGETS:
            new = getattr(self, f"_{name}")(node, context or ast.Load())
        else:
            new = getattr(self, f"_{name}")(node)
        if not hasattr(new, "lineno"):
            self.at(new, self.range(node))
        return new

    def _Name(self, node: cst.Name, context: ast.expr_context) -> Any:
        if node.value in _CONSTANTS:
            return ast.Constant(_CONSTANTS[node.value])
        return ast.Name(node.value, context)

    def _Attribute(self, node: cst.Attribute, context: ast.expr_context) -> Any:
        return ast.Attribute(self.expression(node.value), node.attr.value, context)

    def _Subscript(self, node: cst.Subscript, context: ast.expr_context) -> Any:
        value = self.expression(node.value)
        elements = node.slice
        first = elements[0]
        lone = len(elements) == 1 and not isinstance(first.comma, cst.Comma)
        if lone and not (isinstance(first.slice, cst.Index) and first.slice.star):
            return ast.Subscript(value, self.slice(first.slice), context)
        index = ast.Tuple([self.slice(each.slice) for each in elements], ast.Load())
        last = elements[-1]
        end = self.slice_place(last.slice)[1]
        if isinstance(last.comma, cst.Comma):
            end = self.found(",", *self.range(last.comma))
        self.at(index, (self.slice_place(first.slice)[0], end))
        return ast.Subscript(value, index, context)

    def found(self, char: str, start: _Place, end: _Place) -> _Place:
        """Behind a character that is somewhere between two places; comments do not count."""
        line, column = start
        while (line, column) < end:
            text = self.lines[line - 1]
            at = text.find(char, column)
            if at >= 0 and "#" not in text[column:at]:
                return line, at + 1
            line, column = line + 1, 0
        return end

    def slice(self, node: cst.BaseSlice) -> Any:
        if isinstance(node, cst.Slice):
            new: Any = ast.Slice(
                self.optional(node.lower), self.optional(node.upper), self.optional(node.step)
            )
            return self.at(new, self.slice_place(node))
        assert isinstance(node, cst.Index)
        value = self.expression(node.value)
        if not node.star:
            return value
        return self.at(ast.Starred(value, ast.Load()), self.slice_place(node))

    def slice_place(self, node: cst.BaseSlice) -> tuple[_Place, _Place]:
        start, end = self.range(node)
        if isinstance(node, cst.Slice):
            return start, self.slice_end(node, end)
        assert isinstance(node, cst.Index)
        outer = self.outer(node.value)
        return (start, outer[1]) if node.star else outer

    def slice_end(self, node: cst.Slice, end: _Place) -> _Place:
        for part in (node.step, node.upper):
            if part is not None and not (
                part is node.upper and isinstance(node.second_colon, cst.Colon)
            ):
                return self.outer(part)[1]
        return self.trimmed(end)

    def _StarredElement(self, node: cst.StarredElement, context: ast.expr_context) -> Any:
        new = ast.Starred(self.expression(node.value, context), context)
        return self.at(new, (self.range(node)[0], self.outer(node.value)[1]))

    def _Element(self, node: cst.Element, context: ast.expr_context) -> Any:
        return self.expression(node.value, context)

    def _Tuple(self, node: cst.Tuple, context: ast.expr_context) -> Any:
        elements = [self.expression(each, _again(context)) for each in node.elements]
        return self.at(ast.Tuple(elements, context), self.own(node))

    def _List(self, node: cst.List, context: ast.expr_context) -> Any:
        return ast.List([self.expression(each, _again(context)) for each in node.elements], context)

    def _Set(self, node: cst.Set) -> Any:
        return ast.Set([self.expression(each) for each in node.elements])

    def _Dict(self, node: cst.Dict) -> Any:
        keys = [
            self.expression(each.key) if isinstance(each, cst.DictElement) else None
            for each in node.elements
        ]
        return ast.Dict(keys, [self.expression(each.value) for each in node.elements])

    def _Integer(self, node: cst.Integer) -> Any:
        return ast.Constant(ast.literal_eval(node.value))

    _Float = _Integer
    _Imaginary = _Integer

    def _Ellipsis(self, node: cst.Ellipsis) -> Any:
        return ast.Constant(...)

    def _BinaryOperation(self, node: cst.BinaryOperation) -> Any:
        # A loop: a sum may have more terms than the stack is deep.
        chain = [node]
        while isinstance(chain[-1].left, cst.BinaryOperation):
            chain.append(chain[-1].left)
        new = self.expression(chain[-1].left)
        for each in reversed(chain):
            operator = _BINARY[type(each.operator).__name__]()
            new = ast.BinOp(new, operator, self.expression(each.right))
            self.at(new, self.range(each))
        return new

    def _BooleanOperation(self, node: cst.BooleanOperation) -> Any:
        kind = type(node.operator)
        values = [node.right]
        left: cst.BaseExpression = node.left
        while (
            isinstance(left, cst.BooleanOperation) and type(left.operator) is kind and not left.lpar
        ):
            values.append(left.right)
            left = left.left
        values.append(left)
        operator = ast.And() if kind is cst.And else ast.Or()
        return ast.BoolOp(operator, [self.expression(each) for each in reversed(values)])

    def _UnaryOperation(self, node: cst.UnaryOperation) -> Any:
        operator = _UNARY[type(node.operator).__name__]()
        return ast.UnaryOp(operator, self.expression(node.expression))

    def _Comparison(self, node: cst.Comparison) -> Any:
        return ast.Compare(
            self.expression(node.left),
            [_COMPARE[type(each.operator).__name__]() for each in node.comparisons],
            [self.expression(each.comparator) for each in node.comparisons],
        )

    def _IfExp(self, node: cst.IfExp) -> Any:
        return ast.IfExp(
            self.expression(node.test), self.expression(node.body), self.expression(node.orelse)
        )

    def _Lambda(self, node: cst.Lambda) -> Any:
        return ast.Lambda(self.parameters(node.params), self.expression(node.body))

    def _NamedExpr(self, node: cst.NamedExpr) -> Any:
        return ast.NamedExpr(self.expression(node.target, ast.Store()), self.expression(node.value))

    def _Await(self, node: cst.Await) -> Any:
        return ast.Await(self.expression(node.expression))

    def _Yield(self, node: cst.Yield) -> Any:
        if isinstance(node.value, cst.From):
            return ast.YieldFrom(self.expression(node.value.item))
        return ast.Yield(self.optional(node.value))

    def _Call(self, node: cst.Call) -> Any:
        arguments = node.args
        new = ast.Call(
            self.expression(node.func),
            [self.argument(each) for each in arguments if _is_positional(each)],
            [self.keyword(each) for each in arguments if not _is_positional(each)],
        )
        if len(arguments) == 1:
            value = arguments[0].value
            if isinstance(value, cst.GeneratorExp) and not value.lpar:
                # The parentheses of the call are the generator's too.
                end = self.range(node)[1]
                line, column = self.found("(", self.outer(node.func)[1], end)
                self.at(new.args[0], ((line, column - 1), end))
        return new

    def argument(self, node: cst.Arg) -> Any:
        value = self.expression(node.value)
        if node.star != "*":
            return value
        new = ast.Starred(value, ast.Load())
        return self.at(new, (self.range(node)[0], self.outer(node.value)[1]))

    def keyword(self, node: cst.Arg) -> Any:
        name = None if node.keyword is None else node.keyword.value
        start = self.range(node if node.keyword is None else node.keyword)[0]
        new = ast.keyword(name, self.expression(node.value))
        return self.at(new, (start, self.outer(node.value)[1]))

    # ------------------------------------------------------------ comprehensions

    def generators(self, node: cst.CompFor) -> list[ast.comprehension]:
        found: list[ast.comprehension] = []
        each: cst.CompFor | None = node
        while each is not None:
            found.append(
                ast.comprehension(
                    self.expression(each.target, ast.Store()),
                    self.expression(each.iter),
                    [self.expression(condition.test) for condition in each.ifs],
                    int(each.asynchronous is not None),
                )
            )
            each = each.inner_for_in
        return found

    def _GeneratorExp(self, node: cst.GeneratorExp) -> Any:
        new = ast.GeneratorExp(self.expression(node.elt), self.generators(node.for_in))
        return self.at(new, self.own(node))

    def _ListComp(self, node: cst.ListComp) -> Any:
        return ast.ListComp(self.expression(node.elt), self.generators(node.for_in))

    def _SetComp(self, node: cst.SetComp) -> Any:
        return ast.SetComp(self.expression(node.elt), self.generators(node.for_in))

    def _DictComp(self, node: cst.DictComp) -> Any:
        return ast.DictComp(
            self.expression(node.key), self.expression(node.value), self.generators(node.for_in)
        )

    def _StarredDictComp(self, node: Any) -> Any:
        # Of Python 3.15: a comprehension over mappings; the nearest is one over their items.
        value = self.expression(node.value)
        return ast.DictComp(value, value, self.generators(node.for_in))

    # ------------------------------------------------------------ strings

    def _SimpleString(self, node: cst.SimpleString) -> Any:
        kind = "u" if node.value[0] in "uU" else None
        return ast.Constant(ast.literal_eval(node.value), kind=kind)

    def _ConcatenatedString(self, node: cst.ConcatenatedString) -> Any:
        parts: list[Any] = [node.left]
        rest: Any = node.right
        while isinstance(rest, cst.ConcatenatedString):
            parts.append(rest.left)
            rest = rest.right
        parts.append(rest)
        if all(isinstance(part, cst.SimpleString) for part in parts):
            values = [ast.literal_eval(part.value) for part in parts]
            kind = "u" if parts[0].value[0] in "uU" else None
            return ast.Constant(values[0][:0].join(values), kind=kind)
        values = [value for part in parts for value in self.string_values(part)]
        return self.formatted(values, _is_template(parts))

    def _FormattedString(self, node: Any) -> Any:
        return self.formatted(self.string_values(node), _is_template([node]))

    _TemplatedString = _FormattedString

    def formatted(self, values: list[Any], template: bool) -> Any:
        kind: Any = getattr(ast, "TemplateStr", ast.JoinedStr) if template else ast.JoinedStr
        return kind(_merged(values))

    def string_values(self, node: Any) -> list[Any]:
        if isinstance(node, cst.SimpleString):
            return [self.expression(node)]
        quote = node.end
        raw = "r" in node.start.lower().removesuffix(quote)
        interpolation = getattr(ast, "Interpolation", None) if _is_template([node]) else None
        return self.parts(node.parts, quote, raw, interpolation)

    def parts(self, nodes: Iterable[Any], quote: str, raw: bool, interpolation: Any) -> list[Any]:
        found: list[Any] = []
        for node in nodes:
            if isinstance(node, cst.FormattedStringText | cst.TemplatedStringText):
                text = _text(node.value, quote, raw)
                found.append(self.at(ast.Constant(text), self.range(node)))
            else:
                found += self.replacement(node, quote, raw, interpolation)
        return found

    def replacement(self, node: Any, quote: str, raw: bool, interpolation: Any) -> list[Any]:
        """A field in braces: what it gives, behind its own text when it ends with `=`."""
        found: list[Any] = []
        conversion = ord(node.conversion) if node.conversion else -1
        code = self.root.code_for_node(node.expression)
        if node.equal is not None:
            shown = (
                self.root.code_for_node(node.whitespace_before_expression)
                + code
                + self.root.code_for_node(node.equal)
            )
            line, column = self.range(node)[0]
            *lines, last = shown.split("\n")
            end = (line + len(lines), len(last) + (0 if lines else column + 1))
            found.append(self.at(ast.Constant(shown), ((line, column + 1), end)))
            if conversion == -1 and node.format_spec is None:
                conversion = ord("r")
        spec = None
        if node.format_spec is not None:
            values = self.parts(node.format_spec, quote, raw, None)
            spec = self.at(ast.JoinedStr(_merged(values)), self.spec_place(node))
        value = self.expression(node.expression)
        if interpolation is not None:
            new = interpolation(value, code, conversion, spec)
        else:
            new = ast.FormattedValue(value, conversion, spec)
        found.append(self.at(new, self.range(node)))
        return found

    def spec_place(self, node: Any) -> tuple[_Place, _Place]:
        line, column = self.range(node)[1]
        end = (line, column - 1)
        if not node.format_spec:
            return (line, column - 2), end
        first_line, first_column = self.range(node.format_spec[0])[0]
        return (first_line, first_column - 1), end


_TARGETS: Final = frozenset(
    {"Name", "Attribute", "Subscript", "StarredElement", "Element", "Tuple", "List"}
)


def _again(context: ast.expr_context) -> ast.expr_context:
    return type(context)()


def _is_positional(node: cst.Arg) -> bool:
    return node.keyword is None and node.star != "**"


def _is_template(parts: Iterable[Any]) -> bool:
    return any(isinstance(part, cst.TemplatedString) for part in parts)


def _dotted(node: Any) -> str:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    parts.append(node.value)
    return ".".join(reversed(parts))


def _text(value: str, quote: str, raw: bool) -> str:
    """What a piece of an f-string between its fields stands for."""
    value = value.replace("{{", "{").replace("}}", "}")
    if raw or "\\" not in value:
        return value.replace("\r\n", "\n").replace("\r", "\n")
    # A blank at the end keeps a last quote or backslash from meaning something else.
    return str(ast.literal_eval(f"{quote}{value} {quote}"))[:-1]


def _merged(values: Iterable[Any]) -> list[Any]:
    """Text beside text is one text, and no text is none."""
    found: list[Any] = []
    for value in values:
        if isinstance(value, ast.Constant):
            if value.value == "":
                continue
            if found and isinstance(found[-1], ast.Constant):
                last = found[-1]
                last.value = str(last.value) + str(value.value)
                last.end_lineno, last.end_col_offset = value.end_lineno, value.end_col_offset
                continue
        found.append(value)
    return found
