"""What was wrongly said of code that other people wrote, and must not be said again."""

from pathlib import Path
from textwrap import dedent

from durable_lint.api import check
from durable_lint.config import load


def said(folder: Path, settings: str = "", **files: str) -> list[tuple[str, int, str]]:
    """File, line and code of what is found in a project."""
    (folder / "pyproject.toml").write_text(f"[tool.durable-lint]\n{settings}\n")
    for name, text in files.items():
        (folder / f"{name}.py").write_text(dedent(text).lstrip())
    found = check([folder], load(folder)).findings
    return [(Path(each.path).stem, each.span.line, each.code) for each in found]


def test_a_copy_of_what_a_module_holds_is_nobodys_state(tmp_path: Path) -> None:
    flow = """
        from copy import deepcopy
        import durable_async as da

        DEFAULTS: dict[str, int] = {"a": 1}

        @da.orchestrator
        async def main(x: int) -> int:
            options = DEFAULTS.copy()
            options["b"] = x
            others = deepcopy(DEFAULTS)
            others["c"] = x
            DEFAULTS["d"] = x
            return len(options) + len(others)
    """
    assert ("flow", 12, "DUR141") in (found := said(tmp_path, flow=flow))
    assert not {("flow", 9, "DUR141"), ("flow", 11, "DUR141")} & set(found)


def test_what_cannot_change_in_place_is_no_state(tmp_path: Path) -> None:
    flow = """
        import durable_async as da

        NAMES = ("a", "b")

        @da.orchestrator
        async def main(x: str) -> list[str]:
            names = NAMES
            names += (x,)
            return list(names)
    """
    assert said(tmp_path, flow=flow) == []


def test_an_object_with_a_type_variable_for_a_type_is_not_the_modules(tmp_path: Path) -> None:
    flow = """
        from typing import Any, TypeVar
        import durable_async as da

        Row = TypeVar("Row", bound=dict[str, Any])

        def adapted(row: Row) -> Row:
            row["x"] = 1
            return row

        @da.orchestrator
        async def main(x: int) -> dict[str, int]:
            return adapted({})
    """
    assert said(tmp_path, flow=flow) == []


def test_awaiting_a_task_that_was_just_cancelled_swallows_nothing(tmp_path: Path) -> None:
    flow = """
        import asyncio
        import durable_async as da

        @da.activity
        async def charge(x: int) -> int:
            return x

        @da.orchestrator
        async def main(x: int) -> int:
            task = asyncio.create_task(charge(x))
            await da.sleep(1)
            if not task.done():
                task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                pass
            return x
    """
    assert said(tmp_path, flow=flow) == []


def test_one_element_has_one_order(tmp_path: Path) -> None:
    flow = """
        import durable_async as da

        @da.orchestrator
        async def main(names: list[str]) -> str:
            found = set(names)
            if len(found) == 1:
                return next(iter(found))
            if len(found) == 2:
                return next(iter(found))
            return ""
    """
    assert said(tmp_path, flow=flow) == [("flow", 9, "DUR134")]


def test_an_order_taken_at_import_is_reported_where_it_is_used(tmp_path: Path) -> None:
    tables = "import os\n\n\nKINDS = {'a', os.sep}\nROWS = [kind for kind in KINDS]\n"
    flow = """
        import durable_async as da
        from tables import ROWS

        @da.activity
        async def charge(x: str) -> str:
            return x

        @da.orchestrator
        async def main(x: int) -> int:
            for row in ROWS:
                await charge(row)
            return x
    """
    assert said(tmp_path, flow=flow, tables=tables) == [("flow", 10, "DUR134")]


def test_an_activity_declared_with_a_name_is_a_wall(tmp_path: Path) -> None:
    tools = """
        import time
        from temporalio import activity

        NAME = "charge"

        class Tools:
            @activity.defn(name=NAME)
            async def charge(self, x: str) -> str:
                return str(time.time())
    """
    flow = """
        from temporalio import workflow
        from tools import Tools

        @workflow.defn
        class Flow:
            @workflow.run
            async def run(self, x: str) -> str:
                return await workflow.start_activity_method(Tools.charge, x)
    """
    assert said(tmp_path, 'dialects = ["temporalio"]', flow=flow, tools=tools) == []
