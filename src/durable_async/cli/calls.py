"""A call of an orchestrator, from JSON. Invariant: what the type hints say of an argument is
checked here, before anything is stored; of an orchestrator that is known by name only, nothing
can be.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import click

from durable_async.cli.documents import value_of
from durable_async.convert.jsonform import from_json
from durable_async.convert.values import Converter
from durable_async.dsl.calls import OrchestratorCall
from durable_async.dsl.decorators import orchestrator_named
from durable_async.dsl.definitions import Orchestrator
from durable_async.errors import SerializationError
from durable_async.model.payload import Payload

__all__ = ["as_typed", "call_of", "named", "plain_result", "signature_text"]


def named(name: str) -> Orchestrator[..., Any]:
    """An orchestrator whose code other processes have; its newest version."""
    return orchestrator_named(name, Any)


def call_of(definition: Orchestrator[..., Any], texts: Sequence[str]) -> OrchestratorCall[Any]:
    """The call with these arguments. texts: each a JSON text.

    Raises: click.UsageError if they do not fit.
    """
    payload = Payload(f"[{','.join(texts)}]".encode())
    try:
        definition.check(tuple(from_json(text.encode()) for text in texts), {})
        args, kwargs = definition.arguments(Converter()).decode(payload)
        call = definition(*args, **kwargs)
    except (TypeError, SerializationError) as error:
        raise click.UsageError(
            f"the arguments do not fit {definition.name}: {as_typed(str(error))}. It takes "
            f"{definition.name}{signature_text(definition.fn)}, each argument with an --arg of its "
            "own, in this order"
        ) from error
    assert isinstance(call, OrchestratorCall), "what a definition gives"
    return call


def signature_text(function: Callable[..., Any], *, skip_first: bool = False) -> str:
    """What a function takes, as it stands in the code: under `from __future__ import annotations`
    hints are strings, and would be quoted."""
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())[skip_first:]
    return str(
        signature.replace(
            parameters=[each.replace(annotation=_bare(each.annotation)) for each in parameters],
            return_annotation=_bare(signature.return_annotation),
        )
    )


class _Hint:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _bare(hint: Any) -> Any:
    return _Hint(hint) if isinstance(hint, str) else hint


def as_typed(message: str) -> str:
    """What is wrong with values that were not stored yet, but typed just now."""
    said, _, _ = message.partition(". It was stored under")
    return said.removeprefix("the stored form of ").rstrip(".")


def plain_result(definition: Orchestrator[..., Any], result: Any) -> Any:
    """What an orchestrator returned, as the plain JSON types that it is stored in."""
    return value_of(definition.results(Converter()).encode(result))
