"""Other bodies for definitions. Invariant: to whoever calls it a fake looks like what it stands
for: the same name, types of arguments and result, and settings.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import attrs

from durable_async.convert.arguments import ArgumentsConverter, ResultConverter
from durable_async.convert.values import Converter
from durable_async.dsl.definitions import Activity, Definition, Orchestrator
from durable_async.dsl.entities import EntityDefinition, definition_of
from durable_async.dsl.registry import BoundActivity, Registry
from durable_async.model.payload import Payload

__all__ = ["Fake", "FakeOrchestrator", "fake_for", "is_known", "names_like"]


@attrs.frozen
class FakeActivity(BoundActivity):
    """activity: the one that is replaced; arguments and result pass through its type hints."""

    fake: Callable[..., Any] = attrs.field(kw_only=True)

    @property
    def is_sync(self) -> bool:
        # A fake for an async activity runs on the test's loop even if it is a plain function,
        # so that it needs no locks; one that stands for a `def` may block like it.
        return self.activity.is_sync and not inspect.iscoroutinefunction(self.fake)

    def run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.is_sync:
            return self.fake(*args, **kwargs)
        return self._run(args, kwargs)

    async def _run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        result = self.fake(*args, **kwargs)
        return await result if inspect.isawaitable(result) else result

    def decode_arguments(
        self, payload: Payload, converter: Converter
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        return self.activity.arguments(converter).decode(payload)


class FakeOrchestrator(Orchestrator[..., Any]):
    """Another body for `original`; arguments and result pass through its type hints."""

    def __init__(self, original: Orchestrator[..., Any], fake: Callable[..., Any]) -> None:
        async def body(*args: Any, **kwargs: Any) -> Any:
            result = fake(*args, **kwargs)
            return await result if inspect.isawaitable(result) else result

        super().__init__(body, original.name, original.version)
        self._original = original

    def arguments(self, converter: Converter) -> ArgumentsConverter:
        return self._original.arguments(converter)

    def results(self, converter: Converter) -> ResultConverter:
        return self._original.results(converter)


Fake = BoundActivity | FakeOrchestrator | EntityDefinition


def fake_for(original: object, fake: object) -> Fake:
    """fake: a definition, or any function or callable, without `self` for a method; for an
    entity, another entity.

    Raises: TypeError if `original` is no definition, or `fake` cannot stand for it.
    """
    entity = definition_of(original)
    if entity is not None:
        return _fake_entity(entity, fake)
    if not isinstance(original, Activity | Orchestrator):
        raise TypeError(
            f"replace takes what is to be replaced, not {original!r}: an activity, for a method "
            "with its class (Payments.charge), an orchestrator or an entity"
        )
    if not callable(fake) or isinstance(fake, type) or not _is_alike(original, fake):
        raise TypeError(
            f"{original.name} is to be replaced by {fake!r}, which cannot stand for it: give a "
            "function, or a definition of the same kind"
        )
    if isinstance(original, Orchestrator):
        return FakeOrchestrator(original, fake.fn if isinstance(fake, Orchestrator) else fake)
    return FakeActivity(original, fake=_body_of(fake) if isinstance(fake, Activity) else fake)


def _is_alike(original: Definition[..., Any], fake: object) -> bool:
    """Whether it is no definition, or one of the same kind."""
    kind = Orchestrator if isinstance(original, Orchestrator) else Activity
    return not isinstance(fake, Definition) or isinstance(fake, kind)


def _fake_entity(original: EntityDefinition, fake: object) -> EntityDefinition:
    definition = definition_of(fake)
    if definition is None:
        raise TypeError(
            f"{original.name} is an entity, and {fake!r} is none: give a class with @entity "
            "above @attrs.define; its name does not matter"
        )
    assert isinstance(fake, type)
    return EntityDefinition(fake, original.name, definition.line)


def _body_of(fake: Activity[..., Any]) -> Callable[..., Any]:
    async def body(*args: Any, **kwargs: Any) -> Any:
        return await fake.run_plain(args, kwargs)

    return body


# ---- registries ------------------------------------------------------------------------------


def is_known(registry: Registry, fake: Fake) -> bool:
    """Whether there is something that it stands for."""
    if isinstance(fake, FakeOrchestrator):
        return (fake.name, fake.version) in registry.definitions
    return fake.name in names_like(registry, fake)


def names_like(registry: Registry, fake: Fake) -> list[str]:
    """Names of definitions of the same kind, for people."""
    match fake:
        case FakeOrchestrator():
            return sorted({name for name, _ in registry.definitions})
        case EntityDefinition():
            return sorted(registry.entity_names)
        case _:
            return sorted(registry.activity_names)
