from __future__ import annotations

import functools
import locale
import os
import sys
import traceback

from structlog import get_logger

log = get_logger(__name__)


class AuditMixin:
    """Says what happens; goes left of the handler it extends."""

    def before(self) -> None:
        log.info("started", pnr=self.pnr, pid=os.getpid())  # expect: DUR143, DUR125
        super().before()

    def describe(self) -> str:
        return f"{self!r} {locale.getlocale()}"


class LoungeMixin:
    _passes: dict[str, int] = {}

    async def after(self) -> None:
        LoungeMixin._passes[self.pnr] = 1  # expect: DUR141
        try:
            await super().after()
        except (ValueError, BaseException):  # expect: DUR135
            traceback.print_exc()  # expect: DUR143

    @functools.cached_property
    def lounges(self) -> list[str]:
        return sorted(self._passes)


class TracingMixin:
    def before(self) -> None:
        sys.settrace(lambda frame, event, arg: None)
        super().before()
