"""Knowledge is what a frame may ask about the rest of the project, and all that it may tell it.

Invariant: frames know no more of the analysis than this, and the analysis makes frames: imports go
one way.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

import attrs

from durable_lint.discover.modules import Modules
from durable_lint.reach.facts import Facts, Given, Judged, Key
from durable_lint.reach.links import Links
from durable_lint.reach.observations import Observation
from durable_lint.reach.scan import AnyFunction
from durable_lint.reach.scopes import (
    ClassScope,
    Function,
    Import,
    ImportFrom,
    Module,
)
from durable_lint.reach.values import External, Value
from durable_lint.vocabulary import Entry, Vocabulary

__all__ = ["Judge", "Knowledge", "Options", "Typist"]


Judge = Callable[[Observation], Judged | None]
"""Says what the first rule that objects to an observation makes of it."""


@attrs.frozen(kw_only=True)
class Options:
    """What a project says of itself.

    roots, activities: dotted names. dialects: further kinds of orchestrators.
    """

    dialects: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    strict_logging: bool = False


class Knowledge(Protocol):
    """The project, as far as it has been looked at."""

    finder: Modules
    vocabulary: Vocabulary
    options: Options
    judge: Judge
    made_with: dict[str, Entry]
    """What the vocabulary says against making what a module or class holds under a name."""
    differing: dict[str, tuple[str, Entry]]
    """What made the values, named by their states, of which each process has another one."""
    links: Links
    typist: Typist | None
    """Who knows the types of expressions, if somebody was asked to."""
    defined_elsewhere: frozenset[str]
    """Names of orchestrators and activities in files that are not looked at."""

    @property
    def reaching(self) -> bool:
        """Whether what is read now is reached."""
        ...

    def mro(self, scope: ClassScope) -> list[ClassScope | External]:
        """The class and its bases, in the order in which attributes are looked for."""
        ...

    def method(self, scope: ClassScope, name: str) -> Function | None:
        """The function that a name of an instance is, looked up in the project's classes."""
        ...

    def annotation(self, node: ast.expr | None, module: Module, cls: object = None) -> Value:
        """What an annotation promises."""
        ...

    def evaluate_quietly(self, node: ast.expr, module: Module, cls: object = None) -> Value:
        """The value of an expression at the level of a module or class."""
        ...

    def contribute(self, function: Function, receiver: Value | None, given: Given) -> None:
        """Values flow into a function's parameters."""
        ...

    def class_binding(self, scope: ClassScope, name: str) -> tuple[str, Value]:
        """What the body of a class binds a name to, and how instances take it."""
        ...

    def yields_await(self, function: Function | None) -> bool:
        """Whether `yield` waits: in generator orchestrators."""
        ...

    def module_name(self, module: Module, name: str) -> Value:
        """What a name means at the level of a module."""
        ...

    def hold(self, scope: ClassScope, name: str, value: Value) -> None:
        """An attribute of instances of a class may hold this as well."""
        ...

    def facts(self, key: Key) -> Facts:
        """The facts of a function, as far as they are known now."""
        ...

    def decorator_names(self, function: Function | ClassScope) -> list[str]:
        """The qualified names of the decorators of libraries."""
        ...

    def decorated(self, function: Function) -> tuple[str, Value]:
        """What a function statement binds, and how a class takes it: `method`, `static` ..."""
        ...

    def parameter(self, function: Function, name: str) -> Value:
        """What a parameter was given so far; `*` and `**` are the rest."""
        ...

    def takes_default(self, function: Function, name: str) -> bool:
        """Whether a call leaves it at a parameter's default."""
        ...

    def leave_out(self, scope: ClassScope, names: Collection[str]) -> None:
        """An object of a data class is made, and given all fields but these."""
        ...

    def rest(self, function: Function) -> Value:
        """What `*args` was given so far: by place, where all calls say at which."""
        ...

    def named_rest(self, function: Function, told: Mapping[str, Value]) -> Value:
        """What `**kwargs` was given so far. told: functions that this call gives, by parameter."""
        ...

    def nested(self, node: AnyFunction, module: Module, parent: Function | None) -> Function:
        """The function that a statement or lambda within a function makes."""
        ...

    def instance_attribute(self, scope: ClassScope, name: str) -> Value | None:
        """What an attribute that methods set may hold; None when no method sets it."""
        ...

    def foreign(self, name: str) -> str | None:
        """The name of what is awaited, when it is another library's and not durable."""
        ...

    def state_of_name(self, module: Module, name: str) -> str:
        """The name of the module state that a name is: bound by assignment, here or elsewhere."""
        ...

    def is_wall(self, function: Function) -> bool:
        """Whether what a function does is its own affair."""
        ...

    def grow(self, state: str, value: Value) -> None:
        """What a module or class holds under a name turns out to be more."""
        ...

    def dialect_of(self, module: Module) -> str:
        """Which library's orchestrators a module speaks of, for advice."""
        ...

    def construction(self, scope: ClassScope, left: Collection[str] | None = None) -> list[Key]:
        """The keys of what the fields of a data class call. left: those left out, None of all."""
        ...

    def callables(
        self, function: Function, receiver: Value | None, given: Given
    ) -> tuple[tuple[str, Value], ...]:
        """The functions and classes among the arguments of a call, by parameter."""
        ...

    def at_construction(self, scope: ClassScope) -> list[str]:
        """Methods that run when an object is made, beside `__init__`."""
        ...

    def yielded(self, function: Function, facts: Facts) -> Value:
        """What iterating a generator gives: what the body yields, or the annotation promises."""
        ...

    def setter(self, scope: ClassScope, name: str) -> Function | None:
        """The function that assigning a property calls."""
        ...

    def result(self, function: Function, facts: Facts) -> Value:
        """What a call gives: what the body returns, or what the annotation promises."""
        ...

    def reads_state(self, state: str) -> None:
        """The function that is being read hangs on a state."""
        ...

    def package_of(self, module: Module) -> str:
        """The package directory of a module; a module that is in none stands for itself."""
        ...

    def module_value(self, importer: str, dotted: str) -> Value:
        """What `import dotted` gives in a file."""
        ...

    def metaclass_call(self, scope: ClassScope) -> Function | None:
        """What a metaclass does when an object is made; of an enumeration, what looking up may."""
        ...

    def member_of_module(self, module: Module, name: str) -> Value:
        """An attribute of a module: what it binds, or a module within the package."""
        ...

    def may_report_endless(self, function: Function | None) -> bool:
        """Whether a loop without an end counts: in what may be an orchestrator."""
        ...

    def made_at_import(self, scope: ClassScope) -> None:
        """A module makes an object of a class when it is imported."""
        ...

    def local_class(
        self, node: ast.ClassDef, module: Module, parent: Function | None
    ) -> ClassScope: ...

    def load(self, path: str) -> Module | None:
        """The module in a file; None when it cannot be read, which is noted."""
        ...

    def is_enum(self, scope: ClassScope) -> bool: ...

    def imported(self, module: Module, binding: Import | ImportFrom) -> Value:
        """What an import binds."""
        ...

    def implementations(self, scope: ClassScope, name: str) -> list[ClassScope]:
        """The classes whose method is meant by an object that may be of a subclass."""
        ...

    def fields(self, scope: ClassScope) -> list[str]:
        """The fields of a data class in the order of its constructor."""
        ...

    def places(self, scope: ClassScope) -> list[str]:
        """The fields of a data class that its constructor takes by place."""
        ...

    def dispatched(self, function: Function) -> list[Function]:
        """The overloads that `functools.singledispatch` may call in place of a function."""
        ...

    def decorates(self, scope: ClassScope) -> bool:
        """Whether objects of a class are context managers that decorate functions."""
        ...

    def declared_result(self, function: Function) -> Value:
        """What the annotation promises of a call."""
        ...

    def is_abstract(self, scope: ClassScope, name: str) -> bool:
        """Whether a method has no body of its own: abstract, of a protocol, or a bare `raise`."""
        ...

    def subclasses(self, scope: ClassScope) -> list[ClassScope]:
        """The classes below one, among the files that were looked into."""
        ...

    def rebound(self, holder: Module | ClassScope, name: str, value: Value) -> None:
        """Reached code binds a name of a module or class."""
        ...

    def met(self, module: Module, other: Module) -> None:
        """The code of a file looks into another."""
        ...

    def below_others(self, scope: ClassScope) -> None:
        """It has become known which classes a class is below."""
        ...

    def guarded(self, path: str, name: str, work: Callable[[], None]) -> None:
        """Do work on a file whose trouble is its own."""
        ...

    def judged_by_settings(self, function: Function) -> tuple[Entry | None, str] | None:
        """What the settings say of a function of the project."""
        ...


Typist = Callable[[Knowledge, str, ast.expr], Value]
"""Gives the value of an expression in a file, as far as its type tells; unknown if it does not."""
