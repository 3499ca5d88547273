"""A project is the modules that were looked into so far, and what went wrong on the way.

Invariant: a file is read when something looks into it, once; trouble with one file is said and
keeps nobody from the others. The layers above add what is known of the modules, and together they
are the `Knowledge` that frames ask.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Mapping
from typing import Final

from durable_lint.discover.modules import Modules
from durable_lint.reach.facts import Key
from durable_lint.reach.imported import Imported, Statements
from durable_lint.reach.knowledge import Judge, Knowledge, Options, Typist
from durable_lint.reach.links import Links
from durable_lint.reach.scopes import ClassScope, Function, Module
from durable_lint.source import Source, SourceError
from durable_lint.vocabulary import Vocabulary

__all__ = ["DEFECT", "WALLS", "Project", "is_wall_module"]

# Never read, even when their source lies in the project: what they do is known.
WALLS: Final = frozenset({"durable_async", "durable_lint", "temporalio", "durabletask"})
# Of the many packages under `azure`, these are orchestrators' own.
AZURE: Final = ("azure.durable_functions", "azure.functions")
DEFECT: Final = "defect of durable-lint"
STDLIB: Final = frozenset(sys.stdlib_module_names)


class Project(Knowledge):
    """Modules, by the paths of their files."""

    def __init__(
        self,
        modules: Modules,
        sources: Callable[[str], Source],
        vocabulary: Vocabulary,
        options: Options,
        judge: Judge,
        typist: Typist | None = None,
        statements: Statements | None = None,
    ) -> None:
        """statements: the import statements of files, when somebody has read them already."""
        self.finder = modules
        self.sources = sources
        self.vocabulary = vocabulary
        self.options = options
        self.judge = judge
        self.typist = typist
        self.errors: dict[str, SourceError] = {}
        self.links = Links()
        self.imports = Imported(modules, self._data, statements)
        # False when something was cut short: what else is analysed may have had a part in that.
        self.thorough = True
        # Names of orchestrators and activities in files that are not looked at here.
        self.defined_elsewhere: frozenset[str] = frozenset()
        # Modules of the project by their bare names: one that is imported by a path nobody can see
        # is not taken for somebody else's.
        self._own_names = {path.rpartition("/")[2].removesuffix(".py") for path in modules.files}
        self._modules: dict[str, Module | None] = {}
        # Whose facts are being made, each for the one before it.
        self._doing: list[Key] = []
        # Whose facts hang on something that grew.
        self._dirty: set[Key] = set()
        # What nothing reaches is looked at last, and says nothing about what is reached.
        self._frozen = False
        # Modules of which nobody did yet what importing them does.
        self._fresh: list[Module] = []
        # Classes, by the bare names of their bases.
        self._subclasses: dict[str, list[ClassScope]] = {}
        # Files with a class that hears of the classes derived from it.
        self._hooked: set[str] = set()
        self._start()

    def _start(self) -> None:
        """The tables of each layer, with nothing in them yet."""

    @property
    def modules(self) -> Mapping[str, Module | None]:
        """The files that were looked into, by path; None of those that could not be."""
        return self._modules

    def load(self, path: str) -> Module | None:
        """The module in a file; None when it cannot be read, which is noted."""
        if path in self._modules:
            return self._modules[path]
        module: Module | None = None
        try:
            module = Module(path, self.finder.name(path), self.sources(path))
        except SourceError as error:
            self.errors[path] = error
        except RecursionError:
            self.errors[path] = SourceError(
                path, 1, 1, "cannot be analysed: it is nested too deeply"
            )
        self._modules[path] = module
        if module is not None:
            self._note_subclasses(module)
            self._fresh.append(module)
        return module

    def _data(self, path: str) -> bytes:
        try:
            return self.sources(path).data
        except SourceError:
            return b""

    def _note_subclasses(self, module: Module) -> None:
        for bindings in module.bindings.values():
            for binding in bindings:
                if type(binding) is ClassScope:
                    if "__init_subclass__" in binding.bindings:
                        self._hooked.add(module.path)
                    for base in binding.node.bases:
                        self._subclasses.setdefault(_bare_name(base), []).append(binding)

    def met(self, module: Module, other: Module) -> None:
        """The code of a file looks into another."""
        if other is not module:
            self.links.join(module.path, other.path)

    def _load_for(self, importer: str, path: str) -> Module | None:
        """The module that a file imports."""
        self.links.load(importer, path)
        module = self.load(path)
        if module is None:
            self.links.join(importer, path)  # that it cannot be read makes a difference
        return module

    def package_of(self, module: Module) -> str:
        """The package directory of a module; a module that is in none stands for itself."""
        directory = module.path.rpartition("/")[0]
        return directory if f"{directory}/__init__.py" in self.finder.files else module.path

    @property
    def reaching(self) -> bool:
        """Whether what is read now is reached; what is not is looked at in the end."""
        return not self._frozen

    def dialect_of(self, module: Module) -> str:
        """Which library's orchestrators a module speaks of, for advice."""
        known = module.dialect
        if known is None:
            known = module.dialect = self._dialect_of(module.source.data)
        return known

    def _dialect_of(self, data: bytes) -> str:
        for dialect in self.options.dialects:
            if dialect == "temporalio" and b"temporalio" in data:
                return dialect
            if dialect == "durabletask" and (b"durabletask" in data or b"azure" in data):
                return dialect
        return "durable_async"

    def yields_await(self, function: Function | None) -> bool:
        """Whether `yield` waits: in generator orchestrators."""
        if function is None or "durabletask" not in self.options.dialects or function.is_async:
            return False
        names = function.scan.parameters[:1]
        if names == ["self"]:
            names = function.scan.parameters[1:2]
        return function.scan.is_generator and names != [] and names[0] in {"context", "ctx"}

    def may_report_endless(self, function: Function | None) -> bool:
        """Whether a loop without an end counts: in what may be an orchestrator."""
        return function is not None and (function.is_async or self.yields_await(function))

    def foreign(self, name: str) -> str | None:
        """The name of what is awaited, when it is another library's and not durable."""
        top = name.partition(".")[0]
        if is_wall_module(name) or top in {"builtins", "asyncio", "contextlib", "typing"}:
            return None
        if top in STDLIB or top in self._own_names:
            return None
        if self.vocabulary.is_durable_safe(name) or self.vocabulary.pure(name):
            return None
        # What is reported where it is called is not reported again where it is awaited.
        entries = [self.vocabulary.name(name)]
        owner, _, last = name.rpartition(".")
        while owner:
            entries.append(self.vocabulary.member(owner, last))
            owner, _, more = owner.rpartition(".")
            last = f"{more}.{last}"
        if any(entry is not None and entry.category != "foreign_await" for entry in entries):
            return None
        return name

    def guarded(self, path: str, name: str, work: Callable[[], None]) -> None:
        """Do something about a file; what goes wrong there goes wrong with it alone."""
        try:
            work()
        except Exception as error:  # noqa: BLE001  # whatever it is, the rest is analysed
            self._gave_up(path, 1, name, error)

    def _gave_up(self, path: str, line: int, name: str, error: Exception) -> None:
        """Something was too much for the analysis: say so, and keep what is known by then."""
        self.thorough = False
        if isinstance(error, RecursionError):
            message = f"`{name}` cannot be analysed to its end: it is nested too deeply"
        elif isinstance(error, SourceError):
            message = error.message
        else:
            message = (
                f"`{name}` cannot be analysed to its end: {type(error).__name__}: {error}. This is "
                f"a {DEFECT}, please report it with the code"
            )
        self.errors.setdefault(path, SourceError(path, line, 1, message))


def _bare_name(base: ast.expr) -> str:
    inner = base.value if isinstance(base, ast.Subscript) else base
    return inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "")


def is_wall_module(dotted: str) -> bool:
    """Whether a module is of a library of orchestrators."""
    return dotted.partition(".")[0] in WALLS or dotted.startswith(AZURE)
