"""An observation is a fact about reached code that some rule may object to, and never a judgement.

Observations are made by the interpreter at the moment it meets the code, in the order of the code.
Each names the piece of source that a finding would underline.
"""

from enum import StrEnum

import attrs

from durable_lint.model import Span
from durable_lint.reach.places import Place
from durable_lint.vocabulary.entry import Entry

__all__ = [
    "CachedFunction",
    "ContractFault",
    "DroppedCall",
    "EndlessLoop",
    "Fault",
    "ForeignAwait",
    "How",
    "Iterated",
    "MadeAtImport",
    "Observation",
    "Pending",
    "StateRead",
    "StateWrite",
    "Swallow",
    "Swallowed",
    "Use",
]


@attrs.frozen(kw_only=True)
class Observation:
    """place: where a finding stands. dialect: `durable_async`, `temporalio` or `durabletask`.

    in_async: the innermost function that holds it is an `async def` (then a fix may add `await`).
    """

    place: Place
    dialect: str = "durable_async"
    in_async: bool = True

    @property
    def span(self) -> Span:
        """What a finding underlines, in the file of the place."""
        return self.place.span


class How(StrEnum):
    """How a name of the vocabulary is used."""

    CALL = "call"
    REFERENCE = "reference"  # handed on to somebody who will call it
    ATTRIBUTE = "attribute"  # read, such as os.environ


@attrs.frozen(kw_only=True)
class Use(Observation):
    """Code of another library, which the vocabulary knows as non-deterministic, is used.

    name: fully qualified (`pathlib.Path.read_text` for a method of an instance).
    entry: what the vocabulary says. awaited: the call is the operand of an await.
    positional, keywords: what a call is given (positional without starred ones).
    """

    name: str
    how: How
    entry: Entry
    awaited: bool = False
    positional: int = 0
    keywords: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class MadeAtImport(Observation):
    """A value is read that was made when its module was imported, and differs by process.

    state: `module.NAME` or `module.Class.name`. name, entry: what made it, as in a use.
    """

    state: str
    name: str
    entry: Entry


@attrs.frozen(kw_only=True)
class ForeignAwait(Observation):
    """Something is awaited that is not durable, or entered by `async with`, or iterated.

    name: qualified name of the library's function or class. form: "await", "async for" or
    "async with".
    """

    name: str
    form: str


class Pending(StrEnum):
    """What kind of call is not awaited."""

    ACTIVITY = "activity"
    ORCHESTRATOR = "orchestrator"
    TIMER = "timer"
    EVENT = "event"
    COROUTINE = "coroutine"


@attrs.frozen(kw_only=True)
class DroppedCall(Observation):
    """A call that does nothing until it is awaited, and is not.

    name: of what is called. use: "dropped" (a statement of its own), "unused" (bound to a name that
    nobody reads), "as a value" (compared, indexed, tested, formatted as if it were the result).
    reached: some orchestrator reaches the code; elsewhere an orchestrator is a client's to start.
    """

    name: str
    kind: Pending
    use: str
    reached: bool = True


@attrs.frozen(kw_only=True)
class Iterated(Observation):
    """The order of something without an order may reach a command or a result.

    what: source text of the iterable, shortened. way: "for", "comprehension", "list", "tuple",
    "gather", "as_completed", "pop", "join", "unpacking", "next", "text", ... kind: "set",
    "frozenset", "keys view", "all_tasks", "tasks of futures". sortable: `sorted(...)` round the
    span would mend it.
    """

    what: str
    way: str
    kind: str
    sortable: bool


class Swallow(StrEnum):
    """What swallows a cancellation."""

    BARE = "bare except"
    BASE = "except BaseException"
    CANCELLED = "except CancelledError"
    SUPPRESS = "suppress"
    FINALLY = "finally"  # return, break or continue in it


@attrs.frozen(kw_only=True)
class Swallowed(Observation):
    """A cancellation that arrives at an await in here goes no further on some path.

    falls_through: every path of the handler that does not raise reaches its end, so that a `raise`
    there mends it; False where one returns, breaks or continues.
    """

    swallow: Swallow
    statement: str = ""  # "return", "break", "continue" of FINALLY
    falls_through: bool = True


@attrs.frozen(kw_only=True)
class StateWrite(Observation):
    """Module or class state is changed. state: `module.NAME` or `module.Class.name`.

    way: "global", "item", "method append", "attribute", "del", "mutable default".
    """

    state: str
    way: str


@attrs.frozen(kw_only=True)
class StateRead(Observation):
    """Module or class state is read that reached code changes. writer: `path:line` of a change."""

    state: str
    writer: str


@attrs.frozen(kw_only=True)
class CachedFunction(Observation):
    """A reached function keeps results in the process. decorator: `functools.lru_cache`, ..."""

    function: str
    decorator: str


@attrs.frozen(kw_only=True)
class EndlessLoop(Observation):
    """A loop without an end awaits something durable and cannot continue as new."""

    awaits: str  # what it awaits first, as in the source


class Fault(StrEnum):
    """What is wrong with the contract of a definition."""

    NOT_ASYNC = "not async"
    NESTED = "nested"
    METHOD = "method"  # an orchestrator in a class
    SAME_NAME = "same name"
    NO_ANNOTATION = "no annotation"  # of a parameter
    NO_RESULT_ANNOTATION = "no result annotation"
    NO_CONVERTER = "no converter"  # a type that cannot become a payload
    INIT_VARIABLE = "init variable"  # a class that cannot be made again from its fields


@attrs.frozen(kw_only=True)
class ContractFault(Observation):
    """An orchestrator or activity whose signature or place cannot work.

    definition: its name. kind: "orchestrator", "activity" or "entity". detail: the parameter, the
    type as written, or `path:line` of the other definition of the name. part: the field of that
    type which is at fault, "" when it is the type itself.
    """

    fault: Fault
    definition: str
    kind: str
    detail: str = ""
    part: str = ""
