"""New instances.

Invariant: of all who ask for one id, one gets it; who is refused has changed nothing.
"""

from __future__ import annotations

from durable_async.engines import refusals
from durable_async.engines.clock import microseconds
from durable_async.engines.continuations import started
from durable_async.engines.names import newest
from durable_async.engines.sqlite import queries
from durable_async.engines.sqlite.offers import Offers
from durable_async.engines.sqlite.rows import chunk_row
from durable_async.engines.sqlite.standing import STATUSES, find, first_epoch
from durable_async.engines.sqlite.writing import NOBODY, NewInstance, Writing
from durable_async.model.creation import Created, CreateInstance
from durable_async.model.work import Lease

__all__ = ["Creations"]


class Creations:
    def __init__(self, writing: Writing, offers: Offers) -> None:
        self._writing = writing
        self._offers = offers

    def create(self, request: CreateInstance) -> Created:
        """At top level, or detached."""
        return self._create(request, None, 0)[0]

    def create_child(self, request: CreateInstance, root: int, era: int = 0) -> int:
        """Returns the key of the child. root: of the parent, or the parent's key. era: see
        `schema`; greater than 0 if it was there before, and may be held still."""
        return self._create(request, root, era)[1]

    def version(self, request: CreateInstance) -> str | None:
        """That which it gets."""
        if not request.newest:
            return request.version
        offered = self._offers.versions(request.name)
        if offered:
            return newest(offered)
        return newest(each[2] for each in self._writing.names.definitions(request.name))

    def _create(self, request: CreateInstance, root: int | None, era: int) -> tuple[Created, int]:
        writing, now = self._writing, self._writing.now
        version = self.version(request)
        # Encoded first: what cannot be stored is refused with nothing written.
        first = started(request, version, writing.moment)
        _, _, data, checksum = chunk_row(0, request.execution_id, 0, (first,))
        definition = writing.names.definition(request.name, version, request.queue)
        ready_at = now if request.start_at is None else max(now, microseconds(request.start_at))
        takes = ready_at <= now and self._takes(request, version, root)
        epoch = first_epoch(era)
        lane, epoch = (writing.session, epoch + 1) if takes else (-definition, epoch)
        row = (
            writing.names.namespace,
            request.instance_id,
            request.execution_id,
            definition,
            lane,
            epoch,
            ready_at,
            now,
            now,
            root,
            first.parent_id,
            era,
        )
        cursor = writing.database.execute(queries.CREATE, row)
        if cursor.rowcount != 1:
            attached = self._find_room(request)
            if attached is not None:
                return attached
            cursor = writing.database.execute(queries.CREATE, row)
        key = cursor.lastrowid
        assert key is not None
        writing.chunks.append((key, 0, data, checksum))
        if request.tags:
            writing.tags += [(name, value, key) for name, value in request.tags.items()]
        if takes:
            lease = Lease(request.instance_id, request.execution_id, epoch)
            holdings = writing.holdings
            holdings.hold(
                key, lease, writing.session, 1, queries.PENDING, serial=key, root=root, era=era
            )
            holdings.hand(key)
            writing.created[request.instance_id] = NewInstance(key, first, lease)
        else:
            writing.hints.instance_at(ready_at)
        created = Created(
            instance_id=request.instance_id, execution_id=request.execution_id, fresh=True
        )
        return created, key

    def _takes(self, request: CreateInstance, version: str | None, root: int | None) -> bool:
        """Whether an instance goes to the session right away. Not if others may have waited
        longer."""
        writing, claim = self._writing, self._writing.claim
        return (
            claim is not None
            and writing.session != NOBODY
            and writing.hints.instances > writing.now
            and len(writing.created) < claim.max_instances
            and (
                (request.name, version) in claim.orchestrators or request.name in claim.any_version
            )
            and request.queue in claim.queues
            # With `only`, a child may be one of theirs: the claim itself finds out.
            and (claim.only is None or (root is None and request.instance_id in claim.only))
        )

    def _find_room(self, request: CreateInstance) -> tuple[Created, int] | None:
        """The id is taken. Join who has it, or make room; None if there is room now."""
        there = find(self._writing, request.instance_id)
        assert there is not None
        name = (self._writing.names.definition_of(there.definition) or ("?", None, ""))[0]
        if request.if_exists == "attach":
            if name != request.name:
                raise refusals.other_name(request, name)
            execution_id = there.lease.execution_id
            joined = Created(
                instance_id=request.instance_id, execution_id=execution_id, fresh=False
            )
            return joined, there.key
        if request.if_exists == "raise" or not there.has_ended:
            raise refusals.already_exists(request, name, STATUSES[there.status])
        self._writing.write()
        for sql in queries.DELETE_INSTANCE:
            self._writing.database.execute(sql, (there.key,))
        return None
