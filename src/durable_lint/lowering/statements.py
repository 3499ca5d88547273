"""Statements of libcst as those of ast. Invariant: a compound one ends where its last one does."""

import ast
from collections.abc import Iterable, Sequence
from typing import Any

import libcst as cst

from durable_lint.lowering.expressions import BINARY, is_positional
from durable_lint.lowering.patterns import Patterns

__all__ = ["Statements"]


class Statements(Patterns):
    """One module."""

    def module(self) -> ast.Module:
        return ast.Module(body=self.statements(self.root.body), type_ignores=[])

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
        operator = BINARY[type(node.operator).__name__.removesuffix("Assign")]()
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
            bases=[self.argument(each) for each in arguments if is_positional(each)],
            keywords=[self.keyword(each) for each in arguments if not is_positional(each)],
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

    def _Match(self, node: cst.Match) -> Any:
        cases = [
            ast.match_case(
                self.pattern(case.pattern), self.optional(case.guard), self.block(case.body)
            )
            for case in node.cases
        ]
        new = ast.Match(self.expression(node.subject), cases)
        return self.until(new, node, cases[-1].body[-1])


def _dotted(node: Any) -> str:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    parts.append(node.value)
    return ".".join(reversed(parts))
