"""Every way in which an orchestrator may come to read the clock, and what only looks like one.

Each program is a piece of the top level and a piece of the orchestrator's body. Where the clock is
read stands `time.time`, once in each program that reaches it.
"""

import textwrap
from collections.abc import Callable
from typing import NamedTuple

import pytest

from durable_lint.reach.analysis import Result

HEAD = "import time\nimport durable_async as da\n"


class Way(NamedTuple):
    """title: what the program does. files: modules beside it."""

    title: str
    top: str
    body: str
    files: dict[str, str] = {}


def _program(way: Way) -> dict[str, str]:
    flow = (
        f"{HEAD}{textwrap.dedent(way.top)}\n\n@da.orchestrator\nasync def flow(n: int) -> None:\n"
        f"{textwrap.indent(textwrap.dedent(way.body).strip(), '    ')}\n"
    )
    return {"flow.py": flow, **{name: textwrap.dedent(text) for name, text in way.files.items()}}


CLOCK = "def now():\n    return time.time()\n"
HELPER = "import time\n\ndef now():\n    return time.time()\n"

REACHED = [
    Way("reads it itself", "", "time.time()"),
    Way(
        "reads it by a name of its own", "from time import time as clock\n", "clock()  # time.time"
    ),
    Way("reads it by an alias of the module", "import time as t", "t.time()  # time.time"),
    Way("imports it in its body", "", "import time as t\nt.time()  # time.time"),
    Way("calls a function that does", CLOCK, "now()"),
    Way("calls a function that is defined below", "", "late()"),
    Way("calls it through another function", CLOCK + "def more():\n    return now()\n", "more()"),
    Way("calls a coroutine function", "async def now():\n    return time.time()\n", "await now()"),
    Way(
        "makes a task",
        "import asyncio\nasync def now():\n    time.time()\n",
        "await asyncio.create_task(now())",
    ),
    Way(
        "gathers",
        "import asyncio\nasync def now():\n    time.time()\n",
        "await asyncio.gather(now(), now())",
    ),
    Way(
        "uses a task group",
        "import asyncio\nasync def now():\n    time.time()\n",
        "async with asyncio.TaskGroup() as group:\n    group.create_task(now())",
    ),
    Way(
        "sets a time limit",
        "import asyncio\nasync def now():\n    time.time()\n",
        "await asyncio.wait_for(now(), 5)",
    ),
    Way("calls a lambda", "now = lambda: time.time()\n", "now()"),
    Way("calls a lambda of its own", "", "now = lambda: time.time()\nnow()"),
    Way("calls a lambda at once", "", "(lambda: time.time())()"),
    Way("calls a function of its own", "", "def now():\n    return time.time()\nnow()"),
    Way(
        "calls a function that makes a function",
        "def maker():\n    def inner():\n        return time.time()\n    return inner\n",
        "maker()()",
    ),
    Way(
        "calls what a closure holds",
        CLOCK + "def maker(f):\n    return lambda: f()\n",
        "maker(now)()",
    ),
    Way("hands a function to a helper", CLOCK + "def run(f):\n    return f()\n", "run(now)"),
    Way("hands a function on by name", CLOCK + "def run(*, f):\n    return f()\n", "run(f=now)"),
    Way(
        "hands a function on twice",
        CLOCK + "def run(f):\n    return f()\ndef twice(f):\n    return run(f)\n",
        "twice(now)",
    ),
    Way("hands it to map", CLOCK + "def one(x):\n    return now()\n", "list(map(one, [n]))"),
    Way(
        "hands it to filter", "def one(x):\n    return time.time() > x\n", "list(filter(one, [n]))"
    ),
    Way("sorts by it", "def key(x):\n    return time.time()\n", "sorted([n], key=key)"),
    Way(
        "takes the largest by it",
        "def key(x):\n    return time.time()\n",
        "max([n], key=lambda x: key(x))",
    ),
    Way(
        "sorts a list in place by it", "def key(x):\n    return time.time()\n", "[n].sort(key=key)"
    ),
    Way(
        "reduces by it",
        "import functools\ndef add(a, b):\n    return a + time.time()\n",
        "functools.reduce(add, [n], 0)",
    ),
    Way(
        "fixes its arguments",
        "from functools import partial\ndef at(x):\n    return time.time()\n",
        "partial(at, n)()",
    ),
    Way(
        "hands on a function with fixed arguments",
        "from functools import partial\ndef at(x):\n    return time.time()\ndef run(f):\n    return f()\n",
        "run(partial(at, n))",
    ),
    Way("finds it in a dict", CLOCK + "HANDLERS = {'now': now}\n", "HANDLERS['now']()"),
    Way("gets it from a dict", CLOCK + "HANDLERS = {'now': now}\n", "HANDLERS.get('now')()"),
    Way("finds it in a list", CLOCK + "STEPS = [now]\n", "for step in STEPS:\n    step()"),
    Way("finds it in a tuple", CLOCK + "STEPS = (len, now)\n", "STEPS[1]()"),
    Way(
        "finds it among many",
        "".join(f"def step_{i}():\n    return {i}\n" for i in range(12))
        + CLOCK
        + "STEPS = ["
        + ", ".join(f"step_{i}" for i in range(12))
        + ", now]\n",
        "for step in STEPS:\n    step()",
    ),
    Way(
        "finds it in a list of pairs",
        CLOCK + "STEPS = [('now', now)]\n",
        "for name, step in STEPS:\n    step()",
    ),
    Way(
        "finds what was put into a dict at import",
        CLOCK + "HANDLERS = {}\nHANDLERS['now'] = now\n",
        "HANDLERS['now']()",
    ),
    Way(
        "finds what a decorator registered",
        "HANDLERS = {}\ndef register(f):\n    HANDLERS[f.__name__] = f\n    return f\n@register\ndef now():\n    return time.time()\n",
        "HANDLERS['now']()",
    ),
    Way(
        "is decorated by one's own",
        "def traced(f):\n    def inner(*args):\n        return f(*args)\n    return inner\n@traced\ndef now():\n    return time.time()\n",
        "now()",
    ),
    Way(
        "is decorated by what reads it",
        "def traced(f):\n    def inner(*args):\n        time.time()\n        return f(*args)\n    return inner\n@traced\ndef step():\n    return 1\n",
        "step()",
    ),
    Way(
        "is decorated with arguments",
        "def traced(name):\n    def outer(f):\n        def inner(*args):\n            time.time()\n            return f(*args)\n        return inner\n    return outer\n@traced('a')\ndef step():\n    return 1\n",
        "step()",
    ),
    Way(
        "is wrapped by functools",
        "import functools\ndef traced(f):\n    @functools.wraps(f)\n    def inner(*args):\n        return f(*args)\n    return inner\n@traced\ndef now():\n    return time.time()\n",
        "now()",
    ),
    Way(
        "calls a method",
        "class Clock:\n    def now(self):\n        return time.time()\n",
        "Clock().now()",
    ),
    Way(
        "calls a method of a name",
        "class Clock:\n    def now(self):\n        return time.time()\n",
        "clock = Clock()\nclock.now()",
    ),
    Way(
        "calls a method that calls another",
        "class Clock:\n    def now(self):\n        return self._now()\n    def _now(self):\n        return time.time()\n",
        "Clock().now()",
    ),
    Way(
        "calls a static method",
        "class Clock:\n    @staticmethod\n    def now():\n        return time.time()\n",
        "Clock.now()",
    ),
    Way(
        "calls a class method",
        "class Clock:\n    @classmethod\n    def now(cls):\n        return time.time()\n",
        "Clock.now()",
    ),
    Way(
        "calls an inherited method",
        "class Base:\n    def now(self):\n        return time.time()\nclass Clock(Base):\n    pass\n",
        "Clock().now()",
    ),
    Way(
        "calls an override",
        "class Base:\n    def now(self):\n        return 0\nclass Clock(Base):\n    def now(self):\n        return time.time()\n",
        "Clock().now()",
    ),
    Way(
        "calls an override through the base",
        "class Base:\n    def now(self):\n        raise NotImplementedError\nclass Clock(Base):\n    def now(self):\n        return time.time()\ndef read(clock: Base):\n    return clock.now()\n",
        "read(Clock())",
    ),
    Way(
        "calls a hook of a subclass",
        "class Base:\n    def run(self):\n        return self.step()\n    def step(self):\n        raise NotImplementedError\nclass Job(Base):\n    def step(self):\n        return time.time()\n",
        "Job().run()",
    ),
    Way(
        "calls super",
        "class Base:\n    def now(self):\n        return time.time()\nclass Clock(Base):\n    def now(self):\n        return super().now()\n",
        "Clock().now()",
    ),
    Way(
        "makes an object whose constructor reads it",
        "class Clock:\n    def __init__(self):\n        self.at = time.time()\n",
        "Clock()",
    ),
    Way(
        "makes an object of a class that inherits it",
        "class Base:\n    def __init__(self):\n        self.at = time.time()\nclass Clock(Base):\n    pass\n",
        "Clock()",
    ),
    Way(
        "reads a property",
        "class Clock:\n    @property\n    def now(self):\n        return time.time()\n",
        "Clock().now",
    ),
    Way(
        "sets a property",
        "class Clock:\n    @property\n    def at(self):\n        return 0\n    @at.setter\n    def at(self, value):\n        time.time()\n",
        "Clock().at = 1",
    ),
    Way(
        "calls what an attribute holds",
        CLOCK
        + "class Clock:\n    def __init__(self):\n        self.source = now\n    def read(self):\n        return self.source()\n",
        "Clock().read()",
    ),
    Way(
        "calls what was injected",
        CLOCK
        + "class Clock:\n    def __init__(self, source):\n        self.source = source\n    def read(self):\n        return self.source()\n",
        "Clock(now).read()",
    ),
    Way(
        "calls a method of what was injected",
        "class Source:\n    def now(self):\n        return time.time()\nclass Clock:\n    def __init__(self, source: Source) -> None:\n        self.source = source\n    def read(self):\n        return self.source.now()\n",
        "Clock(Source()).read()",
    ),
    Way(
        "calls by an annotation",
        "class Clock:\n    def now(self):\n        return time.time()\ndef read(clock: 'Clock'):\n    return clock.now()\ndef make():\n    return None\n",
        "read(make())",
    ),
    Way(
        "calls what a function says it returns",
        "class Clock:\n    def now(self):\n        return time.time()\ndef make() -> Clock:\n    return registry['clock']\n",
        "make().now()",
    ),
    Way(
        "calls what a function returns",
        "class Clock:\n    def now(self):\n        return time.time()\ndef make():\n    return Clock()\n",
        "make().now()",
    ),
    Way(
        "iterates",
        "class Ticks:\n    def __iter__(self):\n        yield time.time()\n",
        "for tick in Ticks():\n    pass",
    ),
    Way(
        "steps an iterator",
        "class Ticks:\n    def __iter__(self):\n        return self\n    def __next__(self):\n        return time.time()\n",
        "for tick in Ticks():\n    pass",
    ),
    Way(
        "iterates asynchronously",
        "class Ticks:\n    def __aiter__(self):\n        return self\n    async def __anext__(self):\n        return time.time()\n",
        "async for tick in Ticks():\n    pass",
    ),
    Way(
        "runs a generator",
        "def ticks():\n    yield time.time()\n",
        "for tick in ticks():\n    pass",
    ),
    Way(
        "runs a generator within a generator",
        "def inner():\n    yield time.time()\ndef ticks():\n    yield from inner()\n",
        "list(ticks())",
    ),
    Way(
        "runs an asynchronous generator",
        "async def ticks():\n    yield time.time()\n",
        "async for tick in ticks():\n    pass",
    ),
    Way(
        "enters a context",
        "class Timer:\n    def __enter__(self):\n        time.time()\n    def __exit__(self, *args):\n        pass\n",
        "with Timer():\n    pass",
    ),
    Way(
        "leaves a context",
        "class Timer:\n    def __enter__(self):\n        pass\n    def __exit__(self, *args):\n        time.time()\n",
        "with Timer():\n    pass",
    ),
    Way(
        "enters an asynchronous context",
        "class Timer:\n    async def __aenter__(self):\n        time.time()\n    async def __aexit__(self, *args):\n        pass\n",
        "async with Timer():\n    pass",
    ),
    Way(
        "enters a generator as a context",
        "from contextlib import contextmanager\n@contextmanager\ndef timer():\n    yield time.time()\n",
        "with timer():\n    pass",
    ),
    Way(
        "enters an asynchronous generator as a context",
        "from contextlib import asynccontextmanager\n@asynccontextmanager\nasync def timer():\n    yield time.time()\n",
        "async with timer():\n    pass",
    ),
    Way(
        "calls back from a stack",
        CLOCK + "from contextlib import ExitStack\n",
        "with ExitStack() as stack:\n    stack.callback(now)",
    ),
    Way(
        "adds",
        "class Span:\n    def __add__(self, other):\n        return time.time()\n",
        "Span() + 1",
    ),
    Way(
        "adds from the right",
        "class Span:\n    def __radd__(self, other):\n        return time.time()\n",
        "1 + Span()",
    ),
    Way(
        "compares",
        "class Span:\n    def __lt__(self, other):\n        return time.time() > 0\n",
        "Span() < 1",
    ),
    Way(
        "asks for membership",
        "class Span:\n    def __contains__(self, other):\n        return time.time() > 0\n",
        "1 in Span()",
    ),
    Way(
        "takes an item",
        "class Span:\n    def __getitem__(self, key):\n        return time.time()\n",
        "Span()[0]",
    ),
    Way(
        "sets an item",
        "class Span:\n    def __setitem__(self, key, value):\n        time.time()\n",
        "span = Span()\nspan[0] = 1",
    ),
    Way(
        "deletes an item",
        "class Span:\n    def __delitem__(self, key):\n        time.time()\n",
        "span = Span()\ndel span[0]",
    ),
    Way(
        "calls an object",
        "class Clock:\n    def __call__(self):\n        return time.time()\n",
        "Clock()()",
    ),
    Way(
        "asks whether it is true",
        "class Span:\n    def __bool__(self):\n        return time.time() > 0\n",
        "if Span():\n    pass",
    ),
    Way("negates", "class Span:\n    def __neg__(self):\n        return time.time()\n", "-Span()"),
    Way(
        "formats",
        "class Span:\n    def __format__(self, spec):\n        return str(time.time())\n",
        "f'{Span()}'",
    ),
    Way(
        "awaits an object",
        "class Span:\n    def __await__(self):\n        time.time()\n        yield\n",
        "await Span()",
    ),
    Way(
        "reads a missing attribute",
        "class Span:\n    def __getattr__(self, name):\n        return time.time()\n",
        "Span().at",
    ),
    Way(
        "makes a data class",
        "from dataclasses import dataclass, field\n@dataclass\nclass Order:\n    at: float = field(default_factory=time.time)\n",
        "Order()",
    ),
    Way(
        "makes a data class with a factory of one's own",
        CLOCK
        + "from dataclasses import dataclass, field\n@dataclass\nclass Order:\n    at: float = field(default_factory=now)\n",
        "Order()",
    ),
    Way(
        "makes a data class that looks after itself",
        "from dataclasses import dataclass\n@dataclass\nclass Order:\n    at: float\n    def __post_init__(self):\n        self.at = time.time()\n",
        "Order(0)",
    ),
    Way(
        "makes an attrs class",
        "import attrs\n@attrs.define\nclass Order:\n    at: float = attrs.field(factory=time.time)\n",
        "Order()",
    ),
    Way("calls by a comprehension", CLOCK, "[now() for _ in range(n)]"),
    Way("calls by a generator expression", CLOCK, "sum(now() for _ in range(n))"),
    Way("filters a comprehension", CLOCK, "[x for x in range(n) if now()]"),
    Way("calls in a condition", CLOCK, "1 if now() else 2"),
    Way("calls in an assertion", CLOCK, "assert now()"),
    Way("calls in an f-string", CLOCK, "f'{now()}'"),
    Way("calls in a handler", CLOCK, "try:\n    pass\nexcept ValueError:\n    now()"),
    Way("calls at last", CLOCK, "try:\n    pass\nfinally:\n    now()"),
    Way(
        "calls where nothing was raised",
        CLOCK,
        "try:\n    pass\nexcept ValueError:\n    pass\nelse:\n    now()",
    ),
    Way("calls in a loop's else", CLOCK, "for _ in range(n):\n    pass\nelse:\n    now()"),
    Way("calls in a match", CLOCK, "match n:\n    case 1:\n        now()"),
    Way("calls in a guard", CLOCK, "match n:\n    case 1 if now():\n        pass"),
    Way("calls by a walrus", CLOCK, "if (at := now()):\n    pass"),
    Way(
        "raises an exception that reads it",
        "class Late(Exception):\n    def __init__(self):\n        self.at = time.time()\n",
        "raise Late()",
    ),
    Way(
        "picks a function by a condition",
        CLOCK + "def zero():\n    return 0\n",
        "read = now if n else zero\nread()",
    ),
    Way("picks a function by or", CLOCK, "read = None or now\nread()"),
    Way(
        "binds a function in a branch",
        CLOCK + "def zero():\n    return 0\n",
        "read = zero\nif n:\n    read = now\nread()",
    ),
    Way("unpacks a function", CLOCK, "a, read = 1, now\nread()"),
    Way(
        "keeps a function over the rounds of a loop",
        CLOCK + "def zero():\n    return 0\n",
        "read = zero\nfor _ in range(n):\n    read()\n    read = now",
    ),
    Way("calls from another module", "from helpers import now\n", "now()", {"helpers.py": HELPER}),
    Way("calls by a module", "import helpers\n", "helpers.now()", {"helpers.py": HELPER}),
    Way(
        "calls what a package re-exports",
        "from tools import now\n",
        "now()",
        {"tools/__init__.py": "from .clock import now\n", "tools/clock.py": HELPER},
    ),
    Way(
        "calls what a package re-exports by a star",
        "from tools import *\n",
        "now()",
        {"tools/__init__.py": "from .clock import *\n", "tools/clock.py": HELPER},
    ),
    Way(
        "calls by a package without a file",
        "from tools.clock import now\n",
        "now()",
        {"tools/clock.py": HELPER},
    ),
    Way("imports it lazily", "", "from helpers import now\nnow()", {"helpers.py": HELPER}),
    Way(
        "imports in a circle",
        "from a import now\n",
        "now()",
        {
            "a.py": "import b\nimport time\ndef now():\n    return b.then()\n",
            "b.py": "import a\nimport time\ndef then():\n    return time.time()\n",
        },
    ),
    Way(
        "imports where it can",
        "try:\n    from fast import now\nexcept ImportError:\n    from helpers import now\n",
        "now()",
        {"helpers.py": HELPER},
    ),
    Way(
        "calls a function that calls itself",
        "def count(k):\n    return count(k - 1) if k else time.time()\n",
        "count(n)",
    ),
    Way(
        "calls functions that call each other",
        "def odd(k):\n    return even(k - 1)\ndef even(k):\n    return odd(k - 1) if k else time.time()\n",
        "odd(n)",
    ),
    Way(
        "dispatches by type",
        "from functools import singledispatch\n@singledispatch\ndef read(x):\n    return 0\n@read.register\ndef _(x: int):\n    return time.time()\n",
        "read(n)",
    ),
    Way(
        "dispatches by a descriptor",
        "class Field:\n    def __get__(self, owner, kind):\n        return time.time()\nclass Order:\n    at = Field()\n",
        "Order().at",
    ),
    Way(
        "makes a class by a metaclass",
        "class Meta(type):\n    def __call__(cls):\n        return time.time()\nclass Order(metaclass=Meta):\n    pass\n",
        "Order()",
    ),
    Way(
        "calls back when a task is done",
        "import asyncio\ndef done(task):\n    time.time()\nasync def work():\n    pass\n",
        "task = asyncio.create_task(work())\ntask.add_done_callback(done)\nawait task",
    ),
    Way(
        "makes a default when a key is missing",
        CLOCK + "from collections import defaultdict\n",
        "defaultdict(now)['a']",
    ),
    Way("reads it in a class body of its own", "", "class Local:\n    at = time.time()"),
    Way(
        "calls a method of a class of its own",
        "",
        "class Local:\n    def now(self):\n        return time.time()\nLocal().now()",
    ),
    Way(
        "calls a method that it kept",
        "class Clock:\n    def now(self):\n        return time.time()\n",
        "read = Clock().now\nread()",
    ),
    Way(
        "calls a named tuple's method",
        "from typing import NamedTuple\nclass Order(NamedTuple):\n    id: int\n    def now(self):\n        return time.time()\n",
        "Order(1).now()",
    ),
    Way(
        "calls an enumeration's method",
        "import enum\nclass Kind(enum.Enum):\n    A = 1\n    def now(self):\n        return time.time()\n",
        "Kind.A.now()",
    ),
    Way(
        "unpacks arguments",
        CLOCK + "def run(f, *rest):\n    return f()\n",
        "args = (now, 1)\nrun(*args)",
    ),
    Way(
        "passes on what it was given",
        CLOCK + "def run(f):\n    return f()\ndef through(*args):\n    return run(*args)\n",
        "through(now)",
    ),
    Way(
        "cannot be seen behind a decorator",
        "from other import traced\n@traced\ndef now():\n    return time.time()\n",
        "now()",
    ),
]

SILENT = [
    Way("does nothing", CLOCK, "pass"),
    Way("never calls it", CLOCK + "def unused():\n    return now()\n", "pass"),
    Way("only names it", CLOCK, "now"),
    Way(
        "calls it in an activity",
        "@da.activity\nasync def now() -> float:\n    return time.time()\n",
        "await now()",
    ),
    Way(
        "calls it in an activity with options",
        "@da.activity(name='now')\nasync def now() -> float:\n    return time.time()\n",
        "await now()",
    ),
    Way(
        "calls it behind an activity",
        CLOCK + "@da.activity\nasync def read() -> float:\n    return now()\n",
        "await read()",
    ),
    Way(
        "calls it in a plain activity",
        "@da.activity\ndef now() -> float:\n    return time.time()\n",
        "await now()",
    ),
    Way("records it as a side effect", CLOCK, "await da.side_effect(now)"),
    Way("reads it when it is imported", "STARTED = time.time()\n", "STARTED"),
    Way("has it as a parameter's default", "def at(x=time.time()):\n    return x\n", "at()"),
    Way("reads it only as a script", CLOCK + "if __name__ == '__main__':\n    now()\n", "pass"),
    Way(
        "reads it only for type checkers",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    time.time()\n",
        "pass",
    ),
    Way(
        "imports for type checkers only",
        "import typing\n",
        "if typing.TYPE_CHECKING:\n    time.time()",
    ),
    Way("has a parameter called time", "def read(time):\n    return time.time()\n", "read(n)"),
    Way("has a local called time", "", "time = object()\ntime.time()"),
    Way("has a loop variable called time", "", "for time in []:\n    time.time()"),
    Way(
        "has a handler's name called time",
        "",
        "try:\n    pass\nexcept ValueError as time:\n    time.time()",
    ),
    Way("has a context's name called time", "", "with n as time:\n    time.time()"),
    Way("has a comprehension's variable called time", "", "[time.time() for time in []]"),
    Way("has a lambda's parameter called time", "", "(lambda time: time.time())(n)"),
    Way("has a pattern called time", "", "match n:\n    case [time]:\n        time.time()"),
    Way("has a function called time", "def time():\n    return 0\n", "time()"),
    Way(
        "has a class called time",
        "class time:\n    @staticmethod\n    def time():\n        return 0\n",
        "time.time()",
    ),
    Way(
        "has a module called as it likes",
        "import clock as time\n",
        "time.time()",
        {"clock.py": "def time():\n    return 0\n"},
    ),
    Way(
        "closes over a local called time",
        "",
        "time = object()\ndef inner():\n    return time.time()\ninner()",
    ),
    Way("binds time later", "", "def inner():\n    time = None\n    return time\ninner()"),
    Way("formats a time that it was given", "", "time.strftime('%Y', time.gmtime(n))"),
    Way("makes a time of numbers", "import datetime\n", "datetime.datetime(2024, 1, 1)"),
    Way(
        "makes a time of a timestamp",
        "import datetime\n",
        "datetime.datetime.fromtimestamp(n, datetime.UTC)",
    ),
    Way("uses the durable clock", "", "da.now()"),
    Way(
        "calls another method of the class",
        "class Clock:\n    def now(self):\n        return time.time()\n    def zero(self):\n        return 0\n",
        "Clock().zero()",
    ),
    Way(
        "calls a method of another class",
        "class Clock:\n    def now(self):\n        return time.time()\nclass Fake:\n    def now(self):\n        return 0\n",
        "Fake().now()",
    ),
    Way(
        "calls an override that does not",
        "class Base:\n    def now(self):\n        return time.time()\nclass Fake(Base):\n    def now(self):\n        return 0\n",
        "Fake().now()",
    ),
    Way(
        "makes no object of the subclass that does",
        "class Base:\n    def now(self):\n        return 0\nclass Clock(Base):\n    def now(self):\n        return time.time()\n",
        "Base().now()",
    ),
    Way(
        "has another of two implementations",
        "class Base:\n    def now(self):\n        raise NotImplementedError\nclass Clock(Base):\n    def now(self):\n        return time.time()\nclass Fake(Base):\n    def now(self):\n        return 0\ndef read(clock: Base):\n    return clock.now()\n",
        "read(Fake())",
    ),
    Way(
        "replaces the constructor that does",
        "class Base:\n    def __init__(self):\n        self.at = time.time()\nclass Clock(Base):\n    def __init__(self):\n        self.at = 0\n",
        "Clock()",
    ),
    Way(
        "does not read the property",
        "class Clock:\n    @property\n    def now(self):\n        return time.time()\n    zero = 0\n",
        "Clock().zero",
    ),
    Way(
        "does not enter the context",
        "class Timer:\n    def __enter__(self):\n        time.time()\n    def __exit__(self, *args):\n        pass\n",
        "Timer()",
    ),
    Way(
        "does not call the object",
        "class Clock:\n    def __call__(self):\n        return time.time()\n",
        "Clock()",
    ),
    Way(
        "compares what has no say",
        "class Span:\n    def __lt__(self, other):\n        return time.time() > 0\n",
        "Span() + 1",
    ),
    Way(
        "makes a function and leaves it",
        "def maker():\n    def inner():\n        return time.time()\n    return 1\n",
        "maker()",
    ),
    Way("makes a lambda and leaves it", "", "read = lambda: time.time()"),
    Way(
        "knows another function of the module",
        "from helpers import zero\n",
        "zero()",
        {"helpers.py": HELPER + "def zero():\n    return 0\n"},
    ),
    Way("imports a module and leaves it", "import helpers\n", "pass", {"helpers.py": HELPER}),
    Way(
        "has a test beside it",
        "",
        "pass",
        {"test_flow.py": "import time\nfrom flow import flow\ndef test_flow():\n    time.time()\n"},
    ),
    Way(
        "has a worker beside it",
        "",
        "pass",
        {"worker.py": "import time\nimport flow\ndef main():\n    time.time()\nmain()\n"},
    ),
    Way("is called by what does", "def client():\n    time.time()\n    return flow\n", "pass"),
    Way("uses only an annotation", "def read(x: time.struct_time) -> None:\n    pass\n", "read(n)"),
    Way("uses only a constant", "", "time.CLOCK_MONOTONIC if n else 0"),
    Way(
        "rebinds the name of the function",
        CLOCK + "def zero():\n    return 0\n",
        "read = now\nread = zero\nread()",
    ),
    Way("returns before it", "def read():\n    return 0\n    time.time()\n", "read()"),
    Way("never comes to it", "", "if False:\n    time.time()"),
    Way("raises before it", "", "raise ValueError\ntime.time()"),
    Way("continues before it", "", "for _ in range(n):\n    continue\n    time.time()"),
    Way(
        "has a function of that name in a class",
        "class Clock:\n    def time(self):\n        return 0\n",
        "Clock().time()",
    ),
    Way("has an object of unknown type", "from other import thing\n", "thing.time()"),
    Way("is given an object of unknown type", "def read(x):\n    return x.time()\n", "read(n)"),
    Way(
        "keeps others' handlers in the dict",
        CLOCK + "def zero():\n    return 0\nHANDLERS = {'zero': zero}\nOTHERS = {'now': now}\n",
        "HANDLERS['zero']()",
    ),
    Way(
        "hands another function to the helper",
        CLOCK
        + "def zero():\n    return 0\ndef run(f):\n    return f()\ndef elsewhere():\n    return run(now)\n",
        "run(zero)",
    ),
    Way(
        "decorates another function",
        CLOCK
        + "def traced(f):\n    def inner():\n        return f()\n    return inner\nread = traced(now)\n@traced\ndef zero():\n    return 0\n",
        "zero()",
    ),
    Way(
        "fixes another function's arguments",
        "from functools import partial\ndef at(x):\n    return time.time()\ndef zero(x):\n    return 0\nREAD = partial(at, 1)\n",
        "partial(zero, n)()",
    ),
    Way(
        "makes a data class with another factory",
        "from dataclasses import dataclass, field\n@dataclass\nclass Order:\n    tags: list = field(default_factory=list)\n@dataclass\nclass Event:\n    at: float = field(default_factory=time.time)\n",
        "Order()",
    ),
    Way(
        "has an orchestrator of somebody else",
        "from other import orchestrator\n@orchestrator\nasync def theirs(n: int) -> None:\n    time.time()\n",
        "pass",
    ),
    Way(
        "has a class body that reads it at import",
        "class Config:\n    started = time.time()\n",
        "Config.started",
    ),
    Way("deletes the name", "", "time = 1\ndel time"),
    Way(
        "narrows to a class that does not",
        "class Clock:\n    def now(self):\n        return time.time()\nclass Fake:\n    def now(self):\n        return 0\ndef read(x):\n    if isinstance(x, Fake):\n        return x.now()\n",
        "read(n)",
    ),
]


def _clocks(result: Result) -> list[tuple[str, int]]:
    return [
        (f.path.removeprefix("/project/"), f.span.line)
        for f in result.findings
        if f.code == "DUR101"
    ]


def test_there_are_enough_ways_of_each_kind() -> None:
    assert len(REACHED) >= 80 and len(SILENT) >= 60
    for ways in (REACHED, SILENT):
        assert len({way.title for way in ways}) == len(ways)


@pytest.mark.parametrize("way", REACHED, ids=lambda way: way.title)
def test_the_clock_is_reached_where_the_orchestrator(
    analyse: Callable[..., Result], way: Way
) -> None:
    files = _program(way)
    if "late" in way.body:
        files["flow.py"] += "\n\ndef late():\n    return time.time()\n"
    lines = [
        (name, number)
        for name, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if "time.time" in line
    ]
    assert len(lines) == 1
    result = analyse(files)
    assert not result.errors
    assert _clocks(result) == lines


@pytest.mark.parametrize("way", SILENT, ids=lambda way: way.title)
def test_nothing_is_said_where_the_orchestrator(analyse: Callable[..., Result], way: Way) -> None:
    result = analyse(_program(way))
    assert not result.errors
    assert _clocks(result) == []
