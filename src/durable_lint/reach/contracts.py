"""A contract is what the definition of an orchestrator or activity promises whoever calls it.

It is judged here, by name, place and signature alone: what bodies do is for others to say.
"""

from __future__ import annotations

import ast
from typing import Final

from durable_lint.model import Finding, Span
from durable_lint.reach.knowledge import Knowledge
from durable_lint.reach.observations import ContractFault, Fault, Pending
from durable_lint.reach.scopes import Function, Module
from durable_lint.reach.values import Definition, External, Value, members_of

__all__ = ["Contracts", "head_of"]

# Values of these classes belong to a process; no converter takes them.
UNCONVERTIBLE_PREFIXES: Final = (
    "threading.",
    "_thread.",
    "socket.",
    "subprocess.",
    "concurrent.futures.",
    "multiprocessing.",
    "asyncio.",
    "sqlite3.",
    "io.",
    "logging.",
    "httpx.",
    "aiohttp.",
    "requests.",
    "sqlalchemy.",
    "redis.",
    "psycopg.",
    "psycopg2.",
    "asyncpg.",
    "boto3.",
    "queue.",
    "types.",
    "weakref.",
    "selectors.",
    "ssl.",
    "tempfile.",
)
UNCONVERTIBLE: Final = frozenset(
    {
        "collections.abc.Callable",
        "typing.Callable",
        "typing.Generator",
        "typing.Iterator",
        "typing.AsyncIterator",
        "typing.AsyncGenerator",
        "typing.Awaitable",
        "typing.Coroutine",
        "collections.abc.Generator",
        "collections.abc.Iterator",
        "collections.abc.AsyncIterator",
        "collections.abc.AsyncGenerator",
        "collections.abc.Awaitable",
        "collections.abc.Coroutine",
        "typing.IO",
        "typing.TextIO",
        "typing.BinaryIO",
        "contextvars.Context",
        "contextvars.ContextVar",
        "contextlib.ExitStack",
        "contextlib.AsyncExitStack",
    }
)
HOLDERS: Final = (
    "Client",
    "Session",
    "Connection",
    "Engine",
    "Pool",
    "Cursor",
    "Channel",
    "Socket",
)
CLIENTS: Final = frozenset(
    {
        *("OpenAI", "AsyncOpenAI", "AzureOpenAI", "AsyncAzureOpenAI"),
        *("Anthropic", "AsyncAnthropic"),
        *("Redis", "StrictRedis", "Elasticsearch", "AsyncElasticsearch", "Minio", "Mistral"),
    }
)
OURS: Final = ("builtins.", "durable_async.", "typing.", "collections.", "datetime.", "uuid.")
CONVERTIBLE: Final = frozenset({"asyncio.TimeoutError", "types.NoneType", "sqlite3.Row"})


class Contracts:
    """Judges definitions, in the order in which they are met."""

    def __init__(self, analysis: Knowledge) -> None:
        self._analysis = analysis
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

    def _annotations(self, function: Function, made: Definition) -> None:
        node = function.node
        assert not isinstance(node, ast.Lambda)
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        if function.cls is not None and self._analysis.decorated(function)[0] != "static":
            arguments = arguments[1:]
        arguments.extend(rest for rest in (node.args.vararg, node.args.kwarg) if rest is not None)
        for argument in arguments:
            span = function.module.source.span(argument)
            if argument.annotation is None:
                if made.kind is Pending.ORCHESTRATOR:
                    self._fault(function, Fault.NO_ANNOTATION, span, made, argument.arg)
            elif self._no_converter(argument.annotation, function):
                text = ast.unparse(argument.annotation)
                self._fault(function, Fault.NO_CONVERTER, span, made, f"{argument.arg}: {text}")
        if node.returns is not None and self._no_converter(node.returns, function):
            span = function.module.source.span(node.returns)
            self._fault(function, Fault.NO_CONVERTER, span, made, ast.unparse(node.returns))

    def _no_converter(self, annotation: ast.expr, function: Function) -> bool:
        """Whether a type, or a part of it, is one that belongs to a process."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                annotation = ast.parse(annotation.value, mode="eval").body
            except SyntaxError:
                return False
        match annotation:
            case ast.Subscript(head, inner):
                value = self._analysis.evaluate_quietly(head, function.module, function.cls)
                if type(value) is External and value.name in {"typing.Literal", "typing.Annotated"}:
                    return False
                parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                return self._no_converter(head, function) or any(
                    self._no_converter(part, function) for part in parts
                )
            case ast.BinOp(left, ast.BitOr(), right):
                return self._no_converter(left, function) or self._no_converter(right, function)
            case ast.Name() | ast.Attribute():
                value = self._analysis.evaluate_quietly(annotation, function.module, function.cls)
                return any(self._belongs_to_process(part) for part in members_of(value))
            case _:
                return False

    def _belongs_to_process(self, value: Value) -> bool:
        if type(value) is not External:
            return False
        name = value.name
        if name in CONVERTIBLE or name.endswith(("Error", "Exception", "Warning", "Enum")):
            return False
        last = name.rpartition(".")[2]
        if last[:1].islower() and not name.startswith(("socket.", "queue.")):
            return False
        if name in UNCONVERTIBLE or name.startswith(UNCONVERTIBLE_PREFIXES):
            return True
        # A client of somebody else's library holds a connection, whatever its library is called.
        return not name.startswith(OURS) and (last.endswith(HOLDERS) or last in CLIENTS)

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
        self, function: Function, fault: Fault, span: Span, made: Definition, detail: str = ""
    ) -> None:
        seen = ContractFault(
            span=span,
            dialect=self._analysis.dialect_of(function.module),
            in_async=function.is_async,
            fault=fault,
            definition=made.name,
            kind=made.kind.value,
            detail=detail,
        )
        judged = self._analysis.judge(seen)
        if judged is None:
            return
        verdict = judged.verdict
        self._findings.append(
            Finding(
                path=function.module.path,
                span=span,
                code=judged.code,
                category=judged.category,
                message=verdict.message,
                function=function.qualname,
                subject=verdict.subject,
                fixable=verdict.fixable,
            )
        )


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
