"""What a call of another library's function gives, for those that hand their arguments on.

Everything here is about flow: what is called back, what comes out. Whether a call is allowed is for
the vocabulary to say.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from durable_lint.reach.contexts import Contexts
from durable_lint.reach.facts import Given
from durable_lint.reach.iteration import ALL_TASKS, harmless, is_set
from durable_lint.reach.observations import Pending
from durable_lint.reach.values import (
    NOTHING,
    UNKNOWN,
    Bound,
    Class,
    Constant,
    Definition,
    External,
    Func,
    Instance,
    Marker,
    Object,
    Partial,
    Pend,
    Super,
    Value,
    copied,
    join,
    members_of,
)

__all__ = ["Known"]

# A future that was made directly, and not by the loop: it hashes by its address.
COUNTER: Final = "collections.Counter"
OWN_FUTURE: Final = "asyncio.futures.Future"
Handler = Callable[["Known", Given, ast.Call], Value]


class Known(Contexts):
    """Functions of libraries whose flow is known."""

    def known(self, name: str, given: Given, node: ast.Call) -> Value | None:
        """What a call gives, when this module knows the function; else None."""
        handler = HANDLERS.get(name)
        return None if handler is None else handler(self, given, node)

    def pend(
        self, kind: Pending, name: str, gives: Value, node: ast.expr, foreign: str = ""
    ) -> Pend:
        """A call that has to be awaited; made in a loop over a set, its order matters."""
        if self.disorders and not foreign:
            self.confirm_loops()
        return Pend(kind, name, gives, foreign, self.span(node))

    def first(self, given: Given) -> Value:
        return given.positional[0] if given.positional else UNKNOWN

    def first_node(self, node: ast.Call) -> ast.expr:
        return node.args[0] if node.args else node

    def awaited(self, value: Value, node: ast.expr) -> Value:
        """What awaiting a value gives. Overridden where expressions are known."""
        raise NotImplementedError

    def tell(self, value: Value, node: ast.expr) -> Value:
        """A value is handed on: mark what is reported for it. Overridden where calls are known."""
        raise NotImplementedError

    def call_back(self, target: Value, given: Given, node: ast.expr) -> Value:
        """Somebody else calls this function with these arguments."""
        joined: Value = NOTHING
        for part in members_of(target):
            if isinstance(part, Func | Bound | Partial | Class | Object | Instance):
                joined = join(joined, self.invoke(part, given, node))
            else:
                self.escape(part, node)
        return UNKNOWN if joined is NOTHING else joined


def _reversed(self: Known, given: Given, node: ast.Call) -> Value:
    for part in members_of(self.first(given)):
        made = self.dunder(part, "__reversed__", Given(), node)
        if made is not None:
            return made
    return _ordered("builtins.iterator", "reversed")(self, given, node)


def _ordered(cls: str, way: str) -> Handler:
    def handler(self: Known, given: Given, node: ast.Call) -> Value:
        if not given.positional:
            return Instance(cls, (NOTHING,))
        source = given.positional[0]
        what = self.first_node(node)
        element = self.element(source, what)
        return Instance(cls, (element,), self.disorder_of(source, what, way))

    return handler


def _sorted(self: Known, given: Given, node: ast.Call) -> Value:
    element = self.element(self.first(given), self.first_node(node))
    self.forget_order(self.first(given))
    for part in members_of(element):
        self.dunder(part, "__lt__", Given((part,)), node)
    _key(self, given, element, node)
    return Instance("builtins.list", (element,))


def _key(self: Known, given: Given, element: Value, node: ast.Call) -> None:
    for name, value in given.keywords:
        if name == "key":
            self.call_back(value, Given((element,)), node)


def _free(result: str | None) -> Handler:
    def handler(self: Known, given: Given, node: ast.Call) -> Value:
        element: Value = UNKNOWN
        if given.positional:
            element = self.element(given.positional[0], self.first_node(node))
            self.forget_order(given.positional[0])
        _key(self, given, element, node)
        return element if result is None else Instance(result)

    return handler


def _setlike(cls: str) -> Handler:
    def handler(self: Known, given: Given, node: ast.Call) -> Value:
        if not given.positional:
            return Instance(cls, (NOTHING,))
        source, what = given.positional[0], self.first_node(node)
        self.forget_order(source)
        # What counts keeps the order in which it met the elements.
        disorder = self.disorder_of(source, what, "Counter") if cls == COUNTER else None
        return Instance(cls, (self.element(source, what),), disorder)

    return handler


def _map(self: Known, given: Given, node: ast.Call) -> Value:
    if not given.positional:
        return UNKNOWN
    target, *sources = given.positional
    elements, disorder = [], None
    for place, source in enumerate(sources, 1):
        what = node.args[place] if place < len(node.args) else node
        elements.append(self.element(source, what))
        disorder = disorder or self.disorder_of(source, what, "map")
    result = self.call_back(target, Given(tuple(elements)), node)
    return Instance("builtins.map", (result,), disorder)


def _filter(self: Known, given: Given, node: ast.Call) -> Value:
    if len(given.positional) < 2:
        return UNKNOWN
    target, source = given.positional[:2]
    what = node.args[1] if len(node.args) > 1 else node
    element = self.element(source, what)
    if not (type(target) is Constant and target.value is None):
        self.call_back(target, Given((element,)), node)
    return Instance("builtins.filter", (element,), self.disorder_of(source, what, "filter"))


def _zip(self: Known, given: Given, node: ast.Call) -> Value:
    elements = []
    for place, source in enumerate(given.positional):
        what = node.args[place] if place < len(node.args) else node
        elements.append(self.element(source, what))
        # To pair by place is to use the order.
        self.confirm(self.disorder_of(source, what, "zip"))
    return Instance("builtins.zip", (Instance("builtins.tuple", tuple(elements)),))


def _enumerate(self: Known, given: Given, node: ast.Call) -> Value:
    what = self.first_node(node)
    element = Instance(
        "builtins.tuple", (Instance("builtins.int"), self.element(self.first(given), what))
    )
    # A number for each element is an order already.
    self.confirm(self.disorder_of(self.first(given), what, "enumerate"))
    return Instance("builtins.enumerate", (element,))


def _next(self: Known, given: Given, node: ast.Call) -> Value:
    source = self.first(given)
    self.consume(source)
    for part in members_of(source):
        if type(part) is Instance:
            self.wrote(part.state, node, "next")
        else:
            made = self.dunder(part, "__next__", Given(), node)
            if made is not None:
                return made
    return self.element(source, self.first_node(node))


def _reduce(self: Known, given: Given, node: ast.Call) -> Value:
    if len(given.positional) < 2:
        return UNKNOWN
    what = node.args[1] if len(node.args) > 1 else node
    element = self.element(given.positional[1], what)
    self.confirm(self.disorder_of(given.positional[1], what, "reduce"))
    return self.call_back(given.positional[0], Given((UNKNOWN, element)), node)


def _dict(self: Known, given: Given, node: ast.Call) -> Value:
    if not given.positional:
        joined: Value = NOTHING
        for _, value in given.keywords:
            joined = join(joined, value)
        return Instance("builtins.dict", (Instance("builtins.str"), joined))
    source = given.positional[0]
    if type(source) is Instance and source.cls == "builtins.dict":
        return Instance("builtins.dict", source.items, source.disorder)
    pair = self.element(source, self.first_node(node))
    items = pair.items if type(pair) is Instance and len(pair.items) == 2 else (UNKNOWN, UNKNOWN)
    return Instance("builtins.dict", items, self.disorder_of(source, self.first_node(node), "dict"))


def _fromkeys(self: Known, given: Given, node: ast.Call) -> Value:
    what = self.first_node(node)
    element = self.element(self.first(given), what)
    value = given.positional[1] if len(given.positional) > 1 else Constant(None, "NoneType")
    disorder = self.disorder_of(self.first(given), what, "dict.fromkeys")
    return Instance("builtins.dict", (element, value), disorder)


def _join_text(self: Known, given: Given, node: ast.Call) -> Value:
    what = self.first_node(node)
    self.element(self.first(given), what)
    self.confirm(self.disorder_of(self.first(given), what, "join"))
    return Instance("builtins.str")


def _chain(self: Known, given: Given, node: ast.Call) -> Value:
    joined: Value = NOTHING
    disorder = None
    for place, source in enumerate(given.positional):
        what = node.args[place] if place < len(node.args) else node
        joined = join(joined, self.element(source, what))
        disorder = disorder or self.disorder_of(source, what, "chain")
    return Instance("builtins.iterator", (joined,), disorder)


def _starmap(self: Known, given: Given, node: ast.Call) -> Value:
    if len(given.positional) < 2:
        return UNKNOWN
    what = node.args[1] if len(node.args) > 1 else node
    row = self.element(given.positional[1], what)
    arguments = row.items if type(row) is Instance and row.cls == "builtins.tuple" else ()
    result = self.call_back(given.positional[0], Given(arguments), node)
    return Instance(
        "builtins.iterator", (result,), self.disorder_of(given.positional[1], what, "starmap")
    )


def _itertool(self: Known, given: Given, node: ast.Call) -> Value:
    disorder = None
    for place, source in enumerate(given.positional):
        what = node.args[place] if place < len(node.args) else node
        disorder = disorder or self.disorder_of(source, what, "itertools")
        if isinstance(source, Func | Bound | Partial):
            self.call_back(source, Given(), node)
    for _, value in given.keywords:
        if isinstance(value, Func | Bound | Partial):
            self.call_back(value, Given(), node)
    return Instance("builtins.iterator", (UNKNOWN,), disorder)


def _partial(self: Known, given: Given, node: ast.Call) -> Value:
    if not given.positional:
        return UNKNOWN
    nodes = dict(enumerate(node.args))
    told = [
        self.tell(value, nodes.get(place, node)) for place, value in enumerate(given.positional)
    ]
    return Partial(told[0], tuple(told[1:]), given.keywords)


def _identity_marker(self: Known, given: Given, node: ast.Call) -> Value:
    del self, given, node
    return Marker("identity")


def _first(self: Known, given: Given, node: ast.Call) -> Value:
    del node
    return self.first(given)


def _copy(self: Known, given: Given, node: ast.Call) -> Value:
    del node
    return copied(self.first(given))


def _second(self: Known, given: Given, node: ast.Call) -> Value:
    if len(node.args) < 2:
        return UNKNOWN
    known = self.analysis.annotation(node.args[0], self.module, self.scope_of_annotations())
    return given.positional[1] if known is UNKNOWN else known


def _getattr(self: Known, given: Given, node: ast.Call) -> Value:
    if len(given.positional) >= 2:
        name = given.positional[1]
        if type(name) is Constant and isinstance(name.value, str):
            found = self.attribute(given.positional[0], name.value, node)
            return found if len(given.positional) < 3 else join(found, given.positional[2])
    return UNKNOWN


def _type(self: Known, given: Given, node: ast.Call) -> Value:
    del node
    match given.positional:
        case (Object(scope),):
            return Class(scope)
        case (Instance(cls, _),):
            return External(cls)
        case _:
            return UNKNOWN


def _super(self: Known, given: Given, node: ast.Call) -> Value:
    del given, node
    function = self.function
    while function is not None and function.cls is None:
        function = function.parent
    receiver = self.receiver
    if function is None or function.cls is None:
        return UNKNOWN
    if receiver is None:
        receiver = self.closure.get("self") or Object(function.cls, exact=False)
    return Super(function.cls, receiver)


def _stringify(name: str) -> Handler:
    def handler(self: Known, given: Given, node: ast.Call) -> Value:
        value = self.first(given)
        if (
            type(value) is Object
            and self.dunder(value, name, Given(), node) is None
            and name != "__repr__"
        ):
            self.dunder(value, "__repr__", Given(), node)
        self.consume(value)
        if is_set(value):
            self.confirm(self.disorder_of(value, self.first_node(node), name.strip("_")))
        return Instance("builtins.str")

    return handler


def _special(result: str | None, *names: str) -> Handler:
    """A builtin that asks its argument by a special method; the first that there is is called."""

    def handler(self: Known, given: Given, node: ast.Call) -> Value:
        for part in members_of(self.first(given)):
            for name in names:
                made = self.dunder(part, name, Given(given.positional[1:]), node)
                if made is not None:
                    if result is None:
                        return made
                    break
        return UNKNOWN if result is None else Instance(result)

    return handler


def _len(self: Known, given: Given, node: ast.Call) -> Value:
    for part in members_of(self.first(given)):
        self.dunder(part, "__len__", Given(), node)
    return Instance("builtins.int")


# ------------------------------------------------------------------ asyncio


def _sleep(self: Known, given: Given, node: ast.Call) -> Value:
    gives = given.positional[1] if len(given.positional) > 1 else Constant(None, "NoneType")
    return self.pend(Pending.TIMER, "asyncio.sleep", gives, node)


def _gather(self: Known, given: Given, node: ast.Call) -> Value:
    gives = tuple(self.settled_await(value, node) for value in given.positional)
    if given.starred or any(isinstance(argument, ast.Starred) for argument in node.args):
        joined: Value = NOTHING
        for item in gives:
            joined = join(joined, item)
        return Instance("asyncio.Future", (Instance("builtins.list", (joined,)),))
    return Instance("asyncio.Future", (Instance("builtins.tuple", gives),))


def _task(self: Known, given: Given, node: ast.Call) -> Value:
    value = given.get(0, "coro") or given.get(0, "coro_or_future") or UNKNOWN
    return Instance("asyncio.Task", (self.settled_await(value, node),))


def _shield(self: Known, given: Given, node: ast.Call) -> Value:
    return Instance("asyncio.Future", (self.settled_await(self.first(given), node),))


def _wait_for(self: Known, given: Given, node: ast.Call) -> Value:
    value = given.get(0, "fut") or UNKNOWN
    return self.pend(Pending.COROUTINE, "asyncio.wait_for", self.settled_await(value, node), node)


def _wait(self: Known, given: Given, node: ast.Call) -> Value:
    source = self.first(given)
    element = self.element(source, self.first_node(node))
    for part in members_of(element):
        gathered = type(part) is Instance and part.cls == "asyncio.Future" and part.items
        own = type(part) is Instance and part.cls == OWN_FUTURE
        if (gathered or own) and not _is_single(source):
            self.observe(
                self._iterated(
                    self.first_node(node), "asyncio.wait", "tasks of futures", sortable=False
                )
            )
    tasks = Instance(
        "builtins.set", (Instance("asyncio.Task", (self.settled_await(element, node),)),)
    )
    return self.pend(
        Pending.COROUTINE, "asyncio.wait", Instance("builtins.tuple", (tasks, tasks)), node
    )


def _is_single(source: Value) -> bool:
    """Whether there is one element, so that there is no order."""
    return type(source) is Instance and source.cls == "builtins.tuple" and len(source.items) == 1


def _as_completed(self: Known, given: Given, node: ast.Call) -> Value:
    source = self.first(given)
    what = self.first_node(node)
    element = self.element(source, what)
    for part in members_of(source):
        if type(part) is Instance and part.cls == "builtins.set":
            inner = part.items[0] if part.items else UNKNOWN
            if not (type(inner) is Instance and harmless(inner)):
                self.observe(self._iterated(what, "as_completed", "set", sortable=False))
                break
        elif type(part) is Instance and part.disorder is not None:
            self.observe(part.disorder)
    return Instance(
        "builtins.iterator", (Instance("asyncio.Future", (self.settled_await(element, node),)),)
    )


def _all_tasks(self: Known, given: Given, node: ast.Call) -> Value:
    del self, given, node
    return Instance(ALL_TASKS, (Instance("asyncio.Task"),))


def _loop(self: Known, given: Given, node: ast.Call) -> Value:
    del self, given, node
    return Instance("asyncio.RunningLoop")


def _context(self: Known, given: Given, node: ast.Call) -> Value:
    del node
    return Instance("context", (self.first(given),))


def _create_future(self: Known, given: Given, node: ast.Call) -> Value:
    del self, given, node
    return Instance(OWN_FUTURE)


# ------------------------------------------------------------------ durable_async


def _wait_condition(self: Known, given: Given, node: ast.Call) -> Value:
    if given.positional:
        self.call_back(given.positional[0], Given(), node)
    return self.pend(Pending.EVENT, "workflow.wait_condition", UNKNOWN, node)


def _durable(kind: Pending, name: str, gives: int | None = None) -> Handler:
    """A durable call; `gives` is the place of the type that awaiting gives."""

    def handler(self: Known, given: Given, node: ast.Call) -> Value:
        value: Value = UNKNOWN
        if gives is not None and gives < len(node.args):
            value = self.analysis.annotation(
                node.args[gives], self.module, self.scope_of_annotations()
            )
        return self.pend(kind, name, value, node)

    return handler


def _stream(self: Known, given: Given, node: ast.Call) -> Value:
    del given
    value: Value = UNKNOWN
    if len(node.args) > 1:
        value = self.analysis.annotation(node.args[1], self.module, self.scope_of_annotations())
    return Instance("durable.stream", (value,))


def _define(kind: Pending) -> Handler:
    def handler(self: Known, given: Given, node: ast.Call) -> Value:
        del node
        if given.positional and not isinstance(given.positional[0], Constant):
            return Definition(kind, _defined_name(given.positional[0]), given.positional[0])
        name = given.get(0, "name")
        text = name.value if type(name) is Constant and isinstance(name.value, str) else ""
        return Marker(f"define.{kind.value}", text)

    return handler


def _defined_name(value: Value) -> str:
    match value:
        case Func(function):
            return function.name
        case Bound(func, _):
            return func.function.name
        case _:
            return "?"


def _named(kind: Pending) -> Handler:
    def handler(self: Known, given: Given, node: ast.Call) -> Value:
        name = self.first(given)
        gives: Value = UNKNOWN
        if len(node.args) > 1:
            gives = self.analysis.annotation(node.args[1], self.module, self.scope_of_annotations())
        text = str(name.value) if type(name) is Constant else "?"
        return Definition(kind, text, gives)

    return handler


def _options(self: Known, given: Given, node: ast.Call) -> Value:
    del node
    return self.first(given)


def _continue_as_new(self: Known, given: Given, node: ast.Call) -> Value:
    del given, node
    self.facts.continues = True
    return UNKNOWN


def _command(self: Known, given: Given, node: ast.Call) -> Value:
    """Something durable that is issued at the call."""
    del given, node
    self.confirm_loops()
    return UNKNOWN


def _started(self: Known, given: Given, node: ast.Call) -> Value:
    """An activity that runs from the call on; what is given back is its task."""
    del given, node
    self.confirm_loops()
    return Instance("asyncio.Task")


def _random(self: Known, given: Given, node: ast.Call) -> Value:
    del self, given, node
    return Instance("random.Random")


def _made(cls: str) -> Handler:
    def handler(self: Known, given: Given, node: ast.Call) -> Value:
        del self, given, node
        return Instance(cls)

    return handler


def _contextmanager(self: Known, given: Given, node: ast.Call) -> Value:
    del node
    if given.positional and isinstance(given.positional[0], Func | Bound):
        return Instance("contextfactory", (given.positional[0],))
    return self.first(given)


def _cached(self: Known, given: Given, node: ast.Call) -> Value:
    del self, node
    if given.positional and isinstance(given.positional[0], Func | Bound | Partial | Class):
        return given.positional[0]
    return Marker("identity")


def _defaultdict(self: Known, given: Given, node: ast.Call) -> Value:
    value: Value = UNKNOWN
    if given.positional:
        value = self.call_back(given.positional[0], Given(), node)
        if type(given.positional[0]) is External:
            made = self.known(given.positional[0].name, Given(), ast.Call(given_node(node), [], []))
            value = UNKNOWN if made is None else made
    return Instance("collections.defaultdict", (UNKNOWN, value))


def given_node(node: ast.Call) -> ast.expr:
    return node.func


def _replace(self: Known, given: Given, node: ast.Call) -> Value:
    del node
    return self.first(given)


def _stack_call(self: Known, given: Given, node: ast.Call) -> Value:
    if given.positional:
        self.call_back(given.positional[0], Given(given.positional[1:], given.keywords), node)
    return self.first(given)


HANDLERS: Final[dict[str, Handler]] = {
    "builtins.list": _ordered("builtins.list", "list"),
    "builtins.tuple": _ordered("builtins.list", "tuple"),
    "builtins.iter": _ordered("builtins.iterator", "iter"),
    "builtins.reversed": _reversed,
    "collections.deque": _ordered("collections.deque", "deque"),
    "builtins.sorted": _sorted,
    "builtins.min": _free(None),
    "builtins.max": _free(None),
    "builtins.sum": _free("builtins.float"),
    "builtins.any": _free("builtins.bool"),
    "builtins.all": _free("builtins.bool"),
    "builtins.len": _len,
    "builtins.abs": _special(None, "__abs__"),
    "builtins.round": _special(None, "__round__"),
    "builtins.int": _special("builtins.int", "__int__", "__index__", "__trunc__"),
    "builtins.float": _special("builtins.float", "__float__", "__index__"),
    "builtins.complex": _special("builtins.complex", "__complex__", "__float__"),
    "builtins.bool": _special("builtins.bool", "__bool__", "__len__"),
    "builtins.bytes": _special("builtins.bytes", "__bytes__"),
    "builtins.hash": _special("builtins.int", "__hash__"),
    "builtins.divmod": _special(None, "__divmod__"),
    "builtins.pow": _special(None, "__pow__"),
    "builtins.dir": _special("builtins.list", "__dir__"),
    "operator.index": _special("builtins.int", "__index__"),
    "math.floor": _special("builtins.int", "__floor__", "__float__"),
    "math.ceil": _special("builtins.int", "__ceil__", "__float__"),
    "math.trunc": _special("builtins.int", "__trunc__"),
    "builtins.set": _setlike("builtins.set"),
    "builtins.frozenset": _setlike("builtins.frozenset"),
    "weakref.WeakSet": _setlike("weakref.WeakSet"),
    "collections.Counter": _setlike("collections.Counter"),
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.zip": _zip,
    "builtins.enumerate": _enumerate,
    "builtins.next": _next,
    "builtins.dict": _dict,
    "collections.OrderedDict": _dict,
    "builtins.dict.fromkeys": _fromkeys,
    "functools.reduce": _reduce,
    "itertools.chain": _chain,
    "itertools.groupby": _itertool,
    "itertools.islice": _chain,
    "itertools.starmap": _starmap,
    "itertools.product": _itertool,
    "itertools.combinations": _itertool,
    "itertools.permutations": _itertool,
    "itertools.accumulate": _itertool,
    "itertools.takewhile": _itertool,
    "itertools.dropwhile": _itertool,
    "itertools.pairwise": _itertool,
    "itertools.batched": _itertool,
    "itertools.cycle": _itertool,
    "itertools.zip_longest": _itertool,
    "functools.partial": _partial,
    "functools.partialmethod": _partial,
    "functools.wraps": _identity_marker,
    "functools.update_wrapper": _first,
    "functools.lru_cache": _cached,
    "functools.cache": _cached,
    "functools.singledispatch": _first,
    "functools.singledispatchmethod": _first,
    "functools.total_ordering": _first,
    "abc.abstractmethod": _first,
    "typing.override": _first,
    "typing.final": _first,
    "typing.overload": _first,
    "typing.no_type_check": _first,
    "typing.cast": _second,
    "typing_extensions.override": _first,
    "copy.copy": _copy,
    "copy.deepcopy": _copy,
    "dataclasses.replace": _replace,
    "attrs.evolve": _replace,
    "attr.evolve": _replace,
    "builtins.getattr": _getattr,
    "builtins.type": _type,
    "builtins.super": _super,
    "builtins.str": _stringify("__str__"),
    "builtins.repr": _stringify("__repr__"),
    "builtins.format": _stringify("__format__"),
    "builtins.staticmethod": _first,
    "collections.defaultdict": _defaultdict,
    "contextlib.contextmanager": _contextmanager,
    "contextlib.asynccontextmanager": _contextmanager,
    "contextlib.nullcontext": _context,
    "contextlib.closing": _context,
    "contextlib.aclosing": _context,
    "asyncio.sleep": _sleep,
    "asyncio.gather": _gather,
    "asyncio.create_task": _task,
    "asyncio.ensure_future": _task,
    "asyncio.shield": _shield,
    "asyncio.wait_for": _wait_for,
    "asyncio.wait": _wait,
    "asyncio.as_completed": _as_completed,
    "asyncio.all_tasks": _all_tasks,
    "asyncio.get_running_loop": _loop,
    "asyncio.get_event_loop": _loop,
    "asyncio.Future": _create_future,
    "durable.options": _options,
    "durable_async.orchestrator": _define(Pending.ORCHESTRATOR),
    "durable_async.activity": _define(Pending.ACTIVITY),
    "durable_async.activity_named": _named(Pending.ACTIVITY),
    "durable_async.orchestrator_named": _named(Pending.ORCHESTRATOR),
    "durable_async.sleep": _durable(Pending.TIMER, "durable_async.sleep"),
    "durable_async.sleep_until": _durable(Pending.TIMER, "durable_async.sleep_until"),
    "durable_async.wait_for_event": _durable(Pending.EVENT, "durable_async.wait_for_event", 1),
    "durable_async.start": _durable(Pending.ORCHESTRATOR, "durable_async.start"),
    "durable_async.call_http": _durable(Pending.ACTIVITY, "durable_async.call_http"),
    "durable_async.events": _stream,
    "durable_async.requests": _stream,
    "durable_async.continue_as_new": _continue_as_new,
    "durable_async.set_custom_status": _command,
    "durable_async.send_event": _command,
    "durable_async.random": _random,
    "durable_async.now": _made("datetime.datetime"),
    "durable_async.uuid4": _made("uuid.UUID"),
    "durable_async.get_logger": _made("durable_async.Logger"),
    "durable_async.entity_ref": _made("durable_async.EntityRef"),
    "durable_async.lock": _made("context"),
    "temporalio.workflow.now": _made("datetime.datetime"),
    "temporalio.workflow.uuid4": _made("uuid.UUID"),
    "temporalio.workflow.random": _random,
    "temporalio.workflow.continue_as_new": _continue_as_new,
    "temporalio.workflow.sleep": _durable(Pending.TIMER, "workflow.sleep"),
    "temporalio.workflow.wait_condition": _wait_condition,
    "temporalio.workflow.execute_activity": _durable(Pending.ACTIVITY, "workflow.execute_activity"),
    "temporalio.workflow.execute_activity_method": _durable(
        Pending.ACTIVITY, "workflow.execute_activity_method"
    ),
    "temporalio.workflow.execute_activity_class": _durable(
        Pending.ACTIVITY, "workflow.execute_activity_class"
    ),
    "temporalio.workflow.execute_local_activity": _durable(
        Pending.ACTIVITY, "workflow.execute_local_activity"
    ),
    "temporalio.workflow.execute_local_activity_method": _durable(
        Pending.ACTIVITY, "workflow.execute_local_activity_method"
    ),
    "temporalio.workflow.start_activity": _started,
    "temporalio.workflow.start_activity_class": _started,
    "temporalio.workflow.start_activity_method": _started,
    "temporalio.workflow.start_local_activity": _started,
    "temporalio.workflow.start_local_activity_class": _started,
    "temporalio.workflow.start_local_activity_method": _started,
    "temporalio.workflow.execute_local_activity_class": _durable(
        Pending.ACTIVITY, "workflow.execute_local_activity_class"
    ),
    "temporalio.workflow.execute_child_workflow": _durable(
        Pending.ORCHESTRATOR, "workflow.execute_child_workflow"
    ),
    "temporalio.workflow.start_child_workflow": _durable(
        Pending.ORCHESTRATOR, "workflow.start_child_workflow"
    ),
    "temporalio.workflow.wait": _wait,
    "temporalio.workflow.as_completed": _as_completed,
}
