"""Names of the standard library give way to durable ones. Invariant: arguments stay where they are.

`datetime.now(UTC)` becomes `da.now().astimezone(UTC)`: what is in the parentheses is not touched,
so that comments and line breaks in it stay.
"""

import ast
from typing import Final

from durable_lint.fixing.edits import Edit
from durable_lint.fixing.module import Module
from durable_lint.fixing.plan import Plan
from durable_lint.model import Finding

__all__ = ["mend_clock", "mend_print", "mend_random", "mend_sleep", "mend_uuid"]

_DURABLE: Final = "durable_async"
_RANDOM: Final = frozenset(
    {
        "betavariate",
        "binomialvariate",
        "choice",
        "choices",
        "expovariate",
        "gammavariate",
        "gauss",
        "getrandbits",
        "lognormvariate",
        "normalvariate",
        "paretovariate",
        "randbytes",
        "randint",
        "random",
        "randrange",
        "sample",
        "shuffle",
        "triangular",
        "uniform",
        "vonmisesvariate",
        "weibullvariate",
    }
)
"""Functions of `random` that are methods of `Random` too; the others are about its state."""

# Naive before and naive after: what it is compared with is naive as well, or it would have failed.
_NAIVE: Final = ("", "().replace", "tzinfo=None")
_CLOCKS: Final[dict[str, tuple[str, str, str]]] = {
    "datetime.datetime.now": _NAIVE,
    "datetime.datetime.today": _NAIVE,
    "datetime.datetime.utcnow": _NAIVE,
    "datetime.date.today": ("", "().date", ""),
    "time.time": ("", "().timestamp", ""),
    "time.time_ns": ("int(", "().timestamp", " * 1e9)"),
}
"""What is put before `now`, behind it, and in the parentheses; of `time_ns`, behind those."""

_SAME_WITH_ZONE: Final = frozenset(
    {"date", "time", "year", "month", "day", "hour", "minute", "second", "microsecond"}
    | {"weekday", "isoweekday", "isocalendar", "toordinal"}
)
"""Members of a `datetime` that say the same whether it knows its zone or not."""

_READ_AS_LOCAL: Final = frozenset({"timestamp", "astimezone"})
"""Members that take a naive time for a local one, and naive UTC for another moment."""


def mend_clock(module: Module, finding: Finding) -> Plan | None:
    """DUR101: a reading of the clock, or a function that reads it and is handed on."""
    subject = finding.subject
    if subject not in _CLOCKS:
        return None
    call = _call_of(module, finding)
    if call is None:
        return _mend_clock_reference(module, finding)
    given = _plain_arguments(call)
    if given is None:
        return None
    if not given:
        return _mend_reading(module, call, subject)
    if subject != "datetime.datetime.now" or len(given) > 1:
        return None
    if isinstance(given[0], ast.Constant) and given[0].value is None:
        return _replace(module, call, "now", f"(){_without_zone(module, call, subject)}")
    return _replace(module, call.func, "now", "().astimezone")


def _mend_reading(module: Module, call: ast.Call, subject: str) -> Plan | None:
    before, behind, inside = _CLOCKS[subject]
    if inside == "tzinfo=None" and not _without_zone(module, call, subject):
        behind = inside = ""
    if before and not module.is_builtin("int", call):
        return None
    plan = _replace(module, call.func, "now", behind, before=before)
    if plan is None or not inside:
        return plan
    _, end = module.range(call)
    place = end if before else end - 1  # behind the parentheses, or in them
    return plan._replace(edits=(*plan.edits, Edit(place, place, inside)))


def _without_zone(module: Module, call: ast.Call, subject: str) -> str:
    """What makes the durable reading as naive as the one before; nothing where it is all one."""
    parent = module.parent(call)
    member = parent.attr if isinstance(parent, ast.Attribute) else ""
    if member in _SAME_WITH_ZONE:
        return ""
    if member in _READ_AS_LOCAL and subject != "datetime.datetime.utcnow":
        return ""
    return ".replace(tzinfo=None)"


def _mend_clock_reference(module: Module, finding: Finding) -> Plan | None:
    """A function of no arguments may stand where nobody gives it one: `default_factory=`."""
    node = _reference_of(module, finding)
    if node is None:
        return None
    # `map(datetime.now, zones)` gives it zones; a keyword such as `default_factory=` nothing.
    if _CLOCKS[finding.subject] is not _NAIVE or not isinstance(module.parent(node), ast.keyword):
        return None
    return _replace(module, node, "now", "().replace(tzinfo=None)", before="lambda: ")


def mend_sleep(module: Module, finding: Finding) -> Plan | None:
    """DUR102: `time.sleep` where an `await` may stand."""
    call = _call_of(module, finding)
    if call is None or finding.subject != "time.sleep" or not module.scopes.may_await(call):
        return None
    given = _plain_arguments(call)
    if given is None or len(given) != 1 or call.keywords:
        return None
    if isinstance(module.parent(call), ast.Await | ast.Attribute | ast.Subscript):
        return None  # it gives None, of which nobody asks for anything
    return _replace(module, call.func, "sleep", package="asyncio", before="await ")


def mend_random(module: Module, finding: Finding) -> Plan | None:
    """DUR111: a function of `random`, or a `Random` without a seed."""
    package, _, function = finding.subject.rpartition(".")
    call = _call_of(module, finding)
    if call is None or package != "random":
        return None
    if function == "Random":
        if call.args or call.keywords:
            return None
        return _replace(module, call.func, "random")
    if function not in _RANDOM:
        return None
    return _replace(module, call.func, "random", f"().{function}")


def mend_uuid(module: Module, finding: Finding) -> Plan | None:
    """DUR112: `uuid4`, called or handed on."""
    if finding.subject != "uuid.uuid4":
        return None
    call = _call_of(module, finding)
    if call is not None:
        return None if call.args or call.keywords else _replace(module, call.func, "uuid4")
    node = _reference_of(module, finding)
    return None if node is None else _replace(module, node, "uuid4")


def mend_print(module: Module, finding: Finding) -> Plan | None:
    """DUR143: `print` of one thing, by the module's own logger or one made on the spot."""
    call = _call_of(module, finding)
    if call is None or finding.subject != "builtins.print" or call.keywords:
        return None
    given = _plain_arguments(call)
    if given is None or len(given) != 1:
        return None
    start, end = module.range(call.func)
    for name, statement in module.assigned_calls(f"{_DURABLE}.get_logger"):
        bindings = module.scopes.bindings(name, call)
        is_own = len(bindings) == 1 and bindings[0].node in statement.targets
        if is_own and module.scopes.is_deferred(call):
            return Plan((Edit(start, end, f"{name}.info"),))
    if not module.is_builtin("__name__", call):
        return None
    return _replace(module, call.func, "get_logger", "(__name__).info")


# ---------------------------------------------------------------- what they share


def _call_of(module: Module, finding: Finding) -> ast.Call | None:
    """The call at the finding, of a name that means what the finding is about."""
    for node in module.at(finding.span):
        if isinstance(node, ast.Call) and module.means(node.func, finding.subject):
            return node
    return None


def _reference_of(module: Module, finding: Finding) -> ast.expr | None:
    """The name at the finding, which is not called there."""
    for node in module.at(finding.span):
        if isinstance(node, ast.Name | ast.Attribute) and module.means(node, finding.subject):
            return node if isinstance(node.ctx, ast.Load) else None
    return None


def _plain_arguments(call: ast.Call) -> list[ast.expr] | None:
    """What a call is given, one by one; None when `*` or `**` hides some of it."""
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _replace(
    module: Module,
    node: ast.expr,
    name: str,
    behind: str = "",
    *,
    package: str = _DURABLE,
    before: str = "",
) -> Plan | None:
    """Put a name of a package in the place of an expression."""
    start, end = module.range(node)
    if module.commented(start, end):
        return None
    spelling = module.spelled(package, name, node)
    if spelling is None:
        return None
    imports = frozenset({spelling.imports} if spelling.imports else ())
    return Plan((Edit(start, end, f"{before}{spelling.text}{behind}"),), imports)
