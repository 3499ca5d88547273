"""Ids that are made of calls. Invariant: the same call has the same id, and no other has it."""

from __future__ import annotations

import hashlib
from collections.abc import Coroutine
from typing import Any, Final

from durable_async.convert.values import Converter
from durable_async.dsl.calls import OrchestratorCall

__all__ = ["default_id"]

_NAME_IN_ID: Final = 200
"""Characters of an orchestrator's name that a default id keeps; the fingerprint follows."""


def default_id(call: Coroutine[Any, Any, Any], converter: Converter) -> str:
    """The id that `run` gives a call: its name, and a fingerprint of its arguments.

    Other arguments must never find this instance, so a checksum would not do.
    """
    if not isinstance(call, OrchestratorCall):
        raise TypeError(
            f"da.run takes the call of an orchestrator, like checkout('o-1'), not {call!r}"
        )
    arguments, _ = call.encode(converter)
    name = call.orchestrator.name[:_NAME_IN_ID]
    return f"{name}-{hashlib.blake2b(arguments.data, digest_size=8).hexdigest()}"
