"""Which coroutines of an ordinary asyncio code base would gain by being orchestrators, and why.

Invariant: a candidate has at least two steps that are coroutines of the same code base: what calls
only libraries is a step, not a sequence of steps. Everything is told from the shape of the code;
what would break replay in a candidate is for the rules to say.
"""

import ast
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
_FAN_OUT: Final = frozenset({"gather", "create_task", "as_completed", "start_soon"})
_RETRY_LIBRARIES: Final = frozenset({"tenacity", "backoff", "stamina", "retry", "retrying"})
_PROGRESS: Final = frozenset({"status", "state", "stage", "step", "phase", "progress"})
_SAVES: Final = frozenset({"save", "commit", "update_status", "set_status", "checkpoint"})
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
    would gain, for sorting. steps: coroutines of the code base that it awaits, in order of first
    use, as written. reasons: what an orchestrator would do for it. changes: what has to be
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
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)}


def candidates(modules: Mapping[str, ast.Module]) -> list[Candidate]:
    """The candidates in these modules, best first.

    modules: trees by path. Tests are left out by their name: `tests/`, `test_x.py`, `conftest.py`.
    """
    known: set[str] = set()
    for tree in modules.values():
        known |= coroutines_defined(tree)
    found = [
        candidate
        for path, tree in modules.items()
        if not _is_test(path)
        for name, function in _functions(tree.body, "")
        if (candidate := _candidate(path, name, function, known)) is not None
    ]
    return sorted(found, key=lambda one: (-one.score, one.path, one.line))


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
    path: str, name: str, function: ast.AsyncFunctionDef, known: set[str]
) -> Candidate | None:
    decorators = [_dotted(decorator) for decorator in function.decorator_list]
    if any(_last(decorator) in _NOT_FOR_US for decorator in decorators):
        return None
    if function.name.startswith("__"):
        return None
    shape = _Shape(known - {function.name})
    shape.walk(function.body)
    if shape.yields or len(shape.steps) < 2:
        return None
    reasons = _reasons(shape, decorators)
    score = min(len(shape.steps), _MOST_STEPS) + sum(weight for weight, _ in reasons)
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
        (len(shape.steps) > 2, 1, f"a crash loses how far it was in {len(shape.steps)} steps"),
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
    """What the body of one coroutine does, gathered in one walk in the order of the code."""

    def __init__(self, known: set[str]) -> None:
        self._known = known
        self.steps: dict[str, None] = {}  # ordered
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
        if last in _SAVES and last != name:
            self.progress.add(f"{name}()")

    def _slept(self, call: ast.Call, within: "_Within") -> None:
        match call.args:
            case [ast.Constant(value=int() | float() as seconds)] if seconds >= _LONG:
                self.long_sleep = True
        if within.handler and within.loop:
            self.retries = True
        elif within.while_loop:
            self.polls = True

    def _called(self, call: ast.Call, within: "_Within") -> None:
        """A call of a coroutine is a step, awaited here or given to a task."""
        name = _dotted(call.func)
        last = _last(name)
        self.fans_out |= last in _FAN_OUT
        self.bounded |= last in ("timeout", "wait_for")
        if last not in self._known or last in _PLUMBING or last in _SAVES:
            return
        if not within.waited_for and last != name:
            return  # `settings.get(...)` is no coroutine because some client has one of that name
        self.steps.setdefault(name)
        self.in_loop |= within.loop
        self.undoes |= within.handler
        self.retries |= within.tried_in_loop


class _Within(NamedTuple):
    """What the code at hand stands in.

    tried_in_loop: a `try` in a loop whose handler goes on. waited_for: the operand of an await, or
    an argument of `gather` and its like.
    """

    loop: bool = False
    while_loop: bool = False
    handler: bool = False
    tried_in_loop: bool = False
    waited_for: bool = False


def _inside(node: ast.AST, child: ast.AST, within: _Within) -> _Within:
    """What a child of the node stands in."""
    match node:
        case ast.Await():
            return within._replace(waited_for=True)
        case ast.Call():
            return within._replace(waited_for=_last(_dotted(node.func)) in _PLUMBING | _FAN_OUT)
        case ast.While() if child in node.body:
            return within._replace(loop=True, while_loop=True)
        case ast.For() | ast.AsyncFor() if child in node.body:
            return within._replace(loop=True)
        case ast.Try() if child in node.body:
            goes_on = any(_goes_on(handler) for handler in node.handlers)
            return within._replace(tried_in_loop=within.loop and goes_on)
        case ast.ExceptHandler():
            return within._replace(handler=True, tried_in_loop=False)
        case _:
            return within


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
