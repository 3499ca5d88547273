"""A fix is whole, is offered exactly where it can be made, and ends."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from durable_lint import api
from durable_lint.config import load
from durable_lint.fixing import TextEdit, edits, fix, fix_until_stable, offered
from durable_lint.model import Finding, Span
from durable_lint.source import Source

Find = Callable[..., Finding]
PATH = "/project/flows.py"

TEXT = dedent("""\
    import random
    import time


    async def flow(clock, xs):
        time.sleep(1)
        return time.time(), clock.time(), random.choice(xs)
    """)


def test_what_cannot_be_mended_as_it_stands_is_not_offered(find: Find) -> None:
    found = [
        find(TEXT, "DUR101", "time.time", "time.time()"),
        find(TEXT, "DUR101", "time.time", "clock.time()"),
        find(TEXT, "DUR121", "requests.get", "random.choice(xs)"),
        find(TEXT, "DUR111", "random.choice", "random.choice(xs)")._replace(fixable=False),
    ]
    told = offered(Source(PATH, TEXT.encode()), found)
    assert [finding.fixable for finding in told] == [True, False, False, False]
    assert [finding._replace(fixable=True) for finding in told] == [
        finding._replace(fixable=True) for finding in found
    ]


def test_what_is_offered_is_what_fix_mends(find: Find) -> None:
    found = [
        find(TEXT, "DUR101", "time.time", "time.time()"),
        find(TEXT, "DUR101", "time.time", "clock.time()"),
        find(TEXT, "DUR102", "time.sleep", "time.sleep(1)"),
    ]
    told = offered(Source(PATH, TEXT.encode()), found)
    fixed = fix(TEXT.encode(), found)
    assert sorted(fixed.fixed) == sorted(each for each in told if each.fixable)
    assert fixed.data.decode() == dedent("""\
        import asyncio
        import random

        import durable_async


        async def flow(clock, xs):
            await asyncio.sleep(1)
            return durable_async.now().timestamp(), clock.time(), random.choice(xs)
        """)


def test_nothing_is_offered_in_a_file_that_does_not_parse(find: Find) -> None:
    text = TEXT + "    return (\n"
    found = find(text, "DUR101", "time.time", "time.time()")
    assert not offered(Source(PATH, text.encode()), [found])[0].fixable


def test_a_finding_that_stands_elsewhere_by_now_mends_nothing(find: Find) -> None:
    """The file was changed after the check."""
    found = find(TEXT, "DUR101", "time.time", "time.time()")
    moved = ("\n" + TEXT).encode()
    assert fix(moved, [found]) == (moved, [])


def test_a_finding_that_is_given_twice_is_mended_once(find: Find) -> None:
    found = find(TEXT, "DUR102", "time.sleep", "time.sleep(1)")
    assert fix(TEXT.encode(), [found, found]).data.count(b"await ") == 1


def test_an_editor_gets_the_smallest_edits_in_the_order_of_the_text(find: Find) -> None:
    found = find(TEXT, "DUR111", "random.choice", "random.choice(xs)")
    assert edits(Source(PATH, TEXT.encode()), found) == [
        TextEdit(Span(1, 1, 2, 1), ""),
        TextEdit(Span(3, 1, 3, 1), "\nimport durable_async\n"),
        TextEdit(Span(7, 39, 7, 52), "durable_async.random().choice"),
    ]


# ---------------------------------------------------------------- until nothing is left


def checked(folder: Path) -> Callable[[Mapping[str, bytes]], tuple[Finding, ...]]:
    settings = load(folder)
    return lambda contents: api.check([folder], settings, overrides=contents).findings


def project(folder: Path, **files: str) -> Path:
    (folder / "pyproject.toml").write_text("[tool.durable-lint]\n")
    for name, text in files.items():
        (folder / f"{name}.py").write_text(dedent(text).lstrip("\n"))
    return folder


def read(path: str) -> bytes:
    return Path(path).read_bytes()


def test_a_fix_that_uncovers_another_is_followed(tmp_path: Path) -> None:
    """Awaiting the activity makes the order of the set matter."""
    folder = project(
        tmp_path,
        flows="""
        import durable_async as da


        @da.activity
        async def invite(name: str) -> None: ...


        @da.orchestrator
        async def party(names: list[str]) -> None:
            for name in set(names):
                invite(name)
        """,
    )
    stable = fix_until_stable(checked(folder), read)
    assert {finding.code for finding in stable.fixed} == {"DUR133", "DUR134"}
    assert list(stable.remaining) == []
    (data,) = stable.changed.values()
    assert b"for name in sorted(set(names)):\n        await invite(name)\n" in data


def test_no_file_is_written(tmp_path: Path) -> None:
    text = """
    import time

    import durable_async as da


    @da.orchestrator
    async def flow() -> float:
        return time.time()
    """
    folder = project(tmp_path, flows=text)
    before = (folder / "flows.py").read_bytes()
    stable = fix_until_stable(checked(folder), read)
    assert list(stable.changed) == [(folder / "flows.py").as_posix()]
    assert (folder / "flows.py").read_bytes() == before


def test_a_check_that_is_never_content_does_not_keep_it_going(find: Find) -> None:
    """It says the same of every text, as no rule should."""
    text = "async def flow():\n    for x in names:\n        pass\n"
    calls = 0

    def check(contents: Mapping[str, bytes]) -> list[Finding]:
        nonlocal calls
        calls += 1
        now = contents.get(PATH, text.encode()).decode()
        nested = "names" if calls == 1 else now[now.index("sorted") : now.rindex(")") + 1]
        return [find(now, "DUR134", "names", nested)]

    stable = fix_until_stable(check, lambda path: text.encode())
    assert calls <= 60
    assert stable.changed


def test_fixing_needs_no_library() -> None:
    """Who has installed the checker alone can have it mend."""
    program = (
        "import sys\n"
        "sys.modules['libcst'] = sys.modules['attrs'] = None\n"
        "from durable_lint.fixing import fix\n"
        "print(fix(b'x = 1', []).data)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "b'x = 1'\n", done.stderr


ELEMENTS = """
import datetime as dt
from pathlib import Path

import durable_async as da


class Tag: ...


@da.activity
async def step(what: object) -> None: ...


@da.orchestrator
async def flow(texts: list[str], pairs: list[tuple[str, int]], days: list[dt.date]) -> None:
    for each in {elements}:
        await step(each)
"""


@pytest.mark.parametrize(
    "elements",
    [
        "set(texts)",
        "set(pairs)",
        "set(days)",
        "{text.upper() for text in texts}",
        "{Path(text) for text in texts}",
        "{'a', *texts}",
    ],
)
def test_a_set_whose_elements_have_an_order_is_sorted(elements: str, tmp_path: Path) -> None:
    folder = project(tmp_path, flows=ELEMENTS.replace("{elements}", elements))
    stable = fix_until_stable(checked(folder), read)
    assert [finding.code for finding in stable.fixed] == ["DUR134"]
    assert list(stable.remaining) == []


@pytest.mark.parametrize(
    "elements",
    [
        "{Tag() for _ in texts}",
        "set(unknown())",
        "{None, *texts}",
        "{b'a', *texts}",
        "{(text, None) for text in texts}",
        "{frozenset(text) for text in texts}",
    ],
)
def test_a_set_that_could_not_be_sorted_is_left(elements: str, tmp_path: Path) -> None:
    """`sorted` would raise TypeError, or order nothing: a frozenset's `<` is no order."""
    folder = project(tmp_path, flows=ELEMENTS.replace("{elements}", elements))
    stable = fix_until_stable(checked(folder), read)
    assert stable.fixed == []
    assert [finding.code for finding in stable.remaining] == ["DUR134"]


def test_code_of_another_library_is_not_mended_with_ours(tmp_path: Path) -> None:
    """Not even in a helper that names no library at all."""
    folder = project(
        tmp_path,
        flows="""
        from temporalio import workflow

        from names import fresh


        @workflow.defn
        class Flow:
            @workflow.run
            async def run(self) -> str:
                return fresh()
        """,
        names="""
        import uuid


        def fresh() -> str:
            return uuid.uuid4().hex
        """,
    )
    (folder / "pyproject.toml").write_text('[tool.durable-lint]\ndialects = ["temporalio"]\n')
    stable = fix_until_stable(checked(folder), read)
    assert [finding.code for finding in stable.remaining] == ["DUR112"]
    assert stable.changed == {}


class CountingSource(Source):
    looks = 0

    def span(self, node: Any) -> Span:
        self.looks += 1
        return super().span(node)


@pytest.mark.parametrize("between", [", ", ",\n    "], ids=["one line", "many lines"])
def test_a_finding_costs_no_more_the_more_there_are(between: str, find: Find) -> None:
    """Counted in looks at nodes, so that no clock decides."""

    def looks(count: int) -> int:
        numbers = between.join(["random.random()"] * count)
        text = f"import random\n\n\ndef flow():\n    return [{numbers}]\n"
        findings = [
            find(text, "DUR111", "random.random", "random.random()", nth) for nth in range(count)
        ]
        source = CountingSource(PATH, text.encode())
        assert all(each.fixable for each in offered(source, findings))
        return source.looks

    assert looks(200) <= 2.2 * looks(100)
