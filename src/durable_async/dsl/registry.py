"""The definitions that a worker was given. Invariant: built from what it is given and from nothing
else; a name (and version) stands for one definition."""

from __future__ import annotations

import hashlib
import inspect
import sys
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs

from durable_async.convert.values import Converter
from durable_async.dsl.calls import Call
from durable_async.dsl.definitions import (
    Activity,
    Definition,
    NamedActivity,
    NamedOrchestrator,
    Orchestrator,
)
from durable_async.dsl.entities import EntityDefinition, definition_of
from durable_async.dsl.policy import RetryPolicy
from durable_async.model.payload import Payload
from durable_async.model.work import INTERNAL

__all__ = ["BoundActivity", "Registry"]


@attrs.frozen
class BoundActivity:
    """An activity with all it needs to run: for a method, the instance it runs on."""

    activity: Activity[..., Any]
    instance: object = None

    @property
    def name(self) -> str:
        return self.activity.name

    @property
    def is_sync(self) -> bool:
        """Whether it is a plain `def`, to be run in a thread."""
        return self.activity.is_sync

    @property
    def retry(self) -> RetryPolicy | None:
        return self.activity.retry

    def run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the function: a coroutine, or a plain `def`'s result."""
        if self.instance is None:
            return self.activity.fn(*args, **kwargs)
        return self.activity.fn(self.instance, *args, **kwargs)

    def decode_arguments(
        self, payload: Payload, converter: Converter
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Raises SerializationError if they do not fit."""
        return self.activity.arguments(converter).decode(payload)

    def encode_result(self, value: Any, converter: Converter) -> Payload:
        """Raises SerializationError, naming the function."""
        return self.activity.results(converter).encode(value)


class Registry:
    """Orchestrators by name and version, activities and entities by name."""

    def __init__(self) -> None:
        self._orchestrators: dict[tuple[str, str | None], Orchestrator[..., Any]] = {}
        self._activities: dict[str, BoundActivity] = {}
        self._entities: dict[str, EntityDefinition] = {}
        self.definitions: frozenset[tuple[str, str | None]] = frozenset()
        self.any_version: frozenset[str] = frozenset()  # names that have an unversioned definition
        self.activity_names: frozenset[str] = frozenset()
        self.entity_names: frozenset[str] = frozenset()
        self.fingerprint = ""

    @classmethod
    def of(cls, functions: Iterable[object], *, builtins: Iterable[object] = ()) -> Registry:
        """From definitions, instances with activity methods, and modules.

        builtins: definitions of our own, whose names begin with INTERNAL.
        Raises: ValueError if two definitions have one name (and version), naming both lines, and
        for a name that is kept for the built-in ones; TypeError for what is none of these.
        """
        registry = cls()
        if not isinstance(functions, Iterable):
            raise TypeError(
                f"{_of_one(functions)} stands alone: give a list of what there is to run"
            )
        for given in functions:
            registry._add_given(given)
        registry._refuse_reserved_names()
        users = tuple(registry._orchestrators.values())
        for builtin in builtins:
            registry._add_given(builtin)
        registry._seal(users)
        return registry

    def orchestrator(self, name: str, version: str | None) -> Orchestrator[..., Any] | None:
        """A definition without a version also runs versions that have none of their own here."""
        orchestrators = self._orchestrators
        return orchestrators.get((name, version)) or orchestrators.get((name, None))

    def activity(self, name: str) -> BoundActivity | None:
        return self._activities.get(name)

    def entity(self, name: str) -> EntityDefinition | None:
        return self._entities.get(name)

    def replace(self, fake: BoundActivity | Orchestrator[..., Any] | EntityDefinition) -> None:
        """Another definition under the same name (tests do this)."""
        match fake:
            case Orchestrator():
                self._orchestrators[fake.name, fake.version] = fake
            case EntityDefinition():
                self._entities[fake.name] = fake
            case _:
                self._put_activity(fake)

    def learn(self, definition: object) -> None:
        """Take in what an orchestrator awaits, if it is new and can run here.

        What is known by its name only runs elsewhere, and a method needs its instance.
        """
        if isinstance(definition, NamedActivity | NamedOrchestrator):
            return
        if isinstance(definition, Orchestrator):
            self._learn_orchestrator(definition)
        elif isinstance(definition, EntityDefinition):
            if definition.name not in self._entities:
                self._entities[definition.name] = definition
                self.entity_names = frozenset(self._entities)
        elif (
            isinstance(definition, Activity)
            and not definition.is_method
            and definition.name not in self._activities
        ):
            self._put_activity(BoundActivity(definition))

    # ---- building ----------------------------------------------------------------------------

    def _add_given(self, given: object) -> None:
        match given:
            case NamedActivity() | NamedOrchestrator():
                raise TypeError(_advice(given))
            case Orchestrator():
                self._add_orchestrator(given)
            case Activity():
                self._add_function(given)
            case types.ModuleType():
                self._add_module(given)
            case type() if (entity := definition_of(given)) is not None:
                self._add_entity(entity)
            case Call():
                given.taken()  # it has not been forgotten
                raise TypeError(_advice(given))
            case type() | types.FunctionType() | types.MethodType():
                raise TypeError(_advice(given))
            case _:
                self._add_instance(given)

    def _add_function(self, activity: Activity[..., Any]) -> None:
        if activity.is_method:
            owner = activity.fn.__qualname__.rpartition(".")[0]
            raise TypeError(
                f"{activity.fn.__qualname__} is a method: give the worker an instance, "
                f"{owner}(...), which carries its dependencies"
            )
        self._add_activity(BoundActivity(activity))

    def _add_module(self, module: types.ModuleType) -> None:
        found = {id(each): each for each in vars(module).values() if _is_definition(each)}
        if not found:
            raise TypeError(
                f"module {module.__name__!r} has no orchestrator, no activity and no entity in its "
                "globals"
            )
        for definition in found.values():
            if not isinstance(definition, NamedActivity | NamedOrchestrator):
                self._add_given(definition)

    def _add_instance(self, instance: object) -> None:
        found = {
            name: value
            for cls in reversed(type(instance).__mro__)
            for name, value in vars(cls).items()
            if isinstance(value, Activity)
        }
        if not found:
            raise TypeError(_advice(instance))
        for activity in found.values():
            view: Activity[..., Any] = activity.__get__(None, type(instance))
            self._add_activity(BoundActivity(view, instance))

    def _add_orchestrator(self, given: Orchestrator[..., Any]) -> None:
        orchestrator = given.base  # what `.options` says is for those who call it
        key = (orchestrator.name, orchestrator.version)
        before = self._orchestrators.get(key)
        if before is not None and before.fn is not orchestrator.fn:
            _refuse_twice(f"orchestrator {orchestrator.name!r}", before, orchestrator)
        self._orchestrators[key] = orchestrator

    def _add_activity(self, bound: BoundActivity) -> None:
        before = self._activities.get(bound.name)
        if before is not None and (
            before.activity.fn is not bound.activity.fn or before.instance is not bound.instance
        ):
            _refuse_twice(f"activity {bound.name!r}", before.activity, bound.activity)
        self._activities[bound.name] = bound

    def _add_entity(self, entity: EntityDefinition) -> None:
        before = self._entities.get(entity.name)
        if before is not None and before.cls is not entity.cls:
            _refuse_twice(f"entity {entity.name!r}", before, entity)
        self._entities[entity.name] = entity

    def _put_activity(self, bound: BoundActivity) -> None:
        """Into a registry that is sealed: its fingerprint is of orchestrators, and stays."""
        self._activities[bound.name] = bound
        self.activity_names = frozenset(self._activities)

    def _learn_orchestrator(self, awaited: Orchestrator[..., Any]) -> None:
        orchestrator = awaited.base
        key = (orchestrator.name, orchestrator.version)
        if key not in self._orchestrators:
            self._orchestrators[key] = orchestrator
            self._seal_orchestrators()

    def _seal_orchestrators(self) -> None:
        self.definitions = frozenset(self._orchestrators)
        self.any_version = frozenset(name for name, version in self.definitions if version is None)

    def _refuse_reserved_names(self) -> None:
        for what, names in (
            ("orchestrator", {name: each.line for (name, _), each in self._orchestrators.items()}),
            ("activity", {name: each.activity.line for name, each in self._activities.items()}),
            ("entity", {name: each.line for name, each in self._entities.items()}),
        ):
            for name, line in names.items():
                if name.startswith(INTERNAL):
                    raise ValueError(
                        f"{what} {name!r} at {line}: names that begin with {INTERNAL!r} are kept "
                        "for what every worker has built in. Give it another name=..."
                    )

    def _seal(self, users: Iterable[Orchestrator[..., Any]]) -> None:
        """users: what is built in is the same wherever the release is, and no part of what makes
        the code of two workers differ."""
        self._seal_orchestrators()
        self.activity_names = frozenset(self._activities)
        self.entity_names = frozenset(self._entities)
        self.fingerprint = _fingerprint(users)


_AnyDefinition = Definition[..., Any] | EntityDefinition


def _is_definition(given: object) -> bool:
    return isinstance(given, Definition) or definition_of(given) is not None


def _refuse_twice(what: str, first: _AnyDefinition, second: _AnyDefinition) -> None:
    version = getattr(second, "version", None)
    of_version = f" (version {version})" if version is not None else ""
    raise ValueError(
        f"{what}{of_version} is defined twice, at {first.line} and at {second.line}: give one of "
        "them another name=... (or an orchestrator another version=...)"
    )


def _of_one(given: object) -> str:
    if isinstance(given, types.ModuleType):
        return f"module {given.__name__!r}"
    return getattr(given, "name", None) or repr(given)


def _advice(given: object) -> str:
    match given:
        case type():
            return (
                f"{given!r} is a class: give the worker an instance of it, if it has activity "
                "methods; if it is to be an entity, write @da.entity above its @attrs.define"
            )
        case Call():
            return f"{given!r} is a call: give the worker the function, without calling it"
        case NamedActivity() | NamedOrchestrator():
            return (
                f"{given.name!r} is known by its name only: it runs in a worker that has its code. "
                "Give it to none"
            )
        case types.FunctionType() | types.MethodType():
            return (
                f"{given.__qualname__} is not decorated: write @da.orchestrator or @da.activity "
                "above it"
            )
        case _:
            return (
                f"{given!r} has no activity methods: a worker takes orchestrators, activities, "
                "entities, instances with methods under @da.activity, and modules of these"
            )


def _fingerprint(orchestrators: Iterable[Orchestrator[..., Any]]) -> str:
    """Changes when the code of an orchestrator may have: their modules, and those beside them.

    The same in every process that runs the same code, whatever its hash seed.
    """
    packages = _packages({each.fn.__module__ for each in orchestrators})
    digest = hashlib.blake2b(digest_size=16)
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] in packages:
            digest.update(name.encode())
            digest.update(_source(module))
    for each in sorted(orchestrators, key=lambda each: (each.name, each.version or "")):
        _digest_code(digest, each.fn.__code__)
    return digest.hexdigest()


def _packages(modules: Iterable[str]) -> set[str]:
    """The packages that these modules are in; of files that are in none, also what is imported
    from their folder: there `flows.py` and its `steps.py` are neighbours, as in a package."""
    packages = {name.partition(".")[0] for name in modules}
    folders = {
        place.parent
        for name in packages
        if not hasattr(sys.modules.get(name), "__path__") and (place := _place(name))
    }
    if folders:
        tops = {name.partition(".")[0] for name in list(sys.modules)}
        packages.update(
            name for name in tops if (place := _place(name)) and place.parent in folders
        )
    return packages


def _place(name: str) -> Path | None:
    """The file of a module, or the folder of a package, that is imported from a folder."""
    module = sys.modules.get(name)
    file = getattr(module, "__file__", None)
    if file is None:
        return None
    return Path(file).parent if hasattr(module, "__path__") else Path(file)


def _digest_code(digest: hashlib.blake2b, code: types.CodeType) -> None:
    """What the code does: its instructions, and the names, constants and functions in it."""
    digest.update(code.co_code)
    digest.update(repr(code.co_names).encode())
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            _digest_code(digest, constant)
        else:
            digest.update(_stable(constant).encode())


def _stable(constant: object) -> str:
    """As `repr`, but a set (`x in {"a", "b"}`) is told in one order in every process."""
    match constant:
        case frozenset():
            return f"{{{', '.join(sorted(map(_stable, constant)))}}}"
        case tuple():
            return f"({', '.join(map(_stable, constant))})"
        case _:
            return repr(constant)


def _source(module: types.ModuleType) -> bytes:
    try:
        file = inspect.getsourcefile(module)
    except TypeError:  # built in, or made at run time
        return b""
    try:
        return Path(file).read_bytes() if file else b""
    except OSError:
        return b""
