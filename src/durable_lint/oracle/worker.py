"""A process that lets mypy look at some files, and writes down the types of their expressions.

Invariant: what is written is JSON of names, never an object of mypy's; the process ends afterwards,
and with it the memory, the settings and the plugins of the user that mypy has loaded. An expression
that mypy calls `Any` is left out. Run in the root of the project, as its mypy would be.
"""

import io
import json
import os
import sys
from collections.abc import Callable, Iterable
from types import GetSetDescriptorType, MemberDescriptorType
from typing import Any, Final

from mypy.build import BuildResult, BuildSource, build
from mypy.config_parser import parse_config_file
from mypy.errors import CompileError
from mypy.fscache import FileSystemCache
from mypy.nodes import (
    GDEF,
    AssignmentExpr,
    AwaitExpr,
    CallExpr,
    ConditionalExpr,
    Decorator,
    Expression,
    FuncDef,
    IndexExpr,
    MemberExpr,
    MypyFile,
    NameExpr,
    Node,
    OpExpr,
    OverloadedFuncDef,
    RefExpr,
    TypeInfo,
    YieldExpr,
)
from mypy.options import Options
from mypy.plugin import Plugin
from mypy.types import (
    CallableType,
    Instance,
    LiteralType,
    NoneType,
    Overloaded,
    TupleType,
    Type,
    TypedDictType,
    TypeType,
    TypeVarType,
    UnionType,
    UnpackType,
    get_proper_type,
)

__all__ = ["main"]

_DEEPEST: Final = 8
# How many files that cannot be parsed are taken for empty ones, until mypy reads the rest.
_UNREADABLE: Final = 8
_SETTINGS: Final = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")


def main() -> None:
    """Read a request from standard input, write the answer to standard output."""
    # Whatever mypy or a plugin prints must not get between the lines of the answer.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    with answer:
        json.dump(_Look(request).answer(), answer, separators=(",", ":"))


# ---------------------------------------------------------------- builds


class _Look:
    """One request: files with their text and module names; all of them are answered together."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.root: str = request["root"]
        self.cache: str = request["cache"]
        self.sources: list[list[str]] = request["sources"]
        self.blank: set[str] = set()
        self.trouble: list[str] = []
        self.grounds: set[str] = set()
        self.table = _Table()
        self.files: dict[str, list[list[int]]] = {}

    def answer(self) -> dict[str, Any]:
        for batch in _batches(self.sources):
            self._together(batch)
        return {
            "files": self.files,
            "types": self.table.types,
            "classes": self.table.classes,
            "grounds": sorted(self.grounds),
            "trouble": self.trouble,
        }

    def _together(self, batch: list[list[str]]) -> None:
        """Build files in one go; one at a time, when they cannot be built together."""
        trouble = self._built(batch)
        if trouble is None:
            return
        if len(batch) == 1:
            self.trouble.append(trouble)
            return
        for source in batch:
            self._together([source])

    def _built(self, batch: list[list[str]]) -> str | None:
        """None, or what mypy said when it gave up."""
        last = ""
        for _ in range(_UNREADABLE):
            try:
                self._build(batch)
            except CompileError as error:
                last = error.messages[0] if error.messages else str(error)
                path = self._unreadable(error.messages)
                if path is None or path in self.blank:
                    break
                self.blank.add(path)
            except SystemExit as error:
                return f"mypy ended: {error}"
            else:
                return None
        return last

    def _unreadable(self, messages: Iterable[str]) -> str | None:
        """The file with the first syntax error; it is a finding of its own already."""
        for message in messages:
            if "[syntax]" in message or "syntax" in message.lower():
                return os.path.abspath(message.partition(":")[0])
        return None

    def _build(self, batch: list[list[str]]) -> None:
        wanted = {path for path, *_ in batch}
        options = self._options()
        gathering = _Gathering(options, wanted)
        files = FileSystemCache()
        for path in self.blank:
            files.read_cache[path] = b""
            files.hash_cache[path] = ""
        sources = [
            BuildSource(path, module, "" if path in self.blank else text, base)
            for path, module, base, text in batch
        ]
        # Where mypy would say that something is wrong; that is not what was asked.
        aside = io.StringIO()
        result = build(
            sources,
            options,
            fscache=files,
            stdout=aside,
            stderr=aside,
            extra_plugins=[gathering],
        )
        # Not those of the trees: one that was kept for another checkout says where it lay there.
        self.table.paths = {
            name: os.path.abspath(state.path)
            for name, state in result.graph.items()
            if state.path is not None
        }
        self._note_grounds(result)
        for path, expressions in gathering.found.items():
            self.files[path] = list(self._places(expressions, result))

    def _places(self, expressions: list[Expression], result: BuildResult) -> Iterable[list[int]]:
        for node in expressions:
            number = self.table.of_expression(node, result.types.get(node))
            if number is not None and node.end_line is not None and node.end_column is not None:
                yield [node.line, node.column, node.end_line, node.end_column, number]

    def _options(self) -> Options:
        options = Options()
        settings = _settings(self.root)
        if settings is not None:
            aside = io.StringIO()
            parse_config_file(options, lambda: None, settings, stdout=aside, stderr=aside)
        options.python_executable = options.python_executable or sys.executable
        if options.follow_imports in {"skip", "error"}:
            options.follow_imports = "silent"
        options.export_types = True
        options.check_untyped_defs = True
        options.ignore_missing_imports = True
        options.incremental = True
        options.cache_dir = self.cache
        options.report_dirs = {}
        options.show_traceback = False
        options.raise_exceptions = False
        options.semantic_analysis_only = False
        options.warn_unused_configs = False
        # Columns are to be those of the running Python's parser, and nodes there from the start.
        for name, value in (("native_parser", False), ("num_workers", 0)):
            if hasattr(options, name):
                setattr(options, name, value)
        return options

    def _note_grounds(self, result: BuildResult) -> None:
        """What the answer hangs on: settings, files of libraries, where further ones might lie."""
        manager = result.manager
        self.grounds.update(os.path.join(self.root, name) for name in _SETTINGS)
        paths = manager.search_paths
        self.grounds.update(map(os.path.abspath, (*paths.mypy_path, *paths.package_path)))
        typeshed = tuple(map(os.path.abspath, paths.typeshed_path))
        self.grounds.update(
            path for path in self.table.paths.values() if not path.startswith(typeshed)
        )


def _batches(sources: list[list[str]]) -> list[list[list[str]]]:
    """Two scripts may both be `main`; in one build there can be but one of them."""
    batches: list[dict[str, list[str]]] = []
    for source in sources:
        for batch in batches:
            if source[1] not in batch:
                batch[source[1]] = source
                break
        else:
            batches.append({source[1]: source})
    return [list(batch.values()) for batch in batches]


def _settings(root: str) -> str | None:
    """The file with the project's settings for mypy, as mypy looks for it."""
    for name in _SETTINGS:
        path = os.path.join(root, name)
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError):
            continue
        mark = "[tool.mypy" if name == "pyproject.toml" else "[mypy"
        if mark in text:
            return path
    return None


class _Gathering(Plugin):
    """Keeps the expressions of files as soon as they are parsed: mypy drops the trees later."""

    def __init__(self, options: Options, wanted: set[str]) -> None:
        super().__init__(options)
        self.wanted = wanted
        self.found: dict[str, list[Expression]] = {}

    def get_additional_deps(self, file: MypyFile) -> list[tuple[int, str, int]]:
        path = os.path.abspath(file.path)
        if path in self.wanted:
            self.found[path] = _expressions(file)
        return []


def _expressions(file: MypyFile) -> list[Expression]:
    """The expressions of a file that may be asked about.

    mypy's own visitors are compiled, and cannot be derived from. A tree that has only been parsed
    holds nothing but its nodes yet: what they mean is linked to them later.
    """
    found: list[Expression] = []
    seen: set[int] = set()
    todo: list[object] = [file.defs]
    while todo:
        item = todo.pop()
        if isinstance(item, list | tuple):
            todo.extend(item)
        elif isinstance(item, Node) and not isinstance(item, TypeInfo) and id(item) not in seen:
            seen.add(id(item))
            if isinstance(item, _ASKED):
                found.append(item)
            todo.extend(_held(item))
    return found


def _held(node: Node) -> Iterable[object]:
    kind = type(node)
    names = _FIELDS.get(kind)
    if names is None:
        names = _FIELDS[kind] = tuple(
            name
            for cls in kind.__mro__
            for name, value in vars(cls).items()
            if isinstance(value, GetSetDescriptorType | MemberDescriptorType)
            and name not in _NO_CHILDREN
        )
    for name in names:
        try:
            yield getattr(node, name)
        except _NOT_YET:
            continue


_FIELDS: Final[dict[type, tuple[str, ...]]] = {}
# What an attribute, or a property of a node that is not analysed yet, may raise.
_NOT_YET: Final = (AttributeError, AssertionError, LookupError, TypeError, ValueError)
_NO_CHILDREN: Final = frozenset({"info", "type", "node", "__dict__", "__weakref__"})
_ASKED: Final = (
    NameExpr,
    MemberExpr,
    CallExpr,
    IndexExpr,
    AwaitExpr,
    AssignmentExpr,
    ConditionalExpr,
    OpExpr,
    YieldExpr,
)


# ---------------------------------------------------------------- types, written down


class _Table:
    """Types and classes by number and name, each written down once.

    A type is null (nobody knows), or a list that begins with its kind: `["is", class, [types]]` an
    instance, `["tuple", [types]]`, `["row"]` a TypedDict, `["none"]`, `["or", [types]]`,
    `["class", class]` a class itself, `["function", name]`.
    """

    def __init__(self) -> None:
        self.types: list[Any] = []
        self.classes: dict[str, dict[str, Any]] = {}
        self.paths: dict[str, str] = {}
        self._numbers: dict[str, int] = {}

    def of_expression(self, node: Expression, type_: Type | None) -> int | None:
        written = self._of_reference(node)
        if written is None and type_ is not None:
            written = self._written(type_, 0)
        if written is None:
            return None
        key = json.dumps(written)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.types)
            self.types.append(written)
        return number

    def _of_reference(self, node: Expression) -> list[Any] | None:
        """What a name means that is a class or function of some module."""
        if not isinstance(node, RefExpr) or node.kind != GDEF:
            return None
        match node.node:
            case TypeInfo() as info:
                return ["class", self._class(info)]
            case FuncDef() | OverloadedFuncDef() | Decorator() as function:
                return ["function", function.fullname]
            case _:
                return None

    def _written(self, given: Type, depth: int) -> list[Any] | None:
        if depth > _DEEPEST:
            return None
        type_ = get_proper_type(given)
        writer = _WRITERS.get(type(type_))
        return None if writer is None else writer(self, type_, depth + 1)

    def _all(self, types: Iterable[Type], depth: int) -> list[Any]:
        return [self._written(type_, depth) for type_ in types]

    def _instance(self, type_: Instance, depth: int) -> list[Any]:
        return ["is", self._class(type_.type), self._all(type_.args, depth)]

    def _literal(self, type_: LiteralType, depth: int) -> list[Any] | None:
        return self._written(type_.fallback, depth)

    def _none(self, type_: NoneType, depth: int) -> list[Any]:
        return ["none"]

    def _tuple(self, type_: TupleType, depth: int) -> list[Any] | None:
        fallback = type_.partial_fallback
        if fallback.type.fullname != "builtins.tuple":
            return self._instance(fallback, depth)
        if any(isinstance(item, UnpackType) for item in type_.items):
            return None
        return ["tuple", self._all(type_.items, depth)]

    def _row(self, type_: TypedDictType, depth: int) -> list[Any]:
        return ["row"]

    def _union(self, type_: UnionType, depth: int) -> list[Any]:
        return ["or", self._all(type_.items, depth)]

    def _variable(self, type_: TypeVarType, depth: int) -> list[Any] | None:
        if type_.values:
            return ["or", self._all(type_.values, depth)]
        return self._written(type_.upper_bound, depth)

    def _type(self, type_: TypeType, depth: int) -> list[Any] | None:
        item = get_proper_type(type_.item)
        if isinstance(item, TypeVarType):
            item = get_proper_type(item.upper_bound)
        return ["class", self._class(item.type)] if isinstance(item, Instance) else None

    def _callable(self, type_: CallableType | Overloaded, depth: int) -> list[Any] | None:
        return ["class", self._class(type_.type_object())] if type_.is_type_obj() else None

    def _class(self, info: TypeInfo) -> str:
        name = info.fullname
        if name not in self.classes:
            self.classes[name] = {
                "module": info.module_name,
                "path": self.paths.get(info.module_name, ""),
                "line": [base.fullname for base in info.mro],
                "awaitable": info.has_readable_member("__await__"),
            }
        return name


_WRITERS: Final[dict[type, Callable[..., list[Any] | None]]] = {
    Instance: _Table._instance,
    LiteralType: _Table._literal,
    NoneType: _Table._none,
    TupleType: _Table._tuple,
    TypedDictType: _Table._row,
    UnionType: _Table._union,
    TypeVarType: _Table._variable,
    TypeType: _Table._type,
    CallableType: _Table._callable,
    Overloaded: _Table._callable,
}


if __name__ == "__main__":
    main()
