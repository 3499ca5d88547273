"""A run that goes on from the last one says what a run from nothing says."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from durable_lint import increments
from durable_lint.api import Report, check
from durable_lint.cache import Cache
from durable_lint.config import load
from durable_lint.increments import Before, Increment, Now

Editing = Callable[[Path, int], Callable[[int], list[str]]]
CORPUS = Path(__file__).parent.parent / "corpus"
CASES = sorted(path for path in CORPUS.iterdir() if path.is_dir())
SERVICES = ("orders", "payments", "stock", "travel", "visits", "wages")
SETTINGS = '[tool.durable-lint]\ndialects = ["temporalio", "durabletask"]\n'


@pytest.fixture(autouse=True)
def no_project_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of small projects all is parsed each time."""
    monkeypatch.setattr("durable_lint.discover.files.SMALL", 0)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Increment | None]:
    """What came of each attempt to go on from the last run."""
    outcomes: list[Increment | None] = []
    told: Callable[[Before, Now], Increment | None] = increments.increment

    def noted(before: Before, now: Now) -> Increment | None:
        outcomes.append(told(before, now))
        return outcomes[-1]

    monkeypatch.setattr(increments, "increment", noted)
    return outcomes


class Project:
    """Files that change, checked with a cache and without."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "pyproject.toml").write_text(SETTINGS)
        self.config = load(root)
        self.cache = Cache((root / ".cache").as_posix())
        self.changes = 0

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))
        self.changes += 1
        os.utime(file, ns=(self.changes, self.changes))

    def remove(self, path: str) -> None:
        (self.root / path).unlink()

    def with_cache(self) -> Report:
        return check([self.root], self.config, cache=self.cache)

    def from_nothing(self) -> Report:
        return check([self.root], self.config)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Services that have nothing to do with each other."""
    project = Project(tmp_path)
    for name in SERVICES:
        project.write(
            f"services/{name}/flows.py",
            f"""
            import durable_async
            from {name}_rules import limit


            @durable_async.orchestrator
            async def {name}(amount: int) -> int:
                return limit(amount)
            """,
        )
        project.write(
            f"services/{name}/{name}_rules.py",
            """
            import time


            def limit(amount: int) -> int:
                return int(time.time()) + amount
            """,
        )
    return project


def codes(report: Report) -> list[tuple[str, str]]:
    return [(each.path.rpartition("/")[2], each.code) for each in report.findings]


# ---------------------------------------------------------------- the law


@pytest.mark.parametrize("seed", range(10))
def test_going_on_from_the_last_run_gives_what_a_run_from_nothing_gives(
    tmp_path: Path, seed: int, editing: Editing
) -> None:
    for case in random.Random(seed).sample(CASES, 4):
        ignored = shutil.ignore_patterns("pyproject.toml")
        shutil.copytree(case, tmp_path / "services" / case.name, ignore=ignored)
    project = Project(tmp_path)
    project.with_cache()
    edit = editing(tmp_path / "services", seed)
    done: list[str] = []
    for _ in range(4):
        done += edit(3)
        assert project.with_cache() == project.from_nothing(), done


# ---------------------------------------------------------------- what is left alone


def test_what_does_not_hang_on_a_changed_file_is_not_read(
    project: Project, found: list[Increment | None]
) -> None:
    project.with_cache()
    project.write(
        "services/orders/orders_rules.py", "def limit(amount: int) -> int:\n    return 1\n"
    )
    report = project.with_cache()
    assert codes(report) == [(f"{name}_rules.py", "DUR101") for name in SERVICES[1:]]
    assert found[-1] is not None
    assert {Path(path).parent.name for path in found[-1].kept} == set(SERVICES[1:])


def test_one_run_after_the_other_goes_on(project: Project, found: list[Increment | None]) -> None:
    project.with_cache()
    for number in range(3):
        project.write(
            "services/orders/orders_rules.py", f"def limit(a: int) -> int: return {number}"
        )
        assert project.with_cache() == project.from_nothing()
    assert len(found) == 3
    assert None not in found


# ---------------------------------------------------------------- what flows from afar


def test_a_file_that_imports_another_service_now_is_found_together_with_it(
    project: Project, found: list[Increment | None]
) -> None:
    project.with_cache()
    project.write(
        "services/orders/orders_rules.py",
        """
        from services.stock.stock_rules import limit
        """,
    )
    report = project.with_cache()
    assert report == project.from_nothing()
    assert found[-1] is not None
    via = [each.via for each in report.findings if each.path.endswith("stock_rules.py")]
    assert via[0][0].path.endswith("orders/flows.py")  # the first of the two that lead there


def test_a_file_that_is_imported_no_longer_does_nothing_any_more(
    project: Project, found: list[Increment | None]
) -> None:
    # The plugin adds to the table of payments; only stock, otherwise a stranger, imports it.
    project.write(
        "services/payments/payments_rules.py",
        """
        STEPS = []


        def limit(amount: int) -> int:
            for step in STEPS:
                step(amount)
            return amount
        """,
    )
    project.write(
        "plugin.py",
        """
        import time

        from services.payments.payments_rules import STEPS


        def stamp(amount: int) -> float:
            return time.time()


        STEPS.append(stamp)
        """,
    )
    stock = (project.root / "services/stock/stock_rules.py").read_text()
    project.write("services/stock/stock_rules.py", f"import plugin\n{stock}")
    assert ("plugin.py", "DUR101") in codes(project.with_cache())
    project.write("services/stock/stock_rules.py", stock)
    report = project.with_cache()
    assert ("plugin.py", "DUR101") not in codes(report)
    assert report == project.from_nothing()
    assert found[-1] is not None
    project.write("services/stock/stock_rules.py", f"import plugin\n{stock}")
    report = project.with_cache()
    assert ("plugin.py", "DUR101") in codes(report)
    assert report == project.from_nothing()


def test_a_new_file_is_found_where_an_import_named_it_in_vain(
    project: Project, found: list[Increment | None]
) -> None:
    rules = "from late import limit\n"
    project.write("services/orders/orders_rules.py", rules)
    assert ("late.py", "DUR101") not in codes(project.with_cache())
    project.write(
        "services/orders/late.py",
        "import time\n\n\ndef limit(amount: int) -> float:\n    return time.time()\n",
    )
    report = project.with_cache()
    assert ("late.py", "DUR101") in codes(report)
    assert report == project.from_nothing()
    project.remove("services/orders/late.py")
    report = project.with_cache()
    assert ("late.py", "DUR101") not in codes(report)
    assert report == project.from_nothing()
    assert found[-1] is not None


def test_a_name_that_is_defined_anywhere_makes_functions_worth_a_look(project: Project) -> None:
    project.write(
        "services/stock/calls.py",
        """
        import durable_async


        @durable_async.activity
        async def count(item: str) -> int:
            return 1


        fetch = count


        async def unreached() -> None:
            fetch("a")
        """,
    )
    project.with_cache()
    project.write(
        "services/orders/more.py",
        """
        import durable_async


        @durable_async.activity
        async def fetch(item: str) -> int:
            return 1
        """,
    )
    assert project.with_cache() == project.from_nothing()


def test_a_package_that_comes_up_makes_everything_be_found_anew(
    project: Project, found: list[Increment | None]
) -> None:
    project.with_cache()
    project.write("services/__init__.py", "")
    assert project.with_cache() == project.from_nothing()
    assert found == [None]


def test_a_syntax_error_comes_and_goes(project: Project) -> None:
    before = project.with_cache()
    rules = (project.root / "services/orders/orders_rules.py").read_text()
    project.write("services/orders/orders_rules.py", "def limit(:\n")
    report = project.with_cache()
    assert ("orders_rules.py", "DUR000") in codes(report)
    assert report == project.from_nothing()
    project.write("services/orders/orders_rules.py", rules)
    assert project.with_cache() == before
