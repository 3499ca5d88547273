"""What instances, clients and entities say to entities, and what these say back. Invariant: a mail
that may come twice says so, and has a name that no other has.

A mail and its payloads are the arguments of one signal, so that Temporal's own tools show them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

import attrs
from temporalio.common import RawValue

from durable_async.engines.temporal.payloads import document, from_wire, raw, read_document
from durable_async.model.failure import Failure
from durable_async.model.identity import Caller, EntityId
from durable_async.model.payload import Payload
from durable_async.model.work import INTERNAL

__all__ = [
    "POST",
    "REPLY",
    "Asked",
    "Letter",
    "Mail",
    "Replies",
    "Reply",
    "read_letters",
    "read_replies",
    "signal_arguments",
]

POST: Final = f"{INTERNAL}post"
"""The signal by which an entity is asked for something."""

REPLY: Final = f"{INTERNAL}reply"
"""The signal by which it answers."""


@attrs.frozen(kw_only=True)
class Asked:
    """What an entity is asked for.

    what: "operation": to run one, whose arguments are a payload of the mail; "take_back": nobody
    waits any more for the call of this caller; "lock": to be locked by the caller; "release": to be
    free of that lock, granted or not. caller: None for a signal. lock: of a call, the number of
    the lock that it is a part of. due: not before (UTC).
    """

    what: Literal["operation", "take_back", "lock", "release"]
    caller: Caller | None = None
    operation: str = ""
    lock: int | None = None
    due: datetime | None = None


@attrs.frozen(kw_only=True)
class Mail:
    """sender, place: together, no other mail has them. may_repeat: whoever sends it may be killed
    before that is known, and send it again."""

    sender: str
    place: int = 0
    may_repeat: bool = False
    asked: tuple[Asked, ...] = ()


@attrs.frozen(kw_only=True)
class Reply:
    """To the command `number`. granted: by this entity, its lock. failure: of an operation.
    Otherwise an operation has come to a result, which is a payload of the signal."""

    number: int
    granted: EntityId | None = None
    failure: Failure | None = None

    @property
    def has_payload(self) -> bool:
        return self.granted is None and self.failure is None


@attrs.frozen(kw_only=True)
class Replies:
    """execution_id: of whom they are for; another one of the same instance has no use for them."""

    execution_id: str
    replies: tuple[Reply, ...] = ()


@attrs.frozen
class Letter:
    """input: of an operation."""

    asked: Asked
    input: Payload | None = None


def signal_arguments(head: Mail | Replies, payloads: Sequence[Payload | None]) -> list[RawValue]:
    """payloads: in the order of what needs one."""
    return [document(head), *[raw(each) for each in payloads if each is not None]]


def read_letters(args: Sequence[RawValue]) -> tuple[Mail, list[Letter]]:
    mail = read_document(args, 0, Mail)
    assert mail is not None, "a mail has a head"
    payloads = _payloads(args)
    letters = [
        Letter(each, next(payloads) if each.what == "operation" else None) for each in mail.asked
    ]
    return mail, letters


def read_replies(args: Sequence[RawValue]) -> tuple[str, list[tuple[Reply, Payload | None]]]:
    """The id of the execution that they are for, and the replies with their payloads."""
    head = read_document(args, 0, Replies)
    assert head is not None, "replies have a head"
    payloads = _payloads(args)
    return head.execution_id, [
        (each, next(payloads) if each.has_payload else None) for each in head.replies
    ]


def _payloads(args: Sequence[RawValue]) -> Iterator[Payload]:
    return (from_wire(each.payload) for each in args[1:])
