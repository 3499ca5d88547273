from __future__ import annotations

import abc
import enum
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from dunning.core.money import Money

if TYPE_CHECKING:
    from dunning.invoices import Invoice


class StageError(RuntimeError):
    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(f"{stage}: {reason}")
        self.stage = stage


class Outcome(enum.StrEnum):
    PAID = "paid"
    UNPAID = "unpaid"
    DISPUTED = "disputed"
    WRITTEN_OFF = "written off"


class Stage(abc.ABC):
    """A step of the ladder; subclasses register by being defined."""

    level: ClassVar[int]
    grace: ClassVar[timedelta] = timedelta(days=14)
    ladder: ClassVar[dict[int, type[Stage]]] = {}

    def __init_subclass__(cls, *, level: int | None = None, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if level is not None:
            cls.level = level
            Stage.ladder[level] = cls

    def __init__(self, invoice: Invoice, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.invoice = invoice
        self.options = dict(options or {})
        self.log = logging.getLogger(f"dunning.{type(self).__name__.lower()}")

    @abc.abstractmethod
    async def act(self) -> Outcome: ...

    def fee(self) -> Money:
        return Money(self.invoice.amount.amount * 0, self.invoice.amount.currency)

    def describe(self) -> str:
        return f"level {self.level}: {self.invoice.number} over {self.invoice.amount:.2f}, fee {self.fee():.2f}"

    def channel(self) -> str:
        return self.options.get("channel", "mail")
