"""Arguments keep their places and names, through `*args` and `**kwargs` too."""

import textwrap
from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]


def _lines(analyse: Analyse, text: str) -> list[int]:
    return [f.span.line for f in analyse(textwrap.dedent(text)).findings if f.code == "DUR101"]


PASSING = """\
    import functools
    import time
    import durable_async as da


    def first():
        return time.time()


    def second():
        return time.time()


    def third():
        return time.time()


    def timed(function):
        @functools.wraps(function)
        def inner(*args, **kwargs):
            return function(*args, **kwargs)

        return inner


    @timed
    def work(number, call, *, other=None):
        return call() if number else other()


    @da.orchestrator
    async def flow(n: int) -> float:
        return work(n, first, other=second)
"""


def test_a_decorator_hands_on_what_it_was_given_by_place_and_by_name(analyse: Analyse) -> None:
    assert _lines(analyse, PASSING) == [7, 11]


PIPELINES = """\
    import time
    import durable_async as da


    def first():
        return time.time()


    def second():
        return time.time()


    def pipeline(*steps):
        def run():
            for step in steps:
                step()

        return run


    one = pipeline(first)
    other = pipeline(second)


    @da.orchestrator
    async def flow(n: int) -> None:
        one()
"""


def test_functions_among_several_arguments_are_told_apart_by_call(analyse: Analyse) -> None:
    assert _lines(analyse, PIPELINES) == [6]
    assert _lines(analyse, PIPELINES.replace("one()\n", "one()\n        other()\n")) == [6, 10]


ASKING = """\
    import time
    from enum import Enum
    from functools import partial, partialmethod
    from operator import attrgetter, methodcaller
    import durable_async as da


    class Job:
        def run(self):
            return time.time()

        @property
        def weight(self):
            return time.time()

        def _call(self, function):
            return function()

        act = partialmethod(_call, time.time)


    class Kind(Enum):
        ONE = partial(time.time)
        TWO = ("two", lambda: time.time())

        def __init__(self, label, quote=None):
            self.quote = quote


    @da.orchestrator
    async def flow(n: int) -> None:
        jobs = [Job()]
"""


def _asking(analyse: Analyse, line: str) -> list[int]:
    return _lines(analyse, f"{ASKING}        {line}\n")


def test_what_asks_its_argument_by_a_name_calls_what_has_it(analyse: Analyse) -> None:
    assert _asking(analyse, "list(map(methodcaller('run'), jobs))") == [10]
    assert _asking(analyse, "max(jobs, key=attrgetter('weight'))") == [14]
    assert _asking(analyse, "list(map(methodcaller('rest'), jobs))") == []


def test_a_member_holds_what_stands_behind_its_name(analyse: Analyse) -> None:
    assert _asking(analyse, "Kind.TWO.quote()") == [24]


NAMING = """\
    import time
    import durable_async as da
    import lazy


    class Visitor:
        def visit(self, kind):
            return getattr(self, f"visit_{kind}", self.other)()

        def visit_leaf(self):
            return time.time()

        def leave_leaf(self):
            return time.time()

        def other(self):
            return time.time()

        @classmethod
        def bare(cls):
            return cls.__new__(cls)


    @da.orchestrator
    async def flow(n: int) -> None:
"""
LAZY = """\
    def __getattr__(name):
        if name == "first":
            import work
            return work.first
        import work
        return work.second
"""
WORK = """\
    import time


    def first():
        return time.time()


    def second():
        return time.time()
"""


def _naming(analyse: Analyse, line: str) -> list[tuple[str, int]]:
    texts = {"flow.py": f"{NAMING}        {line}\n", "lazy.py": LAZY, "work.py": WORK}
    found = analyse({name: textwrap.dedent(text) for name, text in texts.items()}).findings
    return [(f.path.rpartition("/")[2], f.span.line) for f in found if f.code == "DUR101"]


def test_a_name_that_is_put_together_means_those_that_begin_so(analyse: Analyse) -> None:
    assert _naming(analyse, "Visitor().visit('leaf')") == [("flow.py", 11), ("flow.py", 17)]


def test_an_object_that_is_made_without_its_constructor_is_of_its_class(analyse: Analyse) -> None:
    assert _naming(analyse, "Visitor.bare().other()") == [("flow.py", 17)]


def test_a_module_gives_by_its_getattr_what_is_called_so(analyse: Analyse) -> None:
    assert _naming(analyse, "lazy.first()") == [("work.py", 5)]
    assert _naming(analyse, "lazy.third()") == []


@pytest.mark.parametrize("use", ["len({})", "str({})", "json.dumps({})", "list({})"])
def test_what_wants_a_value_is_given_no_call_that_is_not_awaited(
    analyse: Analyse, use: str
) -> None:
    text = f"""\
        import json
        import durable_async as da


        @da.activity
        async def lines(n: int) -> list[str]:
            return []


        @da.orchestrator
        async def flow(n: int) -> None:
            {use.format("lines(n)")}
            {use.format("await lines(n)")}
    """
    found = analyse(textwrap.dedent(text)).findings
    assert [(f.code, f.span.line) for f in found] == [("DUR133", 12)]
