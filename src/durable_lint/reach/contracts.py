"""A contract is what the definition of an orchestrator or activity promises whoever calls it.

It is judged here, by name, place and signature alone: what bodies do is for others to say.
"""

from __future__ import annotations

import ast

from durable_lint.model import Finding, Span
from durable_lint.reach.forms import Forms
from durable_lint.reach.knowledge import Knowledge
from durable_lint.reach.observations import ContractFault, Fault, Pending
from durable_lint.reach.places import Place
from durable_lint.reach.scopes import Function, Module
from durable_lint.reach.values import Definition

__all__ = ["Contracts", "head_of"]


class Contracts:
    """Judges definitions, in the order in which they are met."""

    def __init__(self, analysis: Knowledge) -> None:
        self._analysis = analysis
        self._forms = Forms(analysis)
        self._findings: list[Finding] = []
        # The orchestrators of a package, by name and version.
        self._names: dict[tuple[str, str, str], tuple[Function, str]] = {}

    def judge(self, function: Function, made: Definition) -> None:
        """Judge what a decorator made of a function."""
        node = function.node
        if isinstance(node, ast.Lambda):
            return
        if made.kind is Pending.ORCHESTRATOR:
            self._same_name(function, made)
            if function.cls is not None:
                self._fault(function, Fault.METHOD, head_of(node, function.module), made)
            if not function.is_async:
                self._fault(function, Fault.NOT_ASYNC, head_of(node, function.module), made)
                return
            if node.returns is None:
                self._fault(
                    function, Fault.NO_RESULT_ANNOTATION, head_of(node, function.module), made
                )
        self._annotations(function, made)

    def judge_arguments(self, function: Function, made: Definition) -> None:
        """Judge a method that another library's orchestrator begins with: by its annotations that
        library makes arguments of what was stored, as ours does."""
        if isinstance(function.node, ast.Lambda):
            return
        for argument in _arguments(function)[1:]:
            if argument.annotation is None:
                span = function.module.source.span(argument)
                self._fault(function, Fault.NO_ANNOTATION, span, made, argument.arg)

    def _annotations(self, function: Function, made: Definition) -> None:
        node = function.node
        assert not isinstance(node, ast.Lambda)
        arguments = _arguments(function)
        if function.cls is not None and self._analysis.decorated(function)[0] != "static":
            arguments = arguments[1:]
        arguments.extend(rest for rest in (node.args.vararg, node.args.kwarg) if rest is not None)
        for argument in arguments:
            span = function.module.source.span(argument)
            if argument.annotation is None:
                if made.kind is Pending.ORCHESTRATOR:
                    self._fault(function, Fault.NO_ANNOTATION, span, made, argument.arg)
            else:
                text = f"{argument.arg}: {ast.unparse(argument.annotation)}"
                self._form(function, argument.annotation, span, made, text)
        if node.returns is not None:
            span = function.module.source.span(node.returns)
            self._form(function, node.returns, span, made, ast.unparse(node.returns))

    def _form(
        self, function: Function, annotation: ast.expr, span: Span, made: Definition, text: str
    ) -> None:
        """Values of a type have a form in which they can be stored."""
        lack = self._forms.lack(annotation, function)
        if lack is not None:
            self._fault(function, lack.fault, span, made, text, lack.part)

    def _same_name(self, function: Function, made: Definition) -> None:
        """Two orchestrators of one name in one package: nobody who has both can tell them apart."""
        name, version = _options(function, made)
        key = (self._analysis.package_of(function.module), name, version)
        known = self._names.get(key)
        self._analysis.links.names_of.setdefault(key[0], set()).add(function.module.path)
        if not _is_at_top(function):
            return  # in a branch: whoever runs the module has one of them
        if known is not None and known[0] is not function:
            other = known[0]
            detail = f"{other.module.path}:{other.line}"
            node = function.node
            assert not isinstance(node, ast.Lambda)
            self._fault(function, Fault.SAME_NAME, head_of(node, function.module), made, detail)
        else:
            self._names[key] = (function, version)

    def _fault(
        self,
        function: Function,
        fault: Fault,
        span: Span,
        made: Definition,
        detail: str = "",
        part: str = "",
    ) -> None:
        place = Place(function.module.path, span, function)
        seen = ContractFault(
            place=place,
            dialect=self._analysis.dialect_of(function.module),
            in_async=function.is_async,
            fault=fault,
            definition=made.name,
            kind=made.kind.value,
            detail=detail,
            part=part,
        )
        judged = self._analysis.judge(seen)
        if judged is None:
            return
        verdict = judged.verdict
        self._findings.append(
            Finding(
                path=place.path,
                span=place.span,
                code=judged.code,
                category=judged.category,
                message=verdict.message,
                function=place.qualname,
                subject=verdict.subject,
                fixable=verdict.fixable,
            )
        )


def _arguments(function: Function) -> list[ast.arg]:
    arguments = function.node.args
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _is_at_top(function: Function) -> bool:
    """Whether a function stands directly in its module or class, and not in a branch of it."""
    holder = function.cls.node if function.cls is not None else function.module.tree
    return function.parent is not None or any(node is function.node for node in holder.body)


def _options(function: Function, made: Definition) -> tuple[str, str]:
    """Name and version as the decorator gives them."""
    version = ""
    for decorator in function.decorators:
        if isinstance(decorator, ast.Call):
            for keyword in decorator.keywords:
                if keyword.arg == "version":
                    version = ast.unparse(keyword.value)
    return made.name, version


def head_of(node: ast.FunctionDef | ast.AsyncFunctionDef, module: Module) -> Span:
    """`async def name`, without the body."""
    span = module.source.span(node)
    word = "async def " if isinstance(node, ast.AsyncFunctionDef) else "def "
    return Span(span.line, span.column, span.line, span.column + len(word) + len(node.name))
