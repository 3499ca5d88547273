"""Other bodies for activities. Invariant: to an orchestrator a fake looks like the activity that it
stands for: the same name, types of arguments and result, and settings.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import attrs

from durable_async.convert.values import Converter
from durable_async.dsl.definitions import Activity, Definition, Orchestrator
from durable_async.dsl.registry import BoundActivity
from durable_async.model.payload import Payload

__all__ = ["fake_for"]


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


def fake_for(original: object, fake: object) -> BoundActivity:
    """fake: an activity, or any function or callable, without `self` for a method.

    Raises: TypeError if `original` is no activity, or `fake` cannot be called.
    """
    if isinstance(original, Orchestrator):
        raise TypeError(
            f"{original.name} is an orchestrator, and replace is for activities: what an "
            "orchestrator does is what is tested. env.deploy([...]) brings other definitions"
        )
    if not isinstance(original, Activity):
        raise TypeError(
            f"replace takes the activity that is to be replaced, not {original!r}: the name that "
            "stands under @activity, for a method with its class (Payments.charge)"
        )
    if isinstance(fake, Orchestrator) or not callable(fake):
        raise TypeError(
            f"{original.name} is to be replaced by {fake!r}, which cannot stand for an activity: "
            "give a function, or an activity"
        )
    if isinstance(fake, Definition):
        return FakeActivity(original, fake=_body_of(fake))
    return FakeActivity(original, fake=fake)


def _body_of(fake: Definition[..., Any]) -> Callable[..., Any]:
    assert isinstance(fake, Activity)

    async def body(*args: Any, **kwargs: Any) -> Any:
        return await fake.run_plain(args, kwargs)

    return body
