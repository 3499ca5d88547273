"""An exception as a value. Invariant: reading a Failure runs no code of the class that it names."""

from __future__ import annotations

import attrs

from durable_async.model.payload import Payload

__all__ = ["Failure"]


@attrs.frozen(kw_only=True)
class Failure:
    """What is known of an exception that crossed the durable boundary.

    type_name: its class as "module:qualname". message: `str(exc)`. traceback: as formatted where
    it was raised. notes: its `__notes__`. cause: its `__cause__`. activity, attempt, instance_id:
    where it was raised, when known. mro: "module:qualname" of the class and its bases, most
    derived first, for rules that name classes. arguments: how to rebuild it (see
    `convert.failures`), None if it cannot be. members: of an exception group.
    sealed: with a codec, all of this but type_name, mro, activity, attempt and instance_id stands
    here, for the codec to read, and what stands in the fields is empty.
    Known elsewhere as: Azure's FailureDetails, Temporal's Failure.
    """

    type_name: str
    message: str
    traceback: str = ""
    notes: tuple[str, ...] = ()
    cause: Failure | None = None
    activity: str | None = None
    attempt: int | None = None
    instance_id: str | None = None
    mro: tuple[str, ...] = ()
    arguments: Payload | None = None
    members: tuple[Failure, ...] = ()
    sealed: Payload | None = None
