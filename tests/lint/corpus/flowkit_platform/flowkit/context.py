"""Tenant and correlation id, carried by context variables."""

import contextlib
import contextvars
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import durable_async as da

tenant: contextvars.ContextVar[str] = contextvars.ContextVar("tenant", default="public")
_correlation: contextvars.ContextVar["Correlation | None"] = contextvars.ContextVar("correlation", default=None)


@dataclass(frozen=True)
class Correlation:
    id: uuid.UUID
    parent: "Correlation | None" = None

    @classmethod
    def fresh(cls) -> "Correlation":
        return cls(da.uuid4(), _correlation.get())

    @classmethod
    def of_request(cls, header: str | None) -> "Correlation":
        return cls(uuid.UUID(header) if header else uuid.uuid4())

    def __str__(self) -> str:
        return f"{self.parent}/{self.id}" if self.parent else str(self.id)


@contextlib.contextmanager
def request_context(name: str) -> Iterator[Correlation]:
    correlation = Correlation.fresh()
    tokens = tenant.set(name), _correlation.set(correlation)
    try:
        yield correlation
    finally:
        tenant.reset(tokens[0])
        _correlation.reset(tokens[1])


class ContextFilter:
    """For the handlers of the `logging` tree."""

    def filter(self, record) -> bool:
        record.tenant = tenant.get()
        record.correlation = str(_correlation.get())
        return True
