"""Every function whose flow is known, by its qualified name."""

from __future__ import annotations

from typing import Final

from durable_lint.reach.library.durable import DURABLE
from durable_lint.reach.library.handler import Handler
from durable_lint.reach.library.iterables import ITERABLES
from durable_lint.reach.library.protocols import PROTOCOLS
from durable_lint.reach.library.tasks import TASKS
from durable_lint.reach.library.wrappers import WRAPPERS

__all__ = ["HANDLERS"]

HANDLERS: Final[dict[str, Handler]] = {**ITERABLES, **WRAPPERS, **PROTOCOLS, **TASKS, **DURABLE}
