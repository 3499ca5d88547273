"""Roots are definitions of orchestrators and entities; everything that is reported hangs on one.

Contracts are judged here, because they are about definitions and not about what bodies do.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import attrs

from durable_lint.model import Finding, Span
from durable_lint.reach.facts import Key
from durable_lint.reach.knowledge import Knowledge
from durable_lint.reach.observations import ContractFault, Fault, Pending
from durable_lint.reach.scopes import Assigned, ClassScope, Function, Module
from durable_lint.reach.values import (
    Bound,
    Definition,
    External,
    Func,
    Object,
    Value,
    members_of,
)

__all__ = ["RootSet", "Roots"]

ENTITY: Final = "durable_async.entity"
TEMPORAL_CLASS: Final = "temporalio.workflow.defn"
TEMPORAL_METHODS: Final = frozenset(
    {
        "temporalio.workflow.run",
        "temporalio.workflow.signal",
        "temporalio.workflow.query",
        "temporalio.workflow.update",
        "temporalio.workflow.init",
    }
)
CONTEXTS: Final = frozenset(
    {"OrchestrationContext", "DurableOrchestrationContext", "DurableEntityContext"}
)
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


@attrs.frozen
class RootSet:
    """keys: what to reach from. looked_at: functions whose durable calls must be awaited, reached
    or not.

    findings: about contracts. everywhere: the code of a rule that counts in unreached code too.
    """

    keys: list[Key]
    looked_at: list[Key]
    findings: list[Finding]
    everywhere: str = "DUR133"


class Roots:
    """Finds the roots of files."""

    def __init__(self, analysis: Knowledge) -> None:
        self._analysis = analysis
        self._keys: dict[Key, None] = {}
        self._findings: list[Finding] = []
        # Names under which definitions are known.
        self._defined: set[str] = set(analysis.defined_elsewhere)
        self._names: dict[tuple[str, str, str], tuple[Function, str]] = {}

    def find(self, candidates: Sequence[str]) -> RootSet:
        looked_at: list[Key] = []
        modules = [
            module for path in candidates if (module := self._analysis.load(path)) is not None
        ]
        for module in modules:
            self._analysis.guarded(module.path, module.dotted, partial(self._module, module))
        for module in modules:
            looked_at.extend(
                Key(function, receiver_of(function), ())
                for function in functions_of(module)
                if self._may_drop(function)
            )
        return RootSet(list(self._keys), looked_at, self._findings)

    def _may_drop(self, function: Function) -> bool:
        """Whether a body names anything that is a definition somewhere."""
        scan = function.scan
        return not self._defined.isdisjoint(scan.loads) or not self._defined.isdisjoint(
            scan.attributes
        )

    def _module(self, module: Module) -> None:
        for name, bindings in module.bindings.items():
            for binding in bindings:
                if type(binding) is Function:
                    self._function(binding, self._analysis.decorated(binding)[1])
                elif type(binding) is ClassScope:
                    self._class(binding)
                elif type(binding) is Assigned:
                    self._assigned(module, name, binding)
        for function in functions_of(module):
            self._nested(function)
        self._registered(module)
        self._configured(module)

    def _assigned(self, module: Module, name: str, binding: Assigned) -> None:
        """`checkout = da.orchestrator(_checkout)` makes a root of what it wraps."""
        if not isinstance(binding.value, ast.Call):
            return
        for value in members_of(self._analysis.module_name(module, name)):
            if type(value) is Definition:
                self._define(module, name)
                if value.kind is Pending.ORCHESTRATOR:
                    self._target(value.target)

    def _define(self, module: Module, name: str) -> None:
        self._defined.add(name)
        self._analysis.links.defined.setdefault(module.path, set()).add(name)

    def _function(self, function: Function, value: Value) -> None:
        for part in members_of(value):
            if type(part) is Definition:
                self._define(function.module, function.name)
                if part.kind is Pending.ORCHESTRATOR:
                    self._target(part.target)
                self._contract(function, part)
                return
        if "durabletask" in self._analysis.options.dialects and self._is_generator_root(function):
            self._keys[Key(function, receiver_of(function), ())] = None

    def _target(self, value: Value) -> None:
        for part in members_of(value):
            match part:
                case Func(function, closure):
                    self._keys[Key(function, receiver_of(function), closure)] = None
                case Bound(func, receiver):
                    self._keys[Key(func.function, receiver, func.closure)] = None
                case Definition(_, _, inner):
                    self._target(inner)
                case Object(scope):
                    called = self._analysis.method(scope, "__call__")
                    if called is not None:
                        self._keys[Key(called, part, ())] = None
                case _:
                    pass

    def _class(self, scope: ClassScope) -> None:
        names = set(self._analysis.decorator_names(scope))
        if ENTITY in names:
            self._entity(scope)
        if TEMPORAL_CLASS in names and "temporalio" in self._analysis.options.dialects:
            self._temporal_class(scope)
        for name, bindings in scope.bindings.items():
            for binding in bindings:
                if type(binding) is Function:
                    self._function(binding, self._analysis.class_binding(scope, name)[1])
                elif type(binding) is ClassScope:
                    self._class(binding)

    def _entity(self, scope: ClassScope) -> None:
        """The public methods of an entity, inherited ones too, are its operations."""
        receiver = Object(scope)
        for owner in self._analysis.mro(scope):
            if not isinstance(owner, ClassScope):
                continue
            for name, bindings in owner.bindings.items():
                for binding in bindings:
                    if type(binding) is Function and not name.startswith("_"):
                        self._keys[Key(binding, receiver, ())] = None
        made = self._analysis.construction(scope)
        if made is not None:
            self._keys[made] = None
        for name in self._analysis.at_construction(scope):
            found = self._analysis.method(scope, name)
            if found is not None:
                self._keys[Key(found, receiver, ())] = None

    def _temporal_class(self, scope: ClassScope) -> None:
        receiver = Object(scope)
        for owner in self._analysis.mro(scope):
            if not isinstance(owner, ClassScope):
                continue
            for bindings in owner.bindings.values():
                for binding in bindings:
                    if type(binding) is Function and (
                        binding.name == "__init__"
                        or TEMPORAL_METHODS & set(self._analysis.decorator_names(binding))
                        or "?.validator" in self._analysis.decorator_names(binding)
                    ):
                        self._keys[Key(binding, receiver, ())] = None

    # ------------------------------------------------------------ generator orchestrators

    def _is_generator_root(self, function: Function) -> bool:
        names = self._analysis.decorator_names(function)
        if any(name.endswith((".orchestration_trigger", ".entity_trigger")) for name in names):
            return True
        arguments = [*function.node.args.posonlyargs, *function.node.args.args]
        first = arguments[0] if arguments else None
        if first is None or first.annotation is None or not function.scan.is_generator:
            return False
        text = ast.unparse(first.annotation).strip("'\"").rpartition(".")[2]
        return text in CONTEXTS

    def _registered(self, module: Module) -> None:
        """`worker.add_orchestrator(f)` and `df.Orchestrator.create(f)` name a root."""
        data = module.source.data
        if "durabletask" not in self._analysis.options.dialects or not (
            b"add_orchestrator" in data or b"Orchestrator" in data
        ):
            return
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"add_orchestrator", "create"}
                and len(node.args) == 1
                and isinstance(node.args[0], ast.Name)
                and (node.func.attr != "create" or "Orchestrator" in ast.unparse(node.func.value))
            ):
                self._target(self._analysis.module_name(module, node.args[0].id))

    def _configured(self, module: Module) -> None:
        """Roots that the configuration names: functions, or decorators that make roots."""
        for dotted in self._analysis.options.roots:
            holder, _, name = dotted.rpartition(".")
            if holder == module.dotted and name in module.bindings:
                self._target(self._analysis.module_name(module, name))
            self._configured_method(module, dotted)
            for bindings in module.bindings.values():
                for binding in bindings:
                    if type(binding) is Function and dotted in self._decorators(binding):
                        self._keys[Key(binding, None, ())] = None

    def _configured_method(self, module: Module, dotted: str) -> None:
        """A method that the configuration names: `module.Class.method`."""
        if not dotted.startswith(f"{module.dotted}."):
            return
        for function in functions_of(module):
            if function.cls is not None and dotted == f"{module.dotted}.{function.qualname}":
                self._keys[Key(function, receiver_of(function), ())] = None

    def _decorators(self, function: Function) -> Iterator[str]:
        for decorator in function.decorators:
            inner = decorator.func if isinstance(decorator, ast.Call) else decorator
            value = self._analysis.evaluate_quietly(inner, function.module, function.cls)
            if type(value) is Func:
                yield f"{value.function.module.dotted}.{value.function.qualname}"
            elif type(value) is External:
                yield value.name

    # ------------------------------------------------------------ contracts

    def _nested(self, holder: Function) -> None:
        """Orchestrators that are defined in a function have no name to be found by."""
        if isinstance(holder.node, ast.Lambda):
            return
        for node in holder.scan.functions:
            function = self._analysis.nested(node, holder.module, holder)
            if node.decorator_list:
                self._nested_root(function, node)
            self._nested(function)

    def _nested_root(
        self, function: Function, node: ast.FunctionDef | ast.AsyncFunctionDef
    ) -> None:
        for part in members_of(self._analysis.decorated(function)[1]):
            if type(part) is Definition and part.kind is Pending.ORCHESTRATOR:
                self._fault(function, Fault.NESTED, _head(node, function.module), part)
                self._keys[Key(function, None, ())] = None

    def _contract(self, function: Function, made: Definition) -> None:
        node = function.node
        if isinstance(node, ast.Lambda):
            return
        if made.kind is Pending.ORCHESTRATOR:
            self._same_name(function, made)
            if function.cls is not None:
                self._fault(function, Fault.METHOD, _head(node, function.module), made)
            if not function.is_async:
                self._fault(function, Fault.NOT_ASYNC, _head(node, function.module), made)
                return
            if node.returns is None:
                self._fault(
                    function, Fault.NO_RESULT_ANNOTATION, _head(node, function.module), made
                )
        self._annotations(function, made)

    def _annotations(self, function: Function, made: Definition) -> None:
        node = function.node
        assert not isinstance(node, ast.Lambda)
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        if function.cls is not None and self._analysis.decorated(function)[0] != "static":
            arguments = arguments[1:]
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
        """Two orchestrators of one name in one package: who is given both cannot tell them apart."""
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
            self._fault(function, Fault.SAME_NAME, _head(node, function.module), made, detail)
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
        code, category, verdict = judged
        self._findings.append(
            Finding(
                path=function.module.path,
                span=span,
                code=code,
                category=category,
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


def receiver_of(function: Function) -> Value | None:
    return Object(function.cls, exact=False) if function.cls is not None else None


def _head(node: ast.FunctionDef | ast.AsyncFunctionDef, module: Module) -> Span:
    """`async def name`, without the body."""
    span = module.source.span(node)
    word = "async def " if isinstance(node, ast.AsyncFunctionDef) else "def "
    return Span(span.line, span.column, span.line, span.column + len(word) + len(node.name))


def functions_of(module: Module) -> Iterator[Function]:
    """Every function of a module's top level and classes."""

    def of(bindings: dict[str, list[object]]) -> Iterator[Function]:
        for entries in bindings.values():
            for entry in entries:
                if type(entry) is Function:
                    yield entry
                elif type(entry) is ClassScope:
                    yield from of(entry.bindings)  # type: ignore[arg-type]

    yield from of(module.bindings)  # type: ignore[arg-type]
