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
    files: dict[str, str] | None = None


def _program(way: Way) -> dict[str, str]:
    flow = (
        f"{HEAD}{textwrap.dedent(way.top)}\n\n@da.orchestrator\nasync def flow(n: int) -> None:\n"
        f"{textwrap.indent(textwrap.dedent(way.body).strip(), '    ')}\n"
    )
    return {
        "flow.py": flow,
        **{name: textwrap.dedent(text) for name, text in (way.files or {}).items()},
    }


REACHED = [
    Way(
        "reads it itself",
        "",
        "time.time()",
    ),
    Way(
        "reads it by a name of its own",
        """
        from time import time as clock
        """,
        "clock()  # time.time",
    ),
    Way(
        "reads it by an alias of the module",
        "import time as t",
        "t.time()  # time.time",
    ),
    Way(
        "imports it in its body",
        "",
        """
        import time as t
        t.time()  # time.time
        """,
    ),
    Way(
        "calls a function that does",
        """
        def now():
            return time.time()
        """,
        "now()",
    ),
    Way(
        "calls a function that is defined below",
        "",
        "late()",
    ),
    Way(
        "calls it through another function",
        """
        def now():
            return time.time()
        def more():
            return now()
        """,
        "more()",
    ),
    Way(
        "calls a coroutine function",
        """
        async def now():
            return time.time()
        """,
        "await now()",
    ),
    Way(
        "makes a task",
        """
        import asyncio
        async def now():
            time.time()
        """,
        "await asyncio.create_task(now())",
    ),
    Way(
        "gathers",
        """
        import asyncio
        async def now():
            time.time()
        """,
        "await asyncio.gather(now(), now())",
    ),
    Way(
        "uses a task group",
        """
        import asyncio
        async def now():
            time.time()
        """,
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(now())
        """,
    ),
    Way(
        "sets a time limit",
        """
        import asyncio
        async def now():
            time.time()
        """,
        "await asyncio.wait_for(now(), 5)",
    ),
    Way(
        "calls a lambda",
        """
        now = lambda: time.time()
        """,
        "now()",
    ),
    Way(
        "calls a lambda of its own",
        "",
        """
        now = lambda: time.time()
        now()
        """,
    ),
    Way(
        "calls a lambda at once",
        "",
        "(lambda: time.time())()",
    ),
    Way(
        "calls a function of its own",
        "",
        """
        def now():
            return time.time()
        now()
        """,
    ),
    Way(
        "calls a function that makes a function",
        """
        def maker():
            def inner():
                return time.time()
            return inner
        """,
        "maker()()",
    ),
    Way(
        "calls what a closure holds",
        """
        def now():
            return time.time()
        def maker(f):
            return lambda: f()
        """,
        "maker(now)()",
    ),
    Way(
        "hands a function to a helper",
        """
        def now():
            return time.time()
        def run(f):
            return f()
        """,
        "run(now)",
    ),
    Way(
        "hands a function on by name",
        """
        def now():
            return time.time()
        def run(*, f):
            return f()
        """,
        "run(f=now)",
    ),
    Way(
        "hands a function on twice",
        """
        def now():
            return time.time()
        def run(f):
            return f()
        def twice(f):
            return run(f)
        """,
        "twice(now)",
    ),
    Way(
        "hands it to map",
        """
        def now():
            return time.time()
        def one(x):
            return now()
        """,
        "list(map(one, [n]))",
    ),
    Way(
        "hands it to filter",
        """
        def one(x):
            return time.time() > x
        """,
        "list(filter(one, [n]))",
    ),
    Way(
        "sorts by it",
        """
        def key(x):
            return time.time()
        """,
        "sorted([n], key=key)",
    ),
    Way(
        "takes the largest by it",
        """
        def key(x):
            return time.time()
        """,
        "max([n], key=lambda x: key(x))",
    ),
    Way(
        "sorts a list in place by it",
        """
        def key(x):
            return time.time()
        """,
        "[n].sort(key=key)",
    ),
    Way(
        "reduces by it",
        """
        import functools
        def add(a, b):
            return a + time.time()
        """,
        "functools.reduce(add, [n], 0)",
    ),
    Way(
        "fixes its arguments",
        """
        from functools import partial
        def at(x):
            return time.time()
        """,
        "partial(at, n)()",
    ),
    Way(
        "hands on a function with fixed arguments",
        """
        from functools import partial
        def at(x):
            return time.time()
        def run(f):
            return f()
        """,
        "run(partial(at, n))",
    ),
    Way(
        "finds it in a dict",
        """
        def now():
            return time.time()
        HANDLERS = {'now': now}
        """,
        "HANDLERS['now']()",
    ),
    Way(
        "gets it from a dict",
        """
        def now():
            return time.time()
        HANDLERS = {'now': now}
        """,
        "HANDLERS.get('now')()",
    ),
    Way(
        "finds it in a list",
        """
        def now():
            return time.time()
        STEPS = [now]
        """,
        """
        for step in STEPS:
            step()
        """,
    ),
    Way(
        "finds it in a tuple",
        """
        def now():
            return time.time()
        STEPS = (len, now)
        """,
        "STEPS[1]()",
    ),
    Way(
        "finds it among many",
        """
        def step_0():
            return 0
        def step_1():
            return 1
        def step_2():
            return 2
        def step_3():
            return 3
        def step_4():
            return 4
        def step_5():
            return 5
        def step_6():
            return 6
        def step_7():
            return 7
        def step_8():
            return 8
        def step_9():
            return 9
        def step_10():
            return 10
        def step_11():
            return 11
        def now():
            return time.time()
        STEPS = [step_0, step_1, step_2, step_3, step_4, step_5, step_6]
        STEPS += [step_7, step_8, step_9, step_10, step_11, now]
        """,
        """
        for step in STEPS:
            step()
        """,
    ),
    Way(
        "finds it in a list of pairs",
        """
        def now():
            return time.time()
        STEPS = [('now', now)]
        """,
        """
        for name, step in STEPS:
            step()
        """,
    ),
    Way(
        "finds what was put into a dict at import",
        """
        def now():
            return time.time()
        HANDLERS = {}
        HANDLERS['now'] = now
        """,
        "HANDLERS['now']()",
    ),
    Way(
        "finds what a decorator registered",
        """
        HANDLERS = {}
        def register(f):
            HANDLERS[f.__name__] = f
            return f
        @register
        def now():
            return time.time()
        """,
        "HANDLERS['now']()",
    ),
    Way(
        "is decorated by one's own",
        """
        def traced(f):
            def inner(*args):
                return f(*args)
            return inner
        @traced
        def now():
            return time.time()
        """,
        "now()",
    ),
    Way(
        "is decorated by what reads it",
        """
        def traced(f):
            def inner(*args):
                time.time()
                return f(*args)
            return inner
        @traced
        def step():
            return 1
        """,
        "step()",
    ),
    Way(
        "is decorated with arguments",
        """
        def traced(name):
            def outer(f):
                def inner(*args):
                    time.time()
                    return f(*args)
                return inner
            return outer
        @traced('a')
        def step():
            return 1
        """,
        "step()",
    ),
    Way(
        "is wrapped by functools",
        """
        import functools
        def traced(f):
            @functools.wraps(f)
            def inner(*args):
                return f(*args)
            return inner
        @traced
        def now():
            return time.time()
        """,
        "now()",
    ),
    Way(
        "calls a method",
        """
        class Clock:
            def now(self):
                return time.time()
        """,
        "Clock().now()",
    ),
    Way(
        "calls a method of a name",
        """
        class Clock:
            def now(self):
                return time.time()
        """,
        """
        clock = Clock()
        clock.now()
        """,
    ),
    Way(
        "calls a method that calls another",
        """
        class Clock:
            def now(self):
                return self._now()
            def _now(self):
                return time.time()
        """,
        "Clock().now()",
    ),
    Way(
        "calls a static method",
        """
        class Clock:
            @staticmethod
            def now():
                return time.time()
        """,
        "Clock.now()",
    ),
    Way(
        "calls a class method",
        """
        class Clock:
            @classmethod
            def now(cls):
                return time.time()
        """,
        "Clock.now()",
    ),
    Way(
        "calls an inherited method",
        """
        class Base:
            def now(self):
                return time.time()
        class Clock(Base):
            pass
        """,
        "Clock().now()",
    ),
    Way(
        "calls an override",
        """
        class Base:
            def now(self):
                return 0
        class Clock(Base):
            def now(self):
                return time.time()
        """,
        "Clock().now()",
    ),
    Way(
        "calls an override through the base",
        """
        class Base:
            def now(self):
                raise NotImplementedError
        class Clock(Base):
            def now(self):
                return time.time()
        def read(clock: Base):
            return clock.now()
        """,
        "read(Clock())",
    ),
    Way(
        "calls a hook of a subclass",
        """
        class Base:
            def run(self):
                return self.step()
            def step(self):
                raise NotImplementedError
        class Job(Base):
            def step(self):
                return time.time()
        """,
        "Job().run()",
    ),
    Way(
        "calls super",
        """
        class Base:
            def now(self):
                return time.time()
        class Clock(Base):
            def now(self):
                return super().now()
        """,
        "Clock().now()",
    ),
    Way(
        "makes an object whose constructor reads it",
        """
        class Clock:
            def __init__(self):
                self.at = time.time()
        """,
        "Clock()",
    ),
    Way(
        "makes an object of a class that inherits it",
        """
        class Base:
            def __init__(self):
                self.at = time.time()
        class Clock(Base):
            pass
        """,
        "Clock()",
    ),
    Way(
        "reads a property",
        """
        class Clock:
            @property
            def now(self):
                return time.time()
        """,
        "Clock().now",
    ),
    Way(
        "sets a property",
        """
        class Clock:
            @property
            def at(self):
                return 0
            @at.setter
            def at(self, value):
                time.time()
        """,
        "Clock().at = 1",
    ),
    Way(
        "calls what an attribute holds",
        """
        def now():
            return time.time()
        class Clock:
            def __init__(self):
                self.source = now
            def read(self):
                return self.source()
        """,
        "Clock().read()",
    ),
    Way(
        "calls what was injected",
        """
        def now():
            return time.time()
        class Clock:
            def __init__(self, source):
                self.source = source
            def read(self):
                return self.source()
        """,
        "Clock(now).read()",
    ),
    Way(
        "calls a method of what was injected",
        """
        class Source:
            def now(self):
                return time.time()
        class Clock:
            def __init__(self, source: Source) -> None:
                self.source = source
            def read(self):
                return self.source.now()
        """,
        "Clock(Source()).read()",
    ),
    Way(
        "calls by an annotation",
        """
        class Clock:
            def now(self):
                return time.time()
        def read(clock: 'Clock'):
            return clock.now()
        def make():
            return None
        """,
        "read(make())",
    ),
    Way(
        "calls what a function says it returns",
        """
        class Clock:
            def now(self):
                return time.time()
        def make() -> Clock:
            return registry['clock']
        """,
        "make().now()",
    ),
    Way(
        "calls what a function returns",
        """
        class Clock:
            def now(self):
                return time.time()
        def make():
            return Clock()
        """,
        "make().now()",
    ),
    Way(
        "iterates",
        """
        class Ticks:
            def __iter__(self):
                yield time.time()
        """,
        """
        for tick in Ticks():
            pass
        """,
    ),
    Way(
        "steps an iterator",
        """
        class Ticks:
            def __iter__(self):
                return self
            def __next__(self):
                return time.time()
        """,
        """
        for tick in Ticks():
            pass
        """,
    ),
    Way(
        "iterates asynchronously",
        """
        class Ticks:
            def __aiter__(self):
                return self
            async def __anext__(self):
                return time.time()
        """,
        """
        async for tick in Ticks():
            pass
        """,
    ),
    Way(
        "runs a generator",
        """
        def ticks():
            yield time.time()
        """,
        """
        for tick in ticks():
            pass
        """,
    ),
    Way(
        "runs a generator within a generator",
        """
        def inner():
            yield time.time()
        def ticks():
            yield from inner()
        """,
        "list(ticks())",
    ),
    Way(
        "runs an asynchronous generator",
        """
        async def ticks():
            yield time.time()
        """,
        """
        async for tick in ticks():
            pass
        """,
    ),
    Way(
        "enters a context",
        """
        class Timer:
            def __enter__(self):
                time.time()
            def __exit__(self, *args):
                pass
        """,
        """
        with Timer():
            pass
        """,
    ),
    Way(
        "leaves a context",
        """
        class Timer:
            def __enter__(self):
                pass
            def __exit__(self, *args):
                time.time()
        """,
        """
        with Timer():
            pass
        """,
    ),
    Way(
        "enters an asynchronous context",
        """
        class Timer:
            async def __aenter__(self):
                time.time()
            async def __aexit__(self, *args):
                pass
        """,
        """
        async with Timer():
            pass
        """,
    ),
    Way(
        "enters a generator as a context",
        """
        from contextlib import contextmanager
        @contextmanager
        def timer():
            yield time.time()
        """,
        """
        with timer():
            pass
        """,
    ),
    Way(
        "enters an asynchronous generator as a context",
        """
        from contextlib import asynccontextmanager
        @asynccontextmanager
        async def timer():
            yield time.time()
        """,
        """
        async with timer():
            pass
        """,
    ),
    Way(
        "calls back from a stack",
        """
        def now():
            return time.time()
        from contextlib import ExitStack
        """,
        """
        with ExitStack() as stack:
            stack.callback(now)
        """,
    ),
    Way(
        "adds",
        """
        class Span:
            def __add__(self, other):
                return time.time()
        """,
        "Span() + 1",
    ),
    Way(
        "adds from the right",
        """
        class Span:
            def __radd__(self, other):
                return time.time()
        """,
        "1 + Span()",
    ),
    Way(
        "compares",
        """
        class Span:
            def __lt__(self, other):
                return time.time() > 0
        """,
        "Span() < 1",
    ),
    Way(
        "asks for membership",
        """
        class Span:
            def __contains__(self, other):
                return time.time() > 0
        """,
        "1 in Span()",
    ),
    Way(
        "takes an item",
        """
        class Span:
            def __getitem__(self, key):
                return time.time()
        """,
        "Span()[0]",
    ),
    Way(
        "sets an item",
        """
        class Span:
            def __setitem__(self, key, value):
                time.time()
        """,
        """
        span = Span()
        span[0] = 1
        """,
    ),
    Way(
        "deletes an item",
        """
        class Span:
            def __delitem__(self, key):
                time.time()
        """,
        """
        span = Span()
        del span[0]
        """,
    ),
    Way(
        "calls an object",
        """
        class Clock:
            def __call__(self):
                return time.time()
        """,
        "Clock()()",
    ),
    Way(
        "asks whether it is true",
        """
        class Span:
            def __bool__(self):
                return time.time() > 0
        """,
        """
        if Span():
            pass
        """,
    ),
    Way(
        "negates",
        """
        class Span:
            def __neg__(self):
                return time.time()
        """,
        "-Span()",
    ),
    Way(
        "formats",
        """
        class Span:
            def __format__(self, spec):
                return str(time.time())
        """,
        "f'{Span()}'",
    ),
    Way(
        "awaits an object",
        """
        class Span:
            def __await__(self):
                time.time()
                yield
        """,
        "await Span()",
    ),
    Way(
        "reads a missing attribute",
        """
        class Span:
            def __getattr__(self, name):
                return time.time()
        """,
        "Span().at",
    ),
    Way(
        "makes a data class",
        """
        from dataclasses import dataclass, field
        @dataclass
        class Order:
            at: float = field(default_factory=time.time)
        """,
        "Order()",
    ),
    Way(
        "makes a data class with a factory of one's own",
        """
        def now():
            return time.time()
        from dataclasses import dataclass, field
        @dataclass
        class Order:
            at: float = field(default_factory=now)
        """,
        "Order()",
    ),
    Way(
        "makes a data class that looks after itself",
        """
        from dataclasses import dataclass
        @dataclass
        class Order:
            at: float
            def __post_init__(self):
                self.at = time.time()
        """,
        "Order(0)",
    ),
    Way(
        "makes an attrs class",
        """
        import attrs
        @attrs.define
        class Order:
            at: float = attrs.field(factory=time.time)
        """,
        "Order()",
    ),
    Way(
        "calls by a comprehension",
        """
        def now():
            return time.time()
        """,
        "[now() for _ in range(n)]",
    ),
    Way(
        "calls by a generator expression",
        """
        def now():
            return time.time()
        """,
        "sum(now() for _ in range(n))",
    ),
    Way(
        "filters a comprehension",
        """
        def now():
            return time.time()
        """,
        "[x for x in range(n) if now()]",
    ),
    Way(
        "calls in a condition",
        """
        def now():
            return time.time()
        """,
        "1 if now() else 2",
    ),
    Way(
        "calls in an assertion",
        """
        def now():
            return time.time()
        """,
        "assert now()",
    ),
    Way(
        "calls in an f-string",
        """
        def now():
            return time.time()
        """,
        "f'{now()}'",
    ),
    Way(
        "calls in a handler",
        """
        def now():
            return time.time()
        """,
        """
        try:
            pass
        except ValueError:
            now()
        """,
    ),
    Way(
        "calls at last",
        """
        def now():
            return time.time()
        """,
        """
        try:
            pass
        finally:
            now()
        """,
    ),
    Way(
        "calls where nothing was raised",
        """
        def now():
            return time.time()
        """,
        """
        try:
            pass
        except ValueError:
            pass
        else:
            now()
        """,
    ),
    Way(
        "calls in a loop's else",
        """
        def now():
            return time.time()
        """,
        """
        for _ in range(n):
            pass
        else:
            now()
        """,
    ),
    Way(
        "calls in a match",
        """
        def now():
            return time.time()
        """,
        """
        match n:
            case 1:
                now()
        """,
    ),
    Way(
        "calls in a guard",
        """
        def now():
            return time.time()
        """,
        """
        match n:
            case 1 if now():
                pass
        """,
    ),
    Way(
        "calls by a walrus",
        """
        def now():
            return time.time()
        """,
        """
        if (at := now()):
            pass
        """,
    ),
    Way(
        "raises an exception that reads it",
        """
        class Late(Exception):
            def __init__(self):
                self.at = time.time()
        """,
        "raise Late()",
    ),
    Way(
        "picks a function by a condition",
        """
        def now():
            return time.time()
        def zero():
            return 0
        """,
        """
        read = now if n else zero
        read()
        """,
    ),
    Way(
        "picks a function by or",
        """
        def now():
            return time.time()
        """,
        """
        read = None or now
        read()
        """,
    ),
    Way(
        "binds a function in a branch",
        """
        def now():
            return time.time()
        def zero():
            return 0
        """,
        """
        read = zero
        if n:
            read = now
        read()
        """,
    ),
    Way(
        "unpacks a function",
        """
        def now():
            return time.time()
        """,
        """
        a, read = 1, now
        read()
        """,
    ),
    Way(
        "keeps a function over the rounds of a loop",
        """
        def now():
            return time.time()
        def zero():
            return 0
        """,
        """
        read = zero
        for _ in range(n):
            read()
            read = now
        """,
    ),
    Way(
        "calls from another module",
        """
        from helpers import now
        """,
        "now()",
        {
            "helpers.py": """
            import time

            def now():
                return time.time()
            """,
        },
    ),
    Way(
        "calls by a module",
        """
        import helpers
        """,
        "helpers.now()",
        {
            "helpers.py": """
            import time

            def now():
                return time.time()
            """,
        },
    ),
    Way(
        "calls what a package re-exports",
        """
        from tools import now
        """,
        "now()",
        {
            "tools/__init__.py": """
            from .clock import now
            """,
            "tools/clock.py": """
            import time

            def now():
                return time.time()
            """,
        },
    ),
    Way(
        "calls what a package re-exports by a star",
        """
        from tools import *
        """,
        "now()",
        {
            "tools/__init__.py": """
            from .clock import *
            """,
            "tools/clock.py": """
            import time

            def now():
                return time.time()
            """,
        },
    ),
    Way(
        "calls by a package without a file",
        """
        from tools.clock import now
        """,
        "now()",
        {
            "tools/clock.py": """
            import time

            def now():
                return time.time()
            """,
        },
    ),
    Way(
        "imports it lazily",
        "",
        """
        from helpers import now
        now()
        """,
        {
            "helpers.py": """
            import time

            def now():
                return time.time()
            """,
        },
    ),
    Way(
        "imports in a circle",
        """
        from a import now
        """,
        "now()",
        {
            "a.py": """
            import b
            import time
            def now():
                return b.then()
            """,
            "b.py": """
            import a
            import time
            def then():
                return time.time()
            """,
        },
    ),
    Way(
        "imports where it can",
        """
        try:
            from fast import now
        except ImportError:
            from helpers import now
        """,
        "now()",
        {
            "helpers.py": """
            import time

            def now():
                return time.time()
            """,
        },
    ),
    Way(
        "calls a function that calls itself",
        """
        def count(k):
            return count(k - 1) if k else time.time()
        """,
        "count(n)",
    ),
    Way(
        "calls functions that call each other",
        """
        def odd(k):
            return even(k - 1)
        def even(k):
            return odd(k - 1) if k else time.time()
        """,
        "odd(n)",
    ),
    Way(
        "dispatches by type",
        """
        from functools import singledispatch
        @singledispatch
        def read(x):
            return 0
        @read.register
        def _(x: int):
            return time.time()
        """,
        "read(n)",
    ),
    Way(
        "dispatches by a descriptor",
        """
        class Field:
            def __get__(self, owner, kind):
                return time.time()
        class Order:
            at = Field()
        """,
        "Order().at",
    ),
    Way(
        "makes a class by a metaclass",
        """
        class Meta(type):
            def __call__(cls):
                return time.time()
        class Order(metaclass=Meta):
            pass
        """,
        "Order()",
    ),
    Way(
        "calls back when a task is done",
        """
        import asyncio
        def done(task):
            time.time()
        async def work():
            pass
        """,
        """
        task = asyncio.create_task(work())
        task.add_done_callback(done)
        await task
        """,
    ),
    Way(
        "makes a default when a key is missing",
        """
        def now():
            return time.time()
        from collections import defaultdict
        """,
        "defaultdict(now)['a']",
    ),
    Way(
        "reads it in a class body of its own",
        "",
        """
        class Local:
            at = time.time()
        """,
    ),
    Way(
        "calls a method of a class of its own",
        "",
        """
        class Local:
            def now(self):
                return time.time()
        Local().now()
        """,
    ),
    Way(
        "calls a method that it kept",
        """
        class Clock:
            def now(self):
                return time.time()
        """,
        """
        read = Clock().now
        read()
        """,
    ),
    Way(
        "calls a named tuple's method",
        """
        from typing import NamedTuple
        class Order(NamedTuple):
            id: int
            def now(self):
                return time.time()
        """,
        "Order(1).now()",
    ),
    Way(
        "calls an enumeration's method",
        """
        import enum
        class Kind(enum.Enum):
            A = 1
            def now(self):
                return time.time()
        """,
        "Kind.A.now()",
    ),
    Way(
        "unpacks arguments",
        """
        def now():
            return time.time()
        def run(f, *rest):
            return f()
        """,
        """
        args = (now, 1)
        run(*args)
        """,
    ),
    Way(
        "passes on what it was given",
        """
        def now():
            return time.time()
        def run(f):
            return f()
        def through(*args):
            return run(*args)
        """,
        "through(now)",
    ),
    Way(
        "cannot be seen behind a decorator",
        """
        from other import traced
        @traced
        def now():
            return time.time()
        """,
        "now()",
    ),
]

SILENT = [
    Way(
        "does nothing",
        """
        def now():
            return time.time()
        """,
        "pass",
    ),
    Way(
        "never calls it",
        """
        def now():
            return time.time()
        def unused():
            return now()
        """,
        "pass",
    ),
    Way(
        "only names it",
        """
        def now():
            return time.time()
        """,
        "now",
    ),
    Way(
        "calls it in an activity",
        """
        @da.activity
        async def now() -> float:
            return time.time()
        """,
        "await now()",
    ),
    Way(
        "calls it in an activity with options",
        """
        @da.activity(name='now')
        async def now() -> float:
            return time.time()
        """,
        "await now()",
    ),
    Way(
        "calls it behind an activity",
        """
        def now():
            return time.time()
        @da.activity
        async def read() -> float:
            return now()
        """,
        "await read()",
    ),
    Way(
        "calls it in a plain activity",
        """
        @da.activity
        def now() -> float:
            return time.time()
        """,
        "await now()",
    ),
    Way(
        "records it as a side effect",
        """
        def now():
            return time.time()
        """,
        "await da.side_effect(now)",
    ),
    Way(
        "reads it when it is imported",
        """
        STARTED = time.time()
        """,
        "n",
    ),
    Way(
        "has it as a parameter's default",
        """
        def at(x=time.time()):
            return x
        """,
        "at()",
    ),
    Way(
        "reads it only as a script",
        """
        def now():
            return time.time()
        if __name__ == '__main__':
            now()
        """,
        "pass",
    ),
    Way(
        "reads it only for type checkers",
        """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            time.time()
        """,
        "pass",
    ),
    Way(
        "imports for type checkers only",
        """
        import typing
        """,
        """
        if typing.TYPE_CHECKING:
            time.time()
        """,
    ),
    Way(
        "has a parameter called time",
        """
        def read(time):
            return time.time()
        """,
        "read(n)",
    ),
    Way(
        "has a local called time",
        "",
        """
        time = object()
        time.time()
        """,
    ),
    Way(
        "has a loop variable called time",
        "",
        """
        for time in []:
            time.time()
        """,
    ),
    Way(
        "has a handler's name called time",
        "",
        """
        try:
            pass
        except ValueError as time:
            time.time()
        """,
    ),
    Way(
        "has a context's name called time",
        "",
        """
        with n as time:
            time.time()
        """,
    ),
    Way(
        "has a comprehension's variable called time",
        "",
        "[time.time() for time in []]",
    ),
    Way(
        "has a lambda's parameter called time",
        "",
        "(lambda time: time.time())(n)",
    ),
    Way(
        "has a pattern called time",
        "",
        """
        match n:
            case [time]:
                time.time()
        """,
    ),
    Way(
        "has a function called time",
        """
        def time():
            return 0
        """,
        "time()",
    ),
    Way(
        "has a class called time",
        """
        class time:
            @staticmethod
            def time():
                return 0
        """,
        "time.time()",
    ),
    Way(
        "has a module called as it likes",
        """
        import clock as time
        """,
        "time.time()",
        {
            "clock.py": """
            def time():
                return 0
            """,
        },
    ),
    Way(
        "closes over a local called time",
        "",
        """
        time = object()
        def inner():
            return time.time()
        inner()
        """,
    ),
    Way(
        "binds time later",
        "",
        """
        def inner():
            time = None
            return time
        inner()
        """,
    ),
    Way(
        "formats a time that it was given",
        "",
        "time.strftime('%Y', time.gmtime(n))",
    ),
    Way(
        "makes a time of numbers",
        """
        import datetime
        """,
        "datetime.datetime(2024, 1, 1)",
    ),
    Way(
        "makes a time of a timestamp",
        """
        import datetime
        """,
        "datetime.datetime.fromtimestamp(n, datetime.UTC)",
    ),
    Way(
        "uses the durable clock",
        "",
        "da.now()",
    ),
    Way(
        "calls another method of the class",
        """
        class Clock:
            def now(self):
                return time.time()
            def zero(self):
                return 0
        """,
        "Clock().zero()",
    ),
    Way(
        "calls a method of another class",
        """
        class Clock:
            def now(self):
                return time.time()
        class Fake:
            def now(self):
                return 0
        """,
        "Fake().now()",
    ),
    Way(
        "calls an override that does not",
        """
        class Base:
            def now(self):
                return time.time()
        class Fake(Base):
            def now(self):
                return 0
        """,
        "Fake().now()",
    ),
    Way(
        "makes no object of the subclass that does",
        """
        class Base:
            def now(self):
                return 0
        class Clock(Base):
            def now(self):
                return time.time()
        """,
        "Base().now()",
    ),
    Way(
        "has another of two implementations",
        """
        class Base:
            def now(self):
                raise NotImplementedError
        class Clock(Base):
            def now(self):
                return time.time()
        class Fake(Base):
            def now(self):
                return 0
        def read(clock: Base):
            return clock.now()
        """,
        "read(Fake())",
    ),
    Way(
        "replaces the constructor that does",
        """
        class Base:
            def __init__(self):
                self.at = time.time()
        class Clock(Base):
            def __init__(self):
                self.at = 0
        """,
        "Clock()",
    ),
    Way(
        "does not read the property",
        """
        class Clock:
            @property
            def now(self):
                return time.time()
            zero = 0
        """,
        "Clock().zero",
    ),
    Way(
        "does not enter the context",
        """
        class Timer:
            def __enter__(self):
                time.time()
            def __exit__(self, *args):
                pass
        """,
        "Timer()",
    ),
    Way(
        "does not call the object",
        """
        class Clock:
            def __call__(self):
                return time.time()
        """,
        "Clock()",
    ),
    Way(
        "compares what has no say",
        """
        class Span:
            def __lt__(self, other):
                return time.time() > 0
        """,
        "Span() + 1",
    ),
    Way(
        "makes a function and leaves it",
        """
        def maker():
            def inner():
                return time.time()
            return 1
        """,
        "maker()",
    ),
    Way(
        "makes a lambda and leaves it",
        "",
        "read = lambda: time.time()",
    ),
    Way(
        "knows another function of the module",
        """
        from helpers import zero
        """,
        "zero()",
        {
            "helpers.py": """
            import time

            def now():
                return time.time()
            def zero():
                return 0
            """,
        },
    ),
    Way(
        "imports a module and leaves it",
        """
        import helpers
        """,
        "pass",
        {
            "helpers.py": """
            import time

            def now():
                return time.time()
            """,
        },
    ),
    Way(
        "has a test beside it",
        "",
        "pass",
        {
            "test_flow.py": """
            import time
            from flow import flow
            def test_flow():
                time.time()
            """,
        },
    ),
    Way(
        "has a worker beside it",
        "",
        "pass",
        {
            "worker.py": """
            import time
            import flow
            def main():
                time.time()
            main()
            """,
        },
    ),
    Way(
        "is called by what does",
        """
        def client():
            time.time()
            return flow
        """,
        "pass",
    ),
    Way(
        "uses only an annotation",
        """
        def read(x: time.struct_time) -> None:
            pass
        """,
        "read(n)",
    ),
    Way(
        "uses only a constant",
        "",
        "time.CLOCK_MONOTONIC if n else 0",
    ),
    Way(
        "rebinds the name of the function",
        """
        def now():
            return time.time()
        def zero():
            return 0
        """,
        """
        read = now
        read = zero
        read()
        """,
    ),
    Way(
        "returns before it",
        """
        def read():
            return 0
            time.time()
        """,
        "read()",
    ),
    Way(
        "never comes to it",
        "",
        """
        if False:
            time.time()
        """,
    ),
    Way(
        "raises before it",
        "",
        """
        raise ValueError
        time.time()
        """,
    ),
    Way(
        "continues before it",
        "",
        """
        for _ in range(n):
            continue
            time.time()
        """,
    ),
    Way(
        "has a function of that name in a class",
        """
        class Clock:
            def time(self):
                return 0
        """,
        "Clock().time()",
    ),
    Way(
        "has an object of unknown type",
        """
        from other import thing
        """,
        "thing.time()",
    ),
    Way(
        "is given an object of unknown type",
        """
        def read(x):
            return x.time()
        """,
        "read(n)",
    ),
    Way(
        "keeps others' handlers in the dict",
        """
        def now():
            return time.time()
        def zero():
            return 0
        HANDLERS = {'zero': zero}
        OTHERS = {'now': now}
        """,
        "HANDLERS['zero']()",
    ),
    Way(
        "hands another function to the helper",
        """
        def now():
            return time.time()
        def zero():
            return 0
        def run(f):
            return f()
        def elsewhere():
            return run(now)
        """,
        "run(zero)",
    ),
    Way(
        "decorates another function",
        """
        def now():
            return time.time()
        def traced(f):
            def inner():
                return f()
            return inner
        read = traced(now)
        @traced
        def zero():
            return 0
        """,
        "zero()",
    ),
    Way(
        "fixes another function's arguments",
        """
        from functools import partial
        def at(x):
            return time.time()
        def zero(x):
            return 0
        READ = partial(at, 1)
        """,
        "partial(zero, n)()",
    ),
    Way(
        "makes a data class with another factory",
        """
        from dataclasses import dataclass, field
        @dataclass
        class Order:
            tags: list = field(default_factory=list)
        @dataclass
        class Event:
            at: float = field(default_factory=time.time)
        """,
        "Order()",
    ),
    Way(
        "has an orchestrator of somebody else",
        """
        from other import orchestrator
        @orchestrator
        async def theirs(n: int) -> None:
            time.time()
        """,
        "pass",
    ),
    Way(
        "has a class body that reads it at import",
        """
        class Config:
            started = time.time()
        """,
        "Config",
    ),
    Way(
        "deletes the name",
        "",
        """
        time = 1
        del time
        """,
    ),
    Way(
        "narrows to a class that does not",
        """
        class Clock:
            def now(self):
                return time.time()
        class Fake:
            def now(self):
                return 0
        def read(x):
            if isinstance(x, Fake):
                return x.now()
        """,
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
