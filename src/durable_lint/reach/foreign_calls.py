"""A call of a library's function is judged, and what it gives is what the vocabulary says of it."""

from __future__ import annotations

import ast
from typing import Final

from durable_lint.reach.facts import Given
from durable_lint.reach.keepsakes import counts_with, is_unseeded, keepsake
from durable_lint.reach.lading import is_laden
from durable_lint.reach.library.table import HANDLERS
from durable_lint.reach.methods import Methods
from durable_lint.reach.names import rendered
from durable_lint.reach.notation import parse_type
from durable_lint.reach.observations import How, Pending
from durable_lint.reach.uses import arguments_of, really_counts
from durable_lint.reach.values import UNKNOWN, External, Instance, Made, Member, Pend, Value
from durable_lint.vocabulary.entry import Entry
from durable_lint.vocabulary.order import FED_FUNCTIONS, ORDER_FREE, ORDER_FREE_METHODS

__all__ = ["ForeignCalls"]

# Their arguments are classes or values that are looked at, not called.
LOOKS_ONLY: Final = frozenset(
    {
        "builtins.isinstance",
        "builtins.issubclass",
        "builtins.hasattr",
        "builtins.callable",
        "builtins.getattr",
        "builtins.setattr",
        "builtins.id",
        "builtins.type",
        "builtins.len",
        "builtins.bool",
        "typing.cast",
        "durable_async.side_effect",
        "durable_async.activity_named",
        "durable_async.orchestrator_named",
        "durable_async.wait_for_event",
        "durable_async.events",
        "durable_async.requests",
        "durable_async.entity_ref",
        "builtins.print",
        "contextlib.suppress",
        "functools.partial",
        "builtins.super",
        *("builtins.round", "builtins.abs", "builtins.divmod", "builtins.pow", "builtins.int"),
        *("builtins.float", "builtins.chr", "builtins.ord", "builtins.hex", "builtins.oct"),
        "builtins.bin",
    }
)
# They want a value, and nothing that has to be awaited first.
OF_VALUES: Final = frozenset(
    {
        *("builtins.abs", "builtins.all", "builtins.any", "builtins.bytes", "builtins.chr"),
        *("builtins.dict", "builtins.divmod", "builtins.enumerate", "builtins.float"),
        *("builtins.format", "builtins.frozenset", "builtins.int", "builtins.iter", "builtins.len"),
        *("builtins.list", "builtins.next", "builtins.ord", "builtins.range", "builtins.repr"),
        *("builtins.reversed", "builtins.round", "builtins.set", "builtins.sorted", "builtins.str"),
        *("builtins.sum", "builtins.tuple", "builtins.print", "decimal.Decimal", "json.dumps"),
        *("json.loads", "math.ceil", "math.floor", "math.sqrt"),
    }
)
# In workflows of other libraries these are made durable by an integration of theirs.
INTEGRATED: Final = frozenset({"agents.Runner.run"})
INTEGRATED_AT_ONCE: Final = frozenset({"agents.Runner.run_sync", "agents.Runner.run_streamed"})
# Methods of what was made at import that do nothing of what making it is reported for.
AT_REST: Final = frozenset(
    {"seed", "getstate", "setstate", "close", "shutdown", "__enter__", "__exit__"}
)
DRAWN: Final = Entry("randomness")
LOGGED: Final = frozenset(
    f"logging.{name}"
    for name in ("critical", "debug", "error", "exception", "fatal", "info", "log", "warning")
)
LOGGERS: Final = frozenset({"logging.Logger", "logging.LoggerAdapter", "durable_async.Logger"})


class ForeignCalls(Methods):
    """Calls of what is not the project's."""

    def call_foreign(self, target: External, given: Given, node: ast.expr) -> Value:
        """Call a function or class of a library."""
        name = target.name
        if self.vocabulary.is_activity(name):
            self.escape_all(given, node)
            return Instance("coroutine", (UNKNOWN,))
        if self.dialect != "durable_async" and name in INTEGRATED | INTEGRATED_AT_ONCE:
            self.escape_all(given, node)
            if name in INTEGRATED:
                return Pend(Pending.COROUTINE, name, UNKNOWN, "", self.place(node))
            return UNKNOWN
        if name in OF_VALUES or name in LOGGED:
            self._want_values(given, node, of_a_task=name in LOGGED)
        entry = self.vocabulary.name(name)
        if entry is not None and not target.told:
            self._judge_call(name, entry, given, node)
        if name in FED_FUNCTIONS and isinstance(node, ast.Call) and node.args:
            self.fed(node.args[0])
        looks = name in ORDER_FREE or name in LOOKS_ONLY
        known = self.known(name, given, node) if isinstance(node, ast.Call) else None
        if known is not None:
            if not looks:
                self.references(given, node)
            return known
        if not looks:
            self.hand_over(name, given, node)
        return self._made_by(name, given, entry, node)

    def _made_by(self, name: str, given: Given, entry: Entry | None, node: ast.expr) -> Value:
        """What a call gives of which only the vocabulary knows something, or nobody."""
        kept = keepsake(name, given)
        if kept is not None:
            return kept
        result = self.vocabulary.result(name)
        if result is not None:
            return self._called(name, parse_type(result), entry, node)
        if self.vocabulary.is_class(name) or _looks_like_class(name):
            laden = is_laden(given)
            self.laden = {**self.laden, name: laden or self.laden.get(name, False)}
            return Instance(name)
        return Made(name, is_laden(given))

    def _want_values(self, given: Given, node: ast.expr, *, of_a_task: bool = False) -> None:
        for value in given.positional:
            if type(value) is Pend:
                self.dropped(value, node, "as a value", of_a_task=of_a_task)

    def _judge_call(self, name: str, entry: Entry, given: Given, node: ast.expr) -> None:
        if (
            not entry.attribute
            and entry.applies(arguments_of(given))
            and really_counts(name, given)
            and node not in self.compared
        ):
            how = How.REFERENCE if getattr(node, "handed_on", False) else How.CALL
            self.use(name, entry, how, node, given)

    def call_member(self, target: Member, given: Given, node: ast.expr) -> Value:
        """Call a method of a library's object."""
        of, path = target.of, target.path
        cls = rendered(of)
        entry = self.vocabulary.member(cls, path)
        name = f"{of.cls}.{path}"
        if entry is None and of.state and path not in AT_REST:
            entry = DRAWN if is_unseeded(of) else self.analysis.made_with.get(of.state)
        if (
            entry is not None
            and not entry.attribute
            and entry.applies(arguments_of(given))
            and counts_with(of, given)
        ):
            self.use(name, entry, How.CALL, node, given)
        if of.cls in LOGGERS:
            self._want_values(given, node, of_a_task=True)
        is_order_free = path in ORDER_FREE_METHODS and of.cls.startswith("builtins.")
        if not (is_order_free or of.cls in LOGGERS):
            self.hand_over(name, given, node)
        result = self.vocabulary.member_result(cls, path)
        if result is not None:
            return self._called(name, parse_type(result, of.items), entry, node)
        if _told_at_call(entry):
            return UNKNOWN
        return Made(name, is_laden(given) or not self.is_bare(of.cls))

    def _called(self, name: str, value: Value, entry: Entry | None, node: ast.expr) -> Value:
        """What a call gives: of an `async def`, something to await."""
        if type(value) is not Instance or value.cls != "coroutine":
            return value
        safe = _told_at_call(entry) or self.vocabulary.is_durable_safe(name)
        foreign = "" if safe else name
        return Pend(Pending.COROUTINE, name, value.items[0], foreign, self.place(node))

    def known(self, name: str, given: Given, node: ast.Call) -> Value | None:
        handler = HANDLERS.get(name)
        return None if handler is None else handler(self, given, node)


def _told_at_call(entry: Entry | None) -> bool:
    """Whether a call is reported itself, so that awaiting what it gives is not."""
    return entry is not None and entry.category != "foreign_await"


def _looks_like_class(name: str) -> bool:
    """Whether the last part of a name is spelled like a class."""
    last = name.rpartition(".")[2].lstrip("_")
    return last[:1].isupper() and not last.isupper()
