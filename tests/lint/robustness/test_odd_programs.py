"""However a program is written, analysing it ends, in proportion, and says what it left out.

Work is counted in expressions evaluated, so that nothing here hangs on how quick a machine is.
"""

import ast
from collections.abc import Callable

import pytest

HEAD = "import time\nimport durable_async as da\n\n\n"
ROOT = "@da.orchestrator\nasync def flow(n: int) -> None:\n"
# Loops within loops are read again, and functions again when more flows into them.
READINGS = 100


def _lines(pattern: str, count: int) -> str:
    return "".join(pattern.format(i=i, j=(i + 1) % count, k=(i * 7) % count) for i in range(count))


def _nested(head: str, depth: int, last: str) -> str:
    opened = "".join("    " * (i + 1) + head.format(i=i, j=(i + 1) % depth) for i in range(depth))
    return opened + "".join("    " * (depth + 1) + line + "\n" for line in last.splitlines())


GROWING = {
    "nests a list in itself": HEAD + ROOT + "    x = 1\n" + "    x = [x]\n" * 3000,
    "nests a dict in itself": HEAD + ROOT + "    x = 1\n" + "    x = {'a': x}\n" * 3000,
    "doubles a tuple": HEAD + ROOT + "    t = (1, 'a')\n" + "    t = t + t\n" * 60,
    "pairs a tuple with itself": HEAD
    + ROOT
    + "    t = u = (1, 'a')\n"
    + "    t = (t, t)\n    u = (u, u)\n" * 60
    + "    if n:\n        t = u\n    return t\n",
    "multiplies": HEAD + ROOT + "    return (1, 'a') * 10**9, [n] * 10**9, 'a' * 10**9\n",
    "unites dicts": HEAD + ROOT + "    d = {}\n" + "    d = d | {'a': d}\n" * 1000,
    "hands on more each time": HEAD
    + "def f(x, g):\n    return f([x], lambda: g(x))\n"
    + ROOT
    + "    f(n, lambda: time.time())\n",
    "hands on pairs": HEAD
    + "def f(x):\n    return f((x, x))\ndef h(*a, **k):\n    return h(*a, a, b=k, **k)\n"
    + ROOT
    + "    f(n)\n    h(n)\n",
    "closes over itself": HEAD
    + "def f(g):\n    def h():\n        return g()\n    return f(h)\n"
    + ROOT
    + "    f(f)\n",
    "fixes its own arguments": "from functools import partial\n"
    + HEAD
    + "def f(g):\n    return f(partial(g, g))\n"
    + ROOT
    + "    f(f)\n",
    "keeps itself": HEAD
    + "class A:\n    def __init__(self, x):\n        self.x = x\n"
    + "    def f(self):\n        self.x = [self.x]\n        self.f()\n        return A(self)\n"
    + ROOT
    + "    A(A(1)).f().f().f()\n",
    "calls many that call each other": HEAD
    + _lines("def f{i}(g):\n    return f{j}(lambda: g(f{k})) or f{k}(g)\n", 30)
    + ROOT
    + "    f0(time.time)\n",
    "has attributes that hang on each other": "class A:\n"
    + _lines(
        "    def f{i}(self):\n        self.x{i} = [self.x{j}, self.x{k}]\n        self.f{j}()\n",
        100,
    )
    + HEAD
    + ROOT
    + "    A().f0()\n",
    "has closures that hang on each other": HEAD
    + ROOT
    + _lines("    def f{i}():\n        return f{j}() or f{k}()\n", 40)
    + "    f0()\n",
    "decorates once for each of many": HEAD
    + "def deco(f):\n    def w(*a):\n        return f(*a)\n    return w\n"
    + _lines("@deco\ndef k{i}():\n    return {i}\n", 400)
    + ROOT
    + _lines("    k{i}()\n", 400),
    "decorates one many times": HEAD
    + "def deco(f):\n    def w(*a):\n        return f(*a)\n    return w\n"
    + "@deco\n" * 200
    + "def k():\n    return time.time()\n"
    + ROOT
    + "    k()\n",
    "loops within loops": HEAD
    + ROOT
    + _lines("    y{i} = [{i}]\n", 18)
    + _nested("for x{i} in y{j}:\n", 18, _lines("y{i} = [y{j}, x{i}]\n", 18)),
    "repeats within repeats": HEAD + ROOT + _nested("while n > {i}:\n", 18, "n = [n]"),
    "unpacks within lists": HEAD + ROOT + "    x = " + "[*" * 60 + "n" + "]" * 60 + "\n",
    "comprehends within comprehensions": HEAD
    + ROOT
    + "    x = "
    + "[" * 25
    + "1"
    + "".join(f" for a{i} in b{i}]" for i in range(25))
    + "\n",
    "has many branches and names": HEAD
    + ROOT
    + _lines("    if n == {i}:\n        x{i} = {i}\n", 3000),
    "breaks often out of loops over sets": HEAD
    + ROOT
    + _lines("    for i{i} in {{'a', str(n)}}:\n        if i{i}:\n            break\n", 500),
    "walks a chain of what a library made": "import foo\n"
    + HEAD
    + ROOT
    + "    x = foo.a()\n"
    + "    x = x.a()\n" * 2000
    + "    await x\n",
}

CIRCLES = {
    "has classes among their own bases": """\
class A(A):
    def f(self):
        return self.g()
class B(C):
    pass
class C(B):
    x = C()
    y = x.y
import time
import durable_async as da


@da.orchestrator
async def flow(n: int) -> None:
    A().f()
    B().y
    super().x
""",
    "has names that are themselves": """\
X = X
Y = Z
Z = Y
W = [W]
V = V()
U: 'U' = U
T = list['T']
import time
import durable_async as da


@da.orchestrator
async def flow(n: int) -> None:
    X(), Y.a, Z[0], W[0][0], V, U
    def f(t: T, u: 'U') -> 'T':
        return t[0]
    f()
""",
    "imports itself": """\
from flow import *
from . import flow
import flow
flow = flow.flow
import time
import durable_async as da


@da.orchestrator
async def flow(n: int) -> None:
    flow.x()
""",
    "asks itself for everything": """\
class A:
    @property
    def a(self):
        return self.b
    @property
    def b(self):
        return self.a
    def __getattr__(self, n):
        return self.zork
    def __call__(self):
        return self()
    def __iter__(self):
        return self
    def __add__(self, o):
        return self + o
    def __enter__(self):
        return self
    def __exit__(self, *a):
        with self:
            pass
    def __bool__(self):
        return not self
    def __getitem__(self, k):
        return self[k]
    def __await__(self):
        return self.__await__()
    def __format__(self, s):
        return f'{self}'
import time
import durable_async as da


@da.orchestrator
async def flow(n: int) -> None:
    a = A()
    a.a, a.c, a(), a + a, list(a), a[0], f'{a}'
    await a
    with a:
        pass
    for x in a:
        pass
""",
    "has descriptors that give themselves": """\
class D:
    def __get__(self, o, t):
        return self
    def __set__(self, o, v):
        o.d = v
class A:
    d = D()
import time
import durable_async as da


@da.orchestrator
async def flow(n: int) -> None:
    a = A()
    a.d = a.d
    a.d.d.d = 1
""",
    "has metaclasses that make themselves": """\
class M(type):
    def __call__(cls, *a):
        return cls(*a)
    def __new__(m, *a):
        return m(*a)
class A(metaclass=M):
    def __new__(cls):
        return cls()
    def __init_subclass__(cls):
        cls.__init_subclass__()
class B(A):
    pass
import time
import durable_async as da


@da.orchestrator
async def flow(n: int) -> None:
    B()
""",
    "generates itself": """\
import time
import durable_async as da


def g(x):
    yield from g(x)
    yield [g(x)]
async def ag(x):
    async for y in ag(x):
        yield [y]
@da.orchestrator
async def flow(n: int) -> None:
    for a in g(1):
        for b in a:
            pass
    async for x in ag(1):
        pass
""",
    "makes data classes of itself": """\
from dataclasses import dataclass, field
@dataclass
class N:
    l: 'N' = field(default_factory=lambda: N())
    r: list['N'] = field(default_factory=list)
import time
import durable_async as da


@da.orchestrator
async def flow(n: int) -> None:
    N().l.l.l.r[0].l
""",
    "has orchestrators that call each other": HEAD
    + _lines(
        "@da.orchestrator\nasync def o{i}(n: int) -> int:\n    return await o{j}(n)\n\n\n", 200
    ),
    "deletes what is not there": """\
import time
import durable_async as da


@da.orchestrator
async def flow(n: int) -> None:
    del n, (n, [n]), n.x, n[0]
    return locals()['x'](*n, **n)
""",
    "unpacks everything": """\
import time
import durable_async as da


@da.orchestrator
async def flow(n: int) -> None:
    print(*n, **n)
    a, *b = [*n, *n], (*n,), {**n}, {*n}
    [a, *b], (c, *d) = n
    *a, = n
""",
    "calls what has arguments without any": """\
import time
import durable_async as da


import asyncio, contextlib, functools, itertools
from dataclasses import *
from functools import *
@da.orchestrator
async def flow(n: int) -> None:
    partial()
    functools.partial(*n)
    functools.reduce()
    map()
    sorted()
    sorted(*n)
    zip()
    max()
    iter()
    next()
    getattr()
    getattr(n)
    setattr()
    super()
    type()
    isinstance()
    asyncio.gather()
    asyncio.wait()
    asyncio.wait_for()
    asyncio.create_task()
    asyncio.shield()
    da.activity()()
    asyncio.as_completed()
    asyncio.timeout()
    contextlib.suppress()
    contextlib.closing()
    contextlib.ExitStack().callback()
    contextlib.ExitStack().enter_context()
    dict.fromkeys()
    itertools.chain()
    itertools.chain.from_iterable()
    ''.join()
    [].append()
    {}.update()
    {}.setdefault()
    {}.pop()
    set().add()
    set().pop(1)
    [].sort(key=None)
    [].extend()
    da.sleep()
    da.orchestrator()()
    da.activity()()()
    da.side_effect()
    da.continue_as_new()
    da.entity()()
    da.wait_for_event()
    da.orchestrator(1)
    da.activity(name=n)(n)
    hash()
    id()
    print()
    open()
    eval()
    time.strftime()
    lru_cache()()
    cached_property()
    field()
    asyncio.TaskGroup().create_task()
    asyncio.get_running_loop().create_task()
    asyncio.get_event_loop().call_later()
    functools.wraps()()
    functools.singledispatch()
    functools.cmp_to_key()
    filter()
    globals()()
""",
}

DEEP = {
    "adds very often": HEAD + ROOT + "    x = " + " + ".join(["n"] * 9000) + "\n",
    "reads attributes of attributes": HEAD + ROOT + "    x = n" + ".a" * 9000 + "\n",
    "calls what calls give": HEAD + ROOT + "    x = n" + "(1)" * 9000 + "\n",
    "takes items of items": HEAD + ROOT + "    x = n" + "[0]" * 9000 + "\n",
    "has very many conditions": HEAD
    + ROOT
    + "    if n:\n        pass\n"
    + "    elif n:\n        n\n" * 4000,
    "annotates deeply": HEAD
    + "def f(x: '"
    + "list[" * 3000
    + "int"
    + "]" * 3000
    + "'):\n    return x\n"
    + ROOT
    + "    f(n)\n",
    "makes functions within functions": HEAD + ROOT + _nested("def f{i}():\n", 90, "time.time()"),
    "tries within tries": HEAD + ROOT + _nested("if n > {i}:\n", 95, "time.time()"),
}


def _size(text: str) -> int:
    return sum(1 for _ in ast.walk(ast.parse(text)))


@pytest.mark.parametrize("name", GROWING)
def test_work_is_in_proportion_when_a_program(reach_all: Callable[..., object], name: str) -> None:
    text = GROWING[name]
    outcome = reach_all({"flow.py": text.encode()})
    assert outcome.defects == []
    assert outcome.work <= READINGS * _size(text)


@pytest.mark.parametrize("name", CIRCLES)
def test_the_analysis_ends_when_a_program(reach_all: Callable[..., object], name: str) -> None:
    text = CIRCLES[name]
    outcome = reach_all({"flow.py": text.encode()})
    assert not outcome.result.errors
    assert outcome.work <= READINGS * _size(text)


@pytest.mark.parametrize("name", DEEP)
def test_what_is_nested_too_deeply_is_said_and_the_rest_is_analysed(
    reach_all: Callable[..., object], name: str
) -> None:
    beside = HEAD + "@da.orchestrator\nasync def other(n: int) -> None:\n    time.time()\n"
    outcome = reach_all({"flow.py": DEEP[name].encode(), "other.py": beside.encode()})
    assert outcome.defects == []
    assert all("nested too deeply" in error.message for error in outcome.result.errors)
    assert [f.code for f in outcome.result.findings if f.path.endswith("other.py")] == ["DUR101"]


def test_a_hundred_thousand_assignments_are_read_once(reach_all: Callable[..., object]) -> None:
    text = (
        "".join(f"name_{i} = {i}\n" for i in range(100_000)) + HEAD + ROOT + "    return name_7\n"
    )
    outcome = reach_all({"flow.py": text.encode()})
    assert not outcome.result.errors and outcome.work < 1000


@pytest.mark.soak
def test_five_megabytes_and_fifty_thousand_lines_are_analysed(
    reach_all: Callable[..., object],
) -> None:
    names = "".join(f"name_{i} = {i}\n" for i in range(300_000)) + HEAD + ROOT + "    n\n"
    body = HEAD + ROOT + "".join(f"    x{i} = x{i - 1} + {i}\n" for i in range(50_000))
    branches = HEAD + ROOT + _lines("    if n == {i}:\n        x{i} = {i}\n", 25_000)
    for text in (names, body, branches):
        outcome = reach_all({"flow.py": text.encode()})
        assert not outcome.result.errors
        assert outcome.work <= READINGS * len(text)
