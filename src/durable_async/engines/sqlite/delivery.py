"""Events for instances, whoever sends them.

Invariant: an event of a key is delivered once to an instance, whichever execution it is at.
"""

from __future__ import annotations

import logging
from typing import Final

from durable_async.engines import refusals
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.ends import Ends
from durable_async.engines.sqlite.rows import message_row
from durable_async.engines.sqlite.standing import STATUSES, find
from durable_async.engines.sqlite.writing import Writing
from durable_async.model.history import EventReceived
from durable_async.model.status import RuntimeStatus
from durable_async.model.work import RaiseEvent

__all__ = ["Delivery"]

_logger: Final = logging.getLogger("durable_async.engines")


class Delivery:
    def __init__(self, writing: Writing, ends: Ends) -> None:
        self._writing = writing
        self._ends = ends

    def raise_event(self, key: int, message: RaiseEvent) -> bool:
        """key: of a live instance. Returns whether it is delivered, rather than a repetition."""
        writing = self._writing
        event = EventReceived(
            name=message.name, data=message.data, key=message.key, request_id=message.request_id
        )
        row = message_row(key, writing.now, event)
        if message.key is not None:
            cursor = writing.database.execute(queries.ADD_KEY, (key, message.key))
            if cursor.rowcount != 1:  # it was raised before
                return False
        writing.mail.append(row)
        writing.notified[key] = None
        writing.holdings.mailed.add(key)
        new = writing.created.get(message.instance_id)
        if new is not None:
            new.has_mail = True
        return True

    def was_raised(self, message: RaiseEvent) -> bool:
        """An event of a key that the instance, which has ended since, has had."""
        if message.key is None:
            return False
        there = find(self._writing, message.instance_id)
        if there is None:
            return False
        try:
            row = self._writing.database.row(queries.HAS_KEY, (there.key, message.key))
        except UnicodeEncodeError:  # refused further on
            return False
        return row is not None

    # ---- what instances and entities send: nobody hears of it if it does not arrive ------------

    def send_event(self, message: RaiseEvent, sender: str) -> None:
        writing = self._writing
        writing.write()
        there = find(writing, message.instance_id)
        if there is None or there.has_ended:
            status = None if there is None else STATUSES[there.status]
            self._drop(f"event {message.name!r}", message.instance_id, status, sender)
            return
        self.raise_event(there.key, message)
        writing.hints.instance_at(writing.now)

    def send_cancel(self, instance_id: str, reason: str, sender: str) -> None:
        writing = self._writing
        writing.write()
        there = find(writing, instance_id)
        if there is None or there.has_ended:
            status = None if there is None else STATUSES[there.status]
            self._drop("a cancel request", instance_id, status, sender)
            return
        self._ends.cancel(there, reason)
        writing.write()

    def _drop(self, what: str, instance_id: str, status: RuntimeStatus | None, sender: str) -> None:
        _logger.warning("%s", refusals.dropped(what, instance_id, status, sender))
