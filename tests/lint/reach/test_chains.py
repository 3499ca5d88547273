"""A finding in a helper says how an orchestrator comes to it, on the shortest way there is."""

import textwrap
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from durable_lint.model import Finding
from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]

FLOW = """\
import time
import durable_async as da


"""
ROOT = "@da.orchestrator\nasync def flow(n: int) -> None:\n"


def _only(result: Result, code: str = "DUR101") -> Finding:
    found = [finding for finding in result.findings if finding.code == code]
    assert len(found) == 1
    return found[0]


def _steps(finding: Finding) -> list[tuple[str, int, str]]:
    return [(step.path.removeprefix("/project/"), step.line, step.function) for step in finding.via]


def test_a_finding_in_the_orchestrator_has_no_chain(analyse: Analyse) -> None:
    found = _only(analyse(f"{FLOW}{ROOT}    time.time()\n"))
    assert found.via == () and found.function == "flow"


def test_each_link_names_the_line_of_the_call_to_the_next(analyse: Analyse) -> None:
    files = {
        "flow.py": f"{FLOW}from work import start\n\n{ROOT}    x = 1\n    start(x)\n",
        "work.py": "from clock import Clock\n\n\ndef start(x):\n    return Clock().now()\n",
        "clock.py": "import time\n\n\nclass Clock:\n"
        "    def now(self):\n        return time.time()\n",
    }
    found = _only(analyse(files))
    assert (found.path, found.span.line, found.function) == ("/project/clock.py", 6, "Clock.now")
    assert _steps(found) == [("flow.py", 10, "flow"), ("work.py", 5, "start")]


def test_the_shorter_of_two_ways_is_told(analyse: Analyse) -> None:
    text = f"""{FLOW}def now():
    return time.time()

def more():
    return now()

{ROOT}    more()
    now()
"""
    assert _steps(_only(analyse(text))) == [("flow.py", 14, "flow")]


def test_the_first_of_several_calls_is_told(analyse: Analyse) -> None:
    text = f"{FLOW}def now():\n    return time.time()\n\n{ROOT}    now()\n    now()\n"
    assert _steps(_only(analyse(text))) == [("flow.py", 10, "flow")]


def test_a_finding_stands_once_however_many_orchestrators_come_to_it(analyse: Analyse) -> None:
    text = f"{FLOW}def now():\n    return time.time()\n\n" + "".join(
        f"@da.orchestrator\nasync def flow_{i}(n: int) -> None:\n    now()\n\n" for i in range(3)
    )
    assert _steps(_only(analyse(text))) == [("flow.py", 10, "flow_0")]


def test_a_circle_of_calls_has_a_chain_without_repetition(analyse: Analyse) -> None:
    text = f"""{FLOW}def a():
    b()

def b():
    a()
    c()

def c():
    a()
    time.time()

{ROOT}    a()
"""
    assert [name for _, _, name in _steps(_only(analyse(text)))] == ["flow", "a", "b"]


def test_a_callback_is_reached_from_where_it_is_called(analyse: Analyse) -> None:
    text = (
        f"{FLOW}def now():\n    return time.time()\n\ndef run(f):\n    f()\n\n{ROOT}    run(now)\n"
    )
    assert [name for _, _, name in _steps(_only(analyse(text)))] == ["flow", "run"]


@pytest.mark.parametrize("depth", [1, 7, 39, 41, 150])
def test_chains_may_be_long(analyse: Analyse, depth: int) -> None:
    helpers = "".join(f"def f{i}(x):\n    return f{i + 1}(x)\n\n" for i in range(depth))
    text = f"{FLOW}{helpers}def f{depth}(x):\n    return time.time()\n\n{ROOT}    f0(n)\n"
    assert [name for _, _, name in _steps(_only(analyse(text)))] == [
        "flow",
        *(f"f{i}" for i in range(depth)),
    ]


@given(
    st.integers(2, 9).flatmap(
        lambda size: st.lists(
            st.sets(st.integers(0, size - 1), max_size=3), min_size=size, max_size=size
        )
    )
)
def test_no_way_is_shorter_than_the_one_that_is_told(
    analyse: Analyse, calls: list[set[int]]
) -> None:
    """calls: what each function calls; the last one reads the clock, the first is called."""
    bodies = []
    for place, called in enumerate(calls):
        lines = [f"f{other}()" for other in sorted(called)]
        if place == len(calls) - 1:
            lines.append("time.time()")
        bodies.append(
            f"def f{place}():\n{textwrap.indent(chr(10).join(lines or ['pass']), '    ')}\n"
        )
    text = FLOW + "\n".join(bodies) + f"\n{ROOT}    f0()\n"
    found = [finding for finding in analyse(text).findings if finding.code == "DUR101"]
    away = {0: 1}
    todo = [0]
    for place in todo:
        for other in sorted(calls[place] - away.keys()):
            away[other] = away[place] + 1
            todo.append(other)
    if len(calls) - 1 not in away:
        assert found == []
        return
    (finding,) = found
    assert len(finding.via) == away[len(calls) - 1]
    lines = text.splitlines()
    names = [*(step.function for step in finding.via), finding.function]
    for step, called in zip(finding.via, names[1:], strict=True):
        assert f"{called}()" in lines[step.line - 1]
