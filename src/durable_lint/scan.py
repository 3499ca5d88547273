"""Which coroutines of an ordinary asyncio code base would gain by being orchestrators, and why.

Invariant: a candidate takes at least two steps, or one that it repeats until something is so. A
step is an awaited call of a coroutine of the same code base, or of a client of something outside.
Everything is told from the shape of the code; what would break replay in a candidate is for the
rules to say.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

__all__ = ["Candidate", "candidates", "coroutines_defined"]

_LONG: Final = 60.0  # seconds; who sleeps longer outlives few deploys
_ENOUGH: Final = 5  # of score
_MOST_STEPS: Final = 6  # of score for steps; forty of them are not seven times better than six

# Awaited for their own sake, not for what they do outside.
_PLUMBING: Final = frozenset(
    {"sleep", "gather", "wait", "wait_for", "shield", "create_task", "as_completed", "to_thread"}
    | {"timeout", "TaskGroup", "acquire", "release", "drain", "aclose", "close", "__aenter__"}
)
_HANDS_ON: Final = frozenset({"gather", "wait_for", "shield", "create_task", "as_completed"})
# Of what was fetched already, of streams and of a transaction: no step of its own.
_PARTS: Final = frozenset(
    {"json", "text", "body", "form", "read", "readline", "readexactly", "readuntil", "write"}
    | {"recv", "receive", "receive_json", "receive_text", "send_json", "send_text", "accept"}
    | {"put", "join", "wait_closed", "connect", "disconnect", "rollback", "begin", "flush"}
    | {"refresh", "fetchone", "fetchall", "scalars", "__aexit__", "aread", "iter_any", "is_set"}
    | {"raise_for_status", "notify", "notify_all", "set", "clear", "cancelled", "anext"}
)
_NO_CLIENTS: Final = frozenset(
    {"asyncio", "anyio", "trio", "super", "?", "ws", "websocket", "writer", "reader", "stream"}
    | {"queue", "lock", "event", "semaphore", "condition", "request", "response", "resp"}
)
_STATUS_COLUMN: Final = re.compile(
    r"\bupdate\b.*?\bset\b.*?\b\w*(?:status|state|stage|step|phase|progress)\b\s*=",
    re.IGNORECASE | re.DOTALL,
)
_FAN_OUT: Final = frozenset({"gather", "create_task", "as_completed", "start_soon"})
_RETRY_LIBRARIES: Final = frozenset({"tenacity", "backoff", "stamina", "retry", "retrying"})
_PROGRESS: Final = frozenset({"status", "state", "stage", "step", "phase", "progress"})
_SHOWN_COLUMN: Final = "'UPDATE ... SET ...'"
_SAVES: Final = frozenset({"save", "commit", "checkpoint"})
_SAVES_PROGRESS: Final = frozenset(
    {"update_status", "set_status", "save_status", "update_state", "set_state", "save_state"}
    | {"update_progress", "set_progress", "save_progress", "save_checkpoint"}
)
_SETS_COLUMNS: Final = frozenset({"update", "values", "aupdate", "update_one", "set"})
_OUTSIDE: Final = ("approval", "approve", "callback", "webhook", "confirmation", "signature")
_NOT_FOR_US: Final = frozenset(
    {"activity", "orchestrator", "fixture", "asynccontextmanager", "overload", "abstractmethod"}
    | {"entity", "run", "defn", "property", "cached_property"}
    | {"workflow", "flow", "step", "task"}  # of another engine
)
_ROUTES: Final = frozenset(
    {"get", "post", "put", "patch", "delete", "route", "websocket", "api_route", "command"}
)

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Candidate(NamedTuple):
    """One coroutine function.

    path, line: where it is defined. function: its qualified name in its module. score: how much it
    would gain, for sorting. steps: what it awaits of the code base and of clients, in order of
    first use, as written. reasons: what an orchestrator would do for it. changes: what has to be
    different about its definition.
    """

    path: str
    line: int
    function: str
    score: int
    steps: tuple[str, ...]
    reasons: tuple[str, ...]
    changes: tuple[str, ...]


def coroutines_defined(tree: ast.Module) -> set[str]:
    """Names of the coroutine functions and methods in a module, without their classes."""
    return {node.name for node in _statements(tree) if isinstance(node, ast.AsyncFunctionDef)}


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """All statements, however deep; expressions, which are most of a tree, are passed over."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        for name in ("body", "orelse", "handlers", "finalbody", "cases"):
            children = getattr(node, name, None)
            if isinstance(children, list):
                waiting.extend(children)
        if isinstance(node, ast.stmt):
            yield node


def candidates(modules: Mapping[str, ast.Module]) -> list[Candidate]:
    """The candidates in these modules, best first.

    modules: trees by path. Tests are left out by their name: `tests/`, `test_x.py`, `conftest.py`.
    """
    known: set[str] = set()
    for tree in modules.values():
        known |= coroutines_defined(tree)
    found: list[Candidate] = []
    for path, tree in modules.items():
        if _is_test(path):
            continue
        numbers = _numbers(tree)
        for name, function in _functions(tree.body, ""):
            candidate = _candidate(path, name, function, known, numbers)
            if candidate is not None:
                found.append(candidate)
    return sorted(found, key=lambda one: (-one.score, one.path, one.line))


def _numbers(tree: ast.Module) -> dict[str, float]:
    """The module's constants: how long somebody waits often has a name."""
    numbers: dict[str, float] = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case _:
                continue
        seconds = _seconds(value, numbers)
        if seconds is not None:
            numbers[name] = seconds
    return numbers


def _is_test(path: str) -> bool:
    *folders, name = path.split("/")
    return bool({"test", "tests"} & set(folders)) or name.startswith(("test_", "conftest."))


def _functions(body: Iterable[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.AsyncFunctionDef]]:
    """Coroutine functions of a module and of its classes; those in functions belong to these."""
    for statement in body:
        match statement:
            case ast.AsyncFunctionDef():
                yield prefix + statement.name, statement
            case ast.ClassDef():
                yield from _functions(statement.body, f"{prefix}{statement.name}.")
            case ast.If() | ast.Try():
                yield from _functions([*statement.body, *statement.orelse], prefix)
            case _:
                pass


def _candidate(
    path: str,
    name: str,
    function: ast.AsyncFunctionDef,
    known: set[str],
    numbers: Mapping[str, float],
) -> Candidate | None:
    decorators = [_dotted(decorator) for decorator in function.decorator_list]
    if any(_last(decorator) in _NOT_FOR_US for decorator in decorators):
        return None
    if function.name.startswith("__"):
        return None
    shape = _Shape(known - {function.name}, numbers)
    shape.walk(function.body)
    repeats = shape.retries or shape.polls
    if shape.yields or shape.count < (1 if repeats else 2):
        return None
    reasons = _reasons(shape, decorators)
    score = min(shape.count, _MOST_STEPS) + sum(weight for weight, _ in reasons)
    if score < _ENOUGH:
        return None
    return Candidate(
        path=path,
        line=function.lineno,
        function=name,
        score=score,
        steps=tuple(shape.steps),
        reasons=tuple(reason for _, reason in reasons),
        changes=tuple(_changes(name, function, decorators)),
    )


def _reasons(shape: "_Shape", decorators: Sequence[str]) -> list[tuple[int, str]]:
    """What is done by hand, or lost at a crash, each with its weight."""
    by_hand = any(set(decorator.split(".")) & _RETRY_LIBRARIES for decorator in decorators)
    progress = ", ".join(sorted(shape.progress))
    told = [
        (shape.count > 2, 1, f"a crash loses how far it was in {shape.count} steps"),
        (shape.in_loop, 2, "a crash in its loop begins the loop anew"),
        (shape.retries or by_hand, 3, "retries by hand what an activity's policy retries"),
        (shape.polls, 3, "polls: a durable timer or an external event costs nothing meanwhile"),
        (shape.long_sleep, 3, "waits longer than a minute: a deploy in between forgets it"),
        (shape.undoes, 3, "undoes steps when one fails, unless it crashes in between"),
        (shape.fans_out, 2, "runs steps at once, and a crash repeats those that were done"),
        (bool(progress), 3, f"keeps its progress by hand ({progress})"),
        (shape.outside, 2, "waits for somebody outside: an external event"),
        (shape.bounded, 1, "has a time limit, which begins anew after a restart"),
    ]
    return [(weight, reason) for holds, weight, reason in told if holds]


def _changes(name: str, function: ast.AsyncFunctionDef, decorators: Sequence[str]) -> Iterator[str]:
    """What must be different about the definition."""
    arguments = function.args
    if any(_last(decorator) in _ROUTES for decorator in decorators):
        yield "it handles requests: move the steps into an orchestrator that the handler starts"
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    if "." in name and given and given[0].arg in ("self", "cls"):
        yield f"it is a method: pass what it needs of `{given[0].arg}` as arguments"
        given = given[1:]
    bare = [argument.arg for argument in given if argument.annotation is None]
    if bare:
        yield f"parameters without a type: {', '.join(bare)}"
    if arguments.vararg or arguments.kwarg:
        yield "it takes any number of arguments: name them"
    if function.returns is None:
        yield "its result has no type"


class _Shape:
    """What the body of one coroutine does, gathered in one walk in the order of the code.

    steps: names; count: how often one is called, for one client does many things.
    """

    def __init__(self, known: set[str], numbers: Mapping[str, float]) -> None:
        self._known = known
        self._numbers = numbers
        self.steps: dict[str, None] = {}  # ordered
        self.count = 0
        self.progress: set[str] = set()
        self.in_loop = self.retries = self.polls = self.long_sleep = False
        self.undoes = self.fans_out = self.outside = self.bounded = self.yields = False

    def walk(self, body: Sequence[ast.stmt]) -> None:
        """Take in these statements. Iterative: generated code is deeply nested."""
        work: list[tuple[ast.AST, _Within]] = [(node, _Within()) for node in reversed(body)]
        while work:
            node, within = work.pop()
            self._see(node, within)
            if isinstance(node, _Function | ast.ClassDef | ast.Lambda):
                continue
            children = [
                (child, _inside(node, child, within)) for child in ast.iter_child_nodes(node)
            ]
            work.extend(reversed(children))

    def _see(self, node: ast.AST, within: "_Within") -> None:
        match node:
            case ast.Yield() | ast.YieldFrom():
                self.yields = True
            case ast.Await(value=ast.Call() as call):
                self._awaited(call, within)
            case ast.Call():
                self._called(node, within)
            case ast.Attribute(ctx=ast.Store(), attr=attribute) if attribute in _PROGRESS:
                self.progress.add(_dotted(node))
            case _:
                pass

    def _awaited(self, call: ast.Call, within: "_Within") -> None:
        name = _dotted(call.func)
        last = _last(name)
        if last == "sleep":
            self._slept(call, within)
        if any(word in name.lower() for word in _OUTSIDE):
            self.outside = True
        if last in _SAVES and last != name and name.partition(".")[0] not in _NO_CLIENTS:
            self.progress.add(f"{name}()")

    def _slept(self, call: ast.Call, within: "_Within") -> None:
        seconds = _seconds(call.args[0], self._numbers) if call.args else None
        self.long_sleep |= seconds is not None and seconds >= _LONG
        if within.loop and (within.handler or within.tries):
            self.retries = True
        self.polls |= within.until and not within.handler

    def _called(self, call: ast.Call, within: "_Within") -> None:
        """A call of a coroutine is a step, awaited here or given to a task."""
        name = _dotted(call.func)
        last = _last(name)
        self.fans_out |= last in _FAN_OUT
        self.bounded |= last in ("timeout", "wait_for")
        if self._saves(call, name, last) or not self._is_step(call, name, last, within):
            return
        self.steps.setdefault(name)
        self.count += 1
        self.in_loop |= within.loop
        self.undoes |= within.handler
        self.retries |= within.tried_in_loop

    def _saves(self, call: ast.Call, name: str, last: str) -> bool:
        """Whether it writes down how far the work has come."""
        if last in _SAVES_PROGRESS:
            self.progress.add(f"{name}()")
        elif last in _SETS_COLUMNS and (key := _progress_key(call)):
            self.progress.add(f"{name}({key}=...)")
        elif any(_STATUS_COLUMN.search(_text(argument)) for argument in call.args):
            self.progress.add(f"{name}({_SHOWN_COLUMN})")
        else:
            return last in _SAVES
        return True

    def _is_step(self, call: ast.Call, name: str, last: str, within: "_Within") -> bool:
        if last in _PLUMBING:
            return False
        if last in self._known and last == name:
            return True
        # Else `settings.get(...)` would be a coroutine because some client has one of that name.
        if last in self._known and within.waited_for:
            return True
        return within.handed_over and _is_of_a_client(call, name, last)


def _is_of_a_client(call: ast.Call, name: str, last: str) -> bool:
    """Whether what is awaited may do something outside, told by its name alone."""
    parts = name.split(".")
    if last in _PARTS or _NO_CLIENTS.intersection(part.lstrip("_") for part in parts[:-1]):
        return False
    return not (last == "get" and not call.args) and last not in ("wait", "get_nowait")


def _progress_key(call: ast.Call) -> str:
    """The column of progress that a call of an ORM names, or a key in what it is given."""
    for keyword in call.keywords:
        if keyword.arg in _PROGRESS:
            return keyword.arg or ""
    for argument in call.args:
        if isinstance(argument, ast.Dict):
            for node in ast.walk(argument):
                if isinstance(node, ast.Constant) and node.value in _PROGRESS:
                    return str(node.value)
    return ""


def _text(node: ast.expr) -> str:
    """What is written in a string, however it is put together."""
    if not isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp | ast.Call):
        return ""
    return "".join(
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


def _seconds(node: ast.expr, numbers: Mapping[str, float]) -> float | None:
    """How long, as far as the code says; of a product with something unknown, its known part."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name):
            return numbers.get(name)
        case ast.BinOp(op=ast.Mult(), left=left, right=right):
            factors = [_seconds(left, numbers), _seconds(right, numbers)]
            known = [factor for factor in factors if factor is not None]
            return None if not known else known[0] * known[-1] if len(known) > 1 else known[0]
        case ast.Call(func=ast.Attribute(value=value, attr="total_seconds")):
            return _seconds(value, numbers)
        case ast.Call(keywords=keywords) if _last(_dotted(node)) == "timedelta":
            total = 0.0
            for keyword in keywords:
                amount = _seconds(keyword.value, numbers)
                total += _UNITS.get(keyword.arg or "", 0) * (1 if amount is None else amount)
            return total
        case _:
            return None


_UNITS: Final = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


class _Within(NamedTuple):
    """What the code at hand stands in.

    until: a loop that ends when something is so. tries: a loop in which an error is caught, and
    then tried again. tried_in_loop: the `try` of it. waited_for: the operand of an await, or an
    argument of `gather` and its like. handed_over: the same, of what surely is given a coroutine.
    """

    loop: bool = False
    until: bool = False
    tries: bool = False
    handler: bool = False
    tried_in_loop: bool = False
    waited_for: bool = False
    handed_over: bool = False


def _inside(node: ast.AST, child: ast.AST, within: _Within) -> _Within:
    """What a child of the node stands in."""
    match node:
        case ast.Await():
            return within._replace(waited_for=True, handed_over=True)
        case ast.Call():
            last = _last(_dotted(node.func))
            waited_for = last in _PLUMBING | _FAN_OUT
            return within._replace(waited_for=waited_for, handed_over=last in _HANDS_ON)
        case ast.Starred() | ast.List() | ast.ListComp() | ast.GeneratorExp():
            return within
        case ast.While() if child in node.body:
            endless = isinstance(node.test, ast.Constant)
            until = not endless or _can_be_left(node.body)
            return within._replace(loop=True, until=until, tries=_tries_again(node.body))
        case ast.For() | ast.AsyncFor() if child in node.body:
            counts = isinstance(node, ast.For) and _last(_dotted(node.iter)) in ("range", "count")
            tries = counts and _tries_again(node.body)
            until = counts and not tries and _can_be_left(node.body)
            return within._replace(loop=True, until=until, tries=tries)
        case ast.Try() if child in node.body:
            goes_on = any(_goes_on(handler) for handler in node.handlers)
            tried = within.loop and (within.tries or goes_on)
            return within._replace(tried_in_loop=tried)
        case ast.ExceptHandler():
            return within._replace(handler=True, tried_in_loop=False)
        case _:
            return within._replace(handed_over=False)


def _can_be_left(body: Sequence[ast.stmt]) -> bool:
    """Whether some way leads out of a loop with this body, not counting what is raised."""
    holder = ast.Module(body=list(body), type_ignores=[])
    return any(isinstance(node, ast.Break | ast.Return) for node in _statements(holder))


def _tries_again(body: Sequence[ast.stmt]) -> bool:
    """Whether a loop is left when something works, and goes round again after an error."""
    return _can_be_left(body) and any(
        isinstance(statement, ast.Try)
        and any(not _ends_loop(handler) for handler in statement.handlers)
        for statement in body
    )


def _ends_loop(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.body[-1], ast.Break | ast.Return | ast.Raise)


def _goes_on(handler: ast.ExceptHandler) -> bool:
    """Whether the next round of the loop tries again after this handler has waited."""
    sleeps = any(
        isinstance(node, ast.Call) and _last(_dotted(node.func)) == "sleep"
        for node in ast.walk(handler)
    )
    return sleeps or isinstance(handler.body[-1], ast.Continue)


def _dotted(node: ast.AST) -> str:
    """`a.b.c` of a name or attribute, of what a call calls; `?` for what has no name."""
    parts: list[str] = []
    while True:
        match node:
            case ast.Attribute():
                parts.append(node.attr)
                node = node.value
            case ast.Call():
                node = node.func
            case ast.Name():
                parts.append(node.id)
                return ".".join(reversed(parts))
            case _:
                return ".".join(reversed([*parts, "?"]))


def _last(name: str) -> str:
    return name.rpartition(".")[2]
