"""A file that makes, passes on or calls orchestrators is found; the rest is mostly left alone."""

import textwrap
from pathlib import Path

import pytest

from durable_lint.config import Config
from durable_lint.discover.files import Stamp
from durable_lint.discover.modules import Modules
from durable_lint.discover.prefilter import Glance, candidates, glance, markers, read, scan

MAKES = """
import durable_async as da

@da.activity
async def charge(order: str) -> int: ...

@da.activity(
    name="x",
)
async def refund(order: str) -> int: ...

@dataclass
class Order: ...

def helper(): ...

LIMIT = 3
"""


def found(files: dict[str, str], config: Config | None = None) -> set[str]:
    config = config or Config(root="/p")
    paths = {f"/p/{name}": textwrap.dedent(text).encode() for name, text in sorted(files.items())}
    modules = Modules(paths, root="/p")
    stamps = {path: Stamp(0, len(data)) for path, data in paths.items()}
    glances = scan(stamps, markers(config, modules), lambda path, _: paths[path])
    seen = candidates(stamps, glances, modules, config, lambda path, _: paths[path])
    assert list(seen) == sorted(seen)
    return {path.removeprefix("/p/") for path in seen}


def imports(text: str) -> list[tuple[str, str]]:
    return list(glance(textwrap.dedent(text).encode(), ()).imports)


def test_a_file_that_names_the_library_is_found_and_others_are_not() -> None:
    assert found({"a.py": "import durable_async\n", "b.py": "import asyncio\n"}) == {"a.py"}


@pytest.mark.parametrize(
    "importing",
    [
        "from app.pay import charge",
        "from app.pay import (\n    Order,  # a comment, charge\n    refund as r,\n)",
        "from app.pay import Order, \\\n    charge",
        "from app.pay \\\n    import charge",
        "from app.pay import *",
        "import app.pay",
        "import os, app.pay as pay",
        "from app import pay",
        "from app import pay as p, other",
        "from .pay import charge",
        "from . import pay",
        "from ..app.pay import charge",
        "try: from app.pay import charge\nexcept ImportError: pass",
        "x = 1; import app.pay",
        "def lazily():\n    from app.pay import charge",
        "from app.pay import LIMIT",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_who_imports_what_may_be_an_activity_is_found(importing: str, end: str) -> None:
    files = {
        "app/__init__.py": "",
        "app/pay.py": MAKES,
        "app/uses.py": importing.replace("\n", end) + end,
        "app/other.py": "import os\n",
    }
    assert {"app/pay.py", "app/uses.py"} <= found(files)
    assert "app/other.py" not in found(files)


@pytest.mark.parametrize(
    "importing",
    [
        "from app.pay import Order",
        "from app.pay import helper",
        "from app.pay import Order as charge",
        "import os",
        "from elsewhere import charge",
        "from app import payments",
        "# they import charge from app.pay",
        "from",
        "important = 'app.pay'",
    ],
)
def test_who_imports_only_what_surely_is_none_is_left_alone(importing: str) -> None:
    files = {"app/__init__.py": "", "app/pay.py": MAKES, "app/uses.py": importing + "\n"}
    assert found(files) == {"app/pay.py"}


def test_names_are_followed_through_files_that_pass_them_on() -> None:
    files = {
        "app/__init__.py": "from .core import charge as pay\n",
        "app/core/__init__.py": "from .pay import *\nfrom .pay import Order\n",
        "app/core/pay.py": MAKES,
        "web/views.py": "from app import pay\n",
        "web/models.py": "from app import something\n",
        "web/admin.py": "import app\n",
    }
    assert found(files) == {
        "app/__init__.py",
        "app/core/__init__.py",
        "app/core/pay.py",
        "web/views.py",
        "web/admin.py",
    }


def test_a_module_that_is_passed_on_takes_its_names_along() -> None:
    files = {
        "app/__init__.py": "from . import pay as payments\n",
        "app/pay.py": MAKES,
        "views.py": "from app import payments\n",
    }
    assert found(files) == {"app/__init__.py", "app/pay.py", "views.py"}


def test_a_reexport_of_the_decorators_marks_those_who_use_it() -> None:
    files = {
        "compat.py": "from durable_async import activity, orchestrator\n",
        "flows.py": """
            from compat import orchestrator
            @orchestrator
            async def f(): ...
            class Order: ...
        """,
        "calls.py": "from flows import f\n",
        "unconcerned.py": "from flows import Order\n",
    }
    assert found(files) == {"compat.py", "flows.py", "calls.py"}


def test_imports_in_a_circle_end() -> None:
    files = {
        "a.py": "import durable_async\nfrom b import x\ny = x\n",
        "b.py": "from a import y\nfrom c import z\n",
        "c.py": "from b import y\nz = 1\n",
    }
    assert found(files) == {"a.py", "b.py", "c.py"}


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("temporalio", "from temporalio import workflow\n"),
        ("durabletask", "from durabletask import task\n"),
        ("durabletask", "import azure.durable_functions as df\n"),
        ("durabletask", "from azure import durable_functions\n"),
    ],
)
def test_a_dialect_counts_when_it_is_configured(dialect: str, text: str) -> None:
    files = {"a.py": text, "b.py": "from a import x\n"}
    assert found(files) == set()
    assert found(files, Config(root="/p", dialects=(dialect,))) == {"a.py", "b.py"}


def test_configured_roots_and_activities_are_found_in_the_project_and_in_libraries() -> None:
    files = {
        "app/__init__.py": "",
        "app/flows.py": "async def checkout(): ...\nasync def other(): ...\n",
        "uses.py": "from app.flows import checkout\n",
        "unconcerned.py": "from app.flows import other\n",
        "outside.py": "from prefect import flow\n",
    }
    config = Config(root="/p", roots=("app.flows.checkout", "prefect.flow"))
    assert found(files, config) == {"app/flows.py", "uses.py", "outside.py"}
    config = Config(root="/p", activities=("app.flows.*",))
    assert found(files, config) == {"app/flows.py", "uses.py", "unconcerned.py"}


def test_what_an_import_says_is_read_as_written() -> None:
    text = """
    import a, b.c as d  # e
    from .x import (
        one,  # of them (in parentheses)
        two as zwei,
    )
    from . import y; import z
    from q import r \\
        , s
    """
    assert imports(text) == [
        ("", "a, b.c as d"),
        (".x", "one, two as zwei,"),
        (".", "y"),
        ("", "z"),
        ("q", "r , s"),
    ]


@pytest.mark.parametrize("text", ["import ", "from x import (", "from x import a \\", "import (\\"])
def test_a_half_written_import_is_no_trouble(text: str) -> None:
    assert len(imports(text)) <= 1


def test_a_name_is_plain_only_when_every_definition_of_it_is() -> None:
    text = b"""durable_async
def a(): ...
@durable
def b(): ...
@functools.wraps(x)
@durable(
    timeout=1,
)
async def c(): ...
def d(): ...
d = durable(d)
@dataclass
class E: ...
@pytest.fixture
@durable
def f(): ...
def g(): ...
"""
    assert glance(text, [b"durable_async"]).plain == {"a", "E", "g"}


def test_a_file_with_suppressions_is_known() -> None:
    assert glance(b"x = 1  # durable: ignore[DUR101] why\n", ()).suppresses
    assert not glance(b"x = 1\n", ()).suppresses


def test_a_file_that_cannot_be_read_is_kept_so_that_it_is_reported() -> None:
    def refused(path: str, size: int) -> bytes:
        raise PermissionError(path)

    assert scan({"/p/a.py": Stamp(0, 0)}, (), refused) == {"/p/a.py": Glance(True, False, ())}


def test_a_file_that_grew_or_shrank_since_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    data = bytes(range(256)) * 9000
    path.write_bytes(data)
    for size in (0, 1, len(data) - 1, len(data), len(data) + 1, len(data) * 2):
        assert read(path.as_posix(), size) == data
