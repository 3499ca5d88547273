"""A type has a form when some value of it can be stored, as the converter stores it.

Invariant: what is said to have none is refused when it runs. A class has a form if all the fields
have that a stored value of it must have; those with a default, and those that the constructor does
not take, need not be there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final, NamedTuple

from durable_lint.reach.knowledge import Knowledge
from durable_lint.reach.observations import Fault
from durable_lint.reach.scopes import Assigned, ClassScope, Function, ImportFrom, Module
from durable_lint.reach.values import Class, External, Object, Value, members_of

__all__ = ["Forms", "Lack"]

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
UNIONS: Final = frozenset({"typing.Optional", "typing.Union"})
NOT_LOOKED_INTO: Final = frozenset(
    {
        *("typing.Literal", "typing.Annotated", "typing_extensions.Annotated"),
        *("typing.NotRequired", "typing_extensions.NotRequired"),
    }
)
REQUIRED: Final = frozenset({"typing.Required", "typing_extensions.Required"})
CLASS_VARIABLES: Final = frozenset({"typing.ClassVar"})
INIT_VARIABLES: Final = frozenset({"dataclasses.InitVar"})
DATA_CLASSES: Final = frozenset(
    {
        *("dataclasses.dataclass", "pydantic.dataclasses.dataclass"),
        *(f"attrs.{name}" for name in ("define", "frozen", "mutable")),
        *(f"attr.{name}" for name in ("define", "frozen", "mutable")),
        *("attr.s", "attr.attrs", "attr.dataclass"),
    }
)
NAMED_TUPLES: Final = frozenset({"typing.NamedTuple"})
TYPED_DICTS: Final = frozenset({"typing.TypedDict", "typing_extensions.TypedDict"})
MODELS: Final = frozenset({"pydantic.BaseModel", "pydantic.main.BaseModel", "msgspec.Struct"})
SERIALIZERS: Final = frozenset({"field_serializer", "model_serializer"})
OWN_FORM: Final = frozenset({"__durable_hooks__", "__get_pydantic_core_schema__"})
FIELD_MAKERS: Final = frozenset({"attrib", "field", "Field", "ib"})
DEFAULTS: Final = frozenset({"default", "default_factory", "factory"})
# A project that gives its converter hooks may store what it likes.
HOOKS: Final = b"structure_hook"
# Through how many modules a name is imported at most.
FARTHEST: Final = 8


class Lack(NamedTuple):
    """Why values of a type have no form. part: the field, from outside in; "": the type itself."""

    fault: Fault
    part: str = ""


class _Field(NamedTuple):
    name: str
    annotation: ast.expr
    owner: ClassScope


class Forms:
    """Asks what types are made of; each class is looked at once."""

    def __init__(self, analysis: Knowledge) -> None:
        self._analysis = analysis
        self._classes: dict[ClassScope, Lack | None] = {}
        # The aliases that are looked into; one may contain itself.
        self._aliases: list[tuple[ast.expr, Module]] = []

    def lack(self, annotation: ast.expr, function: Function) -> Lack | None:
        """Why what a signature names has no form; None if it has one, or nobody knows."""
        return self._lack(annotation, function.module, function.cls, either=True)

    def _lack(
        self, annotation: ast.expr, module: Module, cls: ClassScope | None, *, either: bool
    ) -> Lack | None:
        """either: of a union, one member without a form is enough."""
        match _parsed(annotation):
            case ast.Subscript(head, inner):
                names = self._names(head, module, cls)
                if names & NOT_LOOKED_INTO:
                    return None
                parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                if names & UNIONS:
                    optional = "typing.Optional" in names
                    return self._of_union(parts, module, cls, either=either, optional=optional)
                whole = (head, *parts)
                found = (self._lack(part, module, cls, either=either) for part in whole)
                return next((lack for lack in found if lack is not None), None)
            case ast.BinOp(left, ast.BitOr(), right):
                return self._of_union([left, right], module, cls, either=either)
            case ast.Name() | ast.Attribute() as name:
                value = self._analysis.evaluate_quietly(name, module, cls)
                lack = self._of_name(value, module)
                return lack or self._of_alias(name, module, either=either)
            case _:
                return None

    def _of_union(
        self,
        parts: list[ast.expr],
        module: Module,
        cls: ClassScope | None,
        *,
        either: bool,
        optional: bool = False,
    ) -> Lack | None:
        lacks = [self._lack(part, module, cls, either=either) for part in parts]
        if not either and (optional or None in lacks):
            return None
        return next((lack for lack in lacks if lack is not None), None)

    def _of_name(self, value: Value, module: Module) -> Lack | None:
        for part in members_of(value):
            if type(part) is External and _belongs_to_process(part.name):
                return Lack(Fault.NO_CONVERTER)
            if isinstance(part, Class | Object):
                lack = self._of_class(part.scope, module)
                if lack is not None:
                    return lack
        return None

    def _of_alias(self, node: ast.expr, module: Module, *, either: bool) -> Lack | None:
        """What a name of a module stands for: `Job = Callable[[], None]`."""
        meant = self._written_out(node.id, module) if isinstance(node, ast.Name) else None
        if meant is None or meant in self._aliases:
            return None
        written, home = meant
        self._aliases.append(meant)
        try:
            return self._lack(written, home, None, either=either)
        finally:
            self._aliases.pop()

    def _written_out(self, name: str, module: Module) -> tuple[ast.expr, Module] | None:
        """The type that a name is assigned, here or where it is imported from."""
        for _ in range(FARTHEST):
            bindings = module.bindings.get(name)
            match bindings[-1] if bindings else None:
                case Assigned(value=ast.Subscript() | ast.BinOp() as value):
                    return value, module
                case ImportFrom() as binding:
                    finder, dotted = self._analysis.finder, binding.dotted
                    path = (
                        finder.resolve_relative(module.path, binding.level, dotted)
                        if binding.level
                        else finder.find(module.path, dotted)
                    )
                    home = None if path is None else self._analysis.load(path)
                    if home is None:
                        return None
                    self._analysis.met(module, home)
                    name, module = binding.name, home
                case _:
                    return None
        return None

    def _names(self, node: ast.expr, module: Module, cls: ClassScope | None) -> set[str]:
        value = self._analysis.evaluate_quietly(node, module, cls)
        return {part.name for part in members_of(value) if type(part) is External}

    # ------------------------------------------------------------ classes with fields

    def _of_class(self, scope: ClassScope, module: Module) -> Lack | None:
        self._analysis.met(module, scope.module)
        if scope not in self._classes:
            self._classes[scope] = None  # a class may contain itself
            if HOOKS not in scope.module.source.data and HOOKS not in module.source.data:
                self._classes[scope] = self._of_fields(scope)
        return self._classes[scope]

    def _of_fields(self, scope: ClassScope) -> Lack | None:
        for field in self._fields(scope):
            module = field.owner.module
            if self._heads(field) & INIT_VARIABLES:
                return Lack(Fault.INIT_VARIABLE, field.name)
            lack = self._lack(field.annotation, module, field.owner, either=False)
            if lack is not None:
                inner = f".{lack.part}" if lack.part else f": {ast.unparse(field.annotation)}"
                return Lack(lack.fault, field.name + inner)
        return None

    def _fields(self, scope: ClassScope) -> list[_Field]:
        """The fields that each stored value of a class has, and variables of its constructor."""
        line = self._analysis.mro(scope)
        owners = [owner for owner in line if isinstance(owner, ClassScope)]
        bases = {owner.name for owner in line if type(owner) is External}
        if any(not OWN_FORM.isdisjoint(owner.bindings) for owner in owners):
            return []
        if bases & MODELS:
            if any(map(_serializes, owners)):
                return []
        elif bases & NAMED_TUPLES:
            owners = [owner for owner in owners if type(self._analysis.mro(owner)[1]) is External]
        elif not bases & TYPED_DICTS:
            owners = [o for o in owners if DATA_CLASSES & set(self._analysis.decorator_names(o))]
        fields: dict[str, _Field | None] = {}
        for owner in reversed(owners):
            for statement in owner.node.body:
                match statement:
                    case ast.AnnAssign(ast.Name(name), annotation, value):
                        field = _Field(name, annotation, owner)
                        counts = self._counts(field, value, bases)
                        fields[name] = field if counts else None
                    case _:
                        pass
        return [field for field in fields.values() if field is not None]

    def _counts(self, field: _Field, value: ast.expr | None, bases: set[str]) -> bool:
        """Whether each stored value has a field, or the constructor a variable that is none."""
        heads = self._heads(field)
        if heads & CLASS_VARIABLES or (bases & MODELS and field.name.startswith("_")):
            return False
        if heads & INIT_VARIABLES:
            return True
        if bases & TYPED_DICTS and not _is_total(field.owner):
            return bool(heads & REQUIRED)
        if value is None:
            return not _is_given_a_default(field)
        return self._is_required(field, value)

    def _is_required(self, field: _Field, value: ast.expr) -> bool:
        """Whether what stands behind a field describes it, and gives no default."""
        if not isinstance(value, ast.Call) or _is_given_a_default(field):
            return False
        names = self._names(value.func, field.owner.module, field.owner)
        if not any(name.rpartition(".")[2] in FIELD_MAKERS for name in names):
            return False
        if value.args and not _is_constant(value.args[0], ...):
            return False
        return not any(
            keyword.arg in DEFAULTS
            or (keyword.arg == "init" and _is_constant(keyword.value, False))
            or (keyword.arg == "exclude" and _is_constant(keyword.value, True))
            for keyword in value.keywords
        )

    def _heads(self, field: _Field) -> set[str]:
        """What an annotation begins with: `ClassVar`, `InitVar`."""
        annotation = _parsed(field.annotation)
        head = annotation.value if isinstance(annotation, ast.Subscript) else annotation
        if not isinstance(head, ast.Name | ast.Attribute):
            return set()
        return self._names(head, field.owner.module, field.owner)


def _parsed(annotation: ast.expr) -> ast.expr | None:
    """An annotation, which may be written as a text."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return ast.parse(annotation.value.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError):
            return None
    return annotation


def _belongs_to_process(name: str) -> bool:
    if name in CONVERTIBLE or name.endswith(("Error", "Exception", "Warning", "Enum")):
        return False
    last = name.rpartition(".")[2]
    if last[:1].islower() and not name.startswith(("socket.", "queue.")):
        return False
    if name in UNCONVERTIBLE or name.startswith(UNCONVERTIBLE_PREFIXES):
        return True
    # A client of somebody else's library holds a connection, whatever its library is called.
    return not name.startswith(OURS) and (last.endswith(HOLDERS) or last in CLIENTS)


def _is_constant(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _is_total(owner: ClassScope) -> bool:
    """Whether the keys of a typed dict must all be there."""
    return not any(
        keyword.arg == "total" and _is_constant(keyword.value, False)
        for keyword in owner.node.keywords
    )


def _decorators(owner: ClassScope) -> Iterator[ast.expr]:
    for statement in owner.node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in statement.decorator_list:
                yield decorator.func if isinstance(decorator, ast.Call) else decorator


def _serializes(owner: ClassScope) -> bool:
    """Whether a model has a say in how it is stored."""
    return any(
        (node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")) in SERIALIZERS
        for node in _decorators(owner)
    )


def _is_given_a_default(field: _Field) -> bool:
    """Whether a method is the default of a field: `@moment.default`."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == "default"
        and isinstance(node.value, ast.Name)
        and node.value.id == field.name
        for node in _decorators(field.owner)
    )
