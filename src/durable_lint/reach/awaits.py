"""An await gives what was promised, and is durable only when whoever is waited for is."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from durable_lint.reach.facts import Given
from durable_lint.reach.lading import PART
from durable_lint.reach.names import rendered
from durable_lint.reach.observations import ForeignAwait, Pending
from durable_lint.reach.operators import Operators
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    External,
    Instance,
    Made,
    Member,
    Object,
    Pend,
    Union,
    Value,
    join,
    members_of,
)

__all__ = ["Awaits"]


class Awaits(Operators):
    """Waiting, and what generators give."""

    def _await(self, node: ast.Await) -> Value:
        before, self.awaiting = self.awaiting, node.value
        value = self.evaluate(node.value)
        self.awaiting = before
        self.confirm_loops()
        self.foreign(value, node.value, "await")
        joined: Value = NOTHING
        for part in members_of(value):
            joined = join(joined, self.awaited(part, node.value))
        return joined

    def foreign(self, value: Value, node: ast.expr, form: str) -> None:
        """Awaiting what another library makes is not durable."""
        if self.quiet:
            return
        for part in self._read(value):
            name = self._foreign_name(part, form)
            if name is not None and not self._is_put(name):
                self.observe(
                    ForeignAwait(
                        place=self.place(node),
                        dialect=self.dialect,
                        in_async=self.is_async,
                        name=name,
                        form=form,
                    )
                )
                return

    def _read(self, value: Value) -> Iterator[Value]:
        """What a value may be when it is read; members of which nothing is known as they are."""
        for part in members_of(value):
            settled = self.settle(part)
            yield from members_of(part if settled is UNKNOWN else settled)

    def _is_put(self, name: str) -> bool:
        """Whether it is, or is of, what was set in here."""
        return bool(self.put) and any(name == put or name.startswith(f"{put}.") for put in self.put)

    def _foreign_name(self, part: Value, form: str) -> str | None:
        match part:
            case Member():
                return self._foreign_member(part, form)
            case Pend(Pending.COROUTINE, _, _, foreign) if foreign:
                return self.analysis.foreign(foreign)
            case Made(by):
                return self.analysis.foreign(by.replace(PART, ""))
            case External(name) if form != "await":
                return self.analysis.foreign(name)
            case Instance(cls) if form != "await":
                if "." not in cls or cls.startswith(
                    ("builtins.", "durable", "asyncio.", "contextlib.")
                ):
                    return None
                return self._foreign_instance(cls)
            case Instance("asyncio.ForeignFuture"):
                return "asyncio.AbstractEventLoop.create_future"
            case _:
                return None

    def _foreign_member(self, part: Member, form: str) -> str | None:
        """Whether what an object of a library holds is foreign, awaited or entered as it is."""
        cls = part.of.cls
        # What may be somebody else's task is let pass, unless it is sure that nobody put one there.
        if self.laden.get(cls) or (form == "await" and not self.is_bare(cls)):
            return None
        entry = self.vocabulary.member(rendered(part.of), part.path)
        if entry is None and self.vocabulary.is_known(cls):
            return None
        return self.analysis.foreign(f"{cls}.{part.path}")

    def _foreign_instance(self, cls: str) -> str | None:
        """Whether entering or iterating an instance of a library's class is foreign."""
        if self.vocabulary.is_durable_safe(cls) or cls.startswith("anyio."):
            return None
        entry = self.vocabulary.name(cls)
        if entry is not None and entry.category == "foreign_await":
            return cls
        return None if self.vocabulary.is_known(cls) else self.analysis.foreign(cls)

    def awaited(self, value: Value, node: ast.expr) -> Value:
        match value:
            case Pend(_, _, gives):
                return gives
            # Awaiting what is also a context manager gives what entering it would.
            case Instance("asyncio.Task" | "asyncio.Future" | "coroutine" | "context", items):
                return items[0] if items else UNKNOWN
            case Object():
                self.dunder(value, "__await__", Given(), node)
                return UNKNOWN
            case Union(parts):
                joined: Value = NOTHING
                for part in parts:
                    joined = join(joined, self.awaited(part, node))
                return joined
            case _:
                return UNKNOWN

    def _yield(self, node: ast.Yield) -> Value:
        if node.value is None:
            return UNKNOWN
        value = self.evaluate(node.value)
        self.confirm_loops()
        if self.analysis.yields_await(self.function):
            return self.awaited(value, node.value)
        self.consume(value)
        self.escape(value, node.value)
        self.facts.yields = join(self.facts.yields, self.settle_argument(value))
        return UNKNOWN

    def _yield_from(self, node: ast.YieldFrom) -> Value:
        value = self.evaluate(node.value)
        self.consume(value)
        if self.analysis.yields_await(self.function):
            returned = self._returned(value)
            return self.awaited(value, node.value) if returned is UNKNOWN else returned
        self.confirm(self.disorder_of(value, node.value, "yield from"))
        self.facts.yields = join(self.facts.yields, self.element(value, node.value))
        return self._returned(value)

    def _returned(self, generator: Value) -> Value:
        match generator:
            case Instance("builtins.generator", (_, given)):
                return given
            case Union(parts):
                returned: Value = NOTHING
                for part in parts:
                    returned = join(returned, self._returned(part))
                return returned
            case _:
                return UNKNOWN
