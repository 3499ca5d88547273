"""Which name a fix writes, which imports it adds and which it takes out."""

from collections.abc import Callable
from textwrap import dedent

import pytest

Mend = Callable[..., str]
CLOCK = ("DUR101", "time.time", "time.time()")


def mended(
    mend: Mend, head: str, *, use: str = "async def flow():\n    return time.time()\n"
) -> str:
    return mend(dedent(head).lstrip("\n") + use, CLOCK)


@pytest.mark.parametrize(
    ("imports", "written"),
    [
        ("import durable_async", "durable_async.now()"),
        ("import durable_async as da", "da.now()"),
        ("import durable_async.testing", "durable_async.now()"),
        ("from durable_async import now", "now()"),
        ("from durable_async import now as durable_now, activity", "durable_now()"),
        ("import durable_async as da\nfrom durable_async import now", "now()"),
        ("import durable_async as da\nfrom durable_async import uuid4", "da.now()"),
    ],
)
def test_a_name_is_written_as_the_file_imports_it(imports: str, written: str, mend: Mend) -> None:
    fixed = mended(mend, f"import time\n\n{imports}\n\n\n")
    assert fixed == f"{imports}\n\n\nasync def flow():\n    return {written}.timestamp()\n"


@pytest.mark.parametrize(
    "imports",
    [
        "from durable_async import activity, orchestrator",
        "try:\n    import durable_async as da\nexcept ImportError:\n    da = None",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import durable_async as da",
    ],
)
def test_an_import_that_does_not_give_the_name_is_not_relied_on(imports: str, mend: Mend) -> None:
    fixed = mended(mend, f"import time\n\n{imports}\n\n\n")
    assert "    return durable_async.now().timestamp()\n" in fixed
    assert fixed.count("import durable_async\n") == 1


@pytest.mark.parametrize(
    "function",
    [
        "async def flow(da):\n    return time.time()\n",
        "async def flow():\n    da = time.time()\n    return da\n",
        "async def flow(xs):\n    return [time.time() for da in xs]\n",
        "async def flow(xs):\n    for da, x in xs:\n        return time.time()\n",
        "async def flow(xs):\n    match xs:\n        case [da]:\n            return time.time()\n",
        "def outer(da):\n    async def flow():\n        return time.time()\n    return flow\n",
        "async def flow():\n    try:\n        return time.time()\n    except E as da: 0\n",
    ],
)
def test_an_alias_that_means_something_else_here_is_not_used(function: str, mend: Mend) -> None:
    fixed = mended(mend, "import time\n\nimport durable_async as da\n\n\n", use=function)
    assert "durable_async.now().timestamp()" in fixed
    assert "import durable_async\nimport durable_async as da\n" in fixed


def test_a_name_that_the_function_is_about_to_bind_is_not_read(mend: Mend) -> None:
    fixed = mended(
        mend,
        "import time\n\nfrom durable_async import now\n\n\n",
        use="async def flow():\n    now = time.time()\n    return now\n",
    )
    assert "    now = durable_async.now().timestamp()\n" in fixed


def test_nothing_is_mended_where_no_name_is_free(mend: Mend) -> None:
    head = "import time\n\nimport durable_async as da\n\n\n"
    use = "async def flow(da, durable_async):\n    return time.time()\n"
    assert mended(mend, head, use=use) == head + use


def test_a_class_body_needs_the_import_before_it(mend: Mend) -> None:
    head = "import time\n\n\n"
    use = "class A:\n    made = time.time()\n\n\nimport durable_async as da\n"
    fixed = mended(mend, head, use=use)
    assert fixed.startswith("import durable_async\n\n\nclass A:\n    made = durable_async.now()")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("import time\n\n\n", "import durable_async\n\n\n"),
        ("import time\nimport zlib\n\n\n", "import zlib\n\nimport durable_async\n\n\n"),
        ('"""Doc."""\n\nimport time\n\n\n', '"""Doc."""\n\nimport durable_async\n\n\n'),
        (
            "from __future__ import annotations\n\nimport time\n\n\n",
            "from __future__ import annotations\n\nimport durable_async\n\n\n",
        ),
        (
            "import time\n\nimport attrs\nimport httpx\nfrom app import x\n\n\n",
            "import attrs\nimport durable_async\nimport httpx\nfrom app import x\n\n\n",
        ),
        (
            "import time\n\nimport attrs\n\nfrom app import x\n\n\n",
            "import attrs\nimport durable_async\n\nfrom app import x\n\n\n",
        ),
        (
            "import time\n\nfrom . import x\n\n\n",
            "import durable_async\n\nfrom . import x\n\n\n",
        ),
        (
            "import time\nfrom os import (\n    sep,\n)\n\n\n",
            "from os import (\n    sep,\n)\n\nimport durable_async\n\n\n",
        ),
        (
            "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nimport time\n\n\n",
            "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n\nimport durable_async\n\n\n",
        ),
        (
            "# Copyright of nobody.\n\nimport time\n\n\n",
            "# Copyright of nobody.\n\nimport durable_async\n\n\n",
        ),
    ],
)
def test_an_import_stands_where_a_sorted_file_has_it(head: str, expected: str, mend: Mend) -> None:
    fixed = mended(mend, head)
    assert fixed == expected + "async def flow():\n    return durable_async.now().timestamp()\n"


def test_an_import_of_the_standard_library_goes_among_its_like(mend: Mend) -> None:
    fixed = mend(
        """
        import abc
        import time
        from typing import Any

        import httpx


        async def flow() -> Any:
            time.sleep(1)
        """,
        ("DUR102", "time.sleep", "time.sleep(1)"),
    )
    assert fixed.startswith("import abc\nimport asyncio\nfrom typing import Any\n\nimport httpx\n")


def test_one_import_serves_all_findings(mend: Mend) -> None:
    fixed = mend(
        "import time\n\n\ndef a():\n    return time.time() + time.time()\n",
        CLOCK,
        (*CLOCK, 1),
    )
    assert fixed.count("import durable_async") == 1
    assert "import time" not in fixed


@pytest.mark.parametrize(
    "head",
    [
        "import time  # noqa: F401\n\n",
        "import time as time\n\n",
        "import time\n\n__all__ = ['time']\n",
        "import time\n\nBEGUN = time.monotonic()\n",
        "import time\n\n\ndef when(at: 'time.struct_time') -> None: ...\n",
        "try:\n    import time\nexcept ImportError:\n    raise\n\n",
        "if True:\n    import time\n\n",
        "import time; import os\nprint(time)\n",
    ],
)
def test_an_import_that_may_still_be_wanted_stays(head: str, mend: Mend) -> None:
    fixed = mended(mend, head + "\n\n")
    assert "durable_async.now().timestamp()" in fixed
    for line in head.splitlines():
        assert line in fixed


def test_an_import_of_a_package_file_is_for_others(mend: Mend, find: Callable[..., object]) -> None:
    from durable_lint.fixing import fix
    from durable_lint.model import Finding

    text = "import time\n\n\ndef now():\n    return time.time()\n"
    found = find(text, *CLOCK)
    assert isinstance(found, Finding)
    fixed = fix(text.encode(), [found._replace(path="/project/app/__init__.py")])
    assert fixed.data.startswith(b"import time\n\nimport durable_async\n")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("from time import time, sleep\n", "from time import sleep\n"),
        ("from time import sleep, time\n", "from time import sleep\n"),
        ("from time import sleep, time, strftime\n", "from time import sleep, strftime\n"),
        (
            "from time import (\n    sleep,\n    time,\n    strftime,\n)\n",
            "from time import (\n    sleep,\n    strftime,\n)\n",
        ),
        (
            "from time import (sleep,  # a wait\n    time)\n",
            "from time import (sleep,  # a wait\n    time)\n",
        ),
        (
            "from time import (\n    sleep,\n    time,  # the wall's\n)\n",
            "from time import (\n    sleep,\n    # the wall's\n)\n",
        ),
        ("from time import (sleep, time,)\n", "from time import (sleep,)\n"),
        ("import os; from time import time\n", "import os\n"),
        ("from time import time; import os\n", "import os\n"),
        ("import os\nfrom time import time  # epoch\n", "import os\n# epoch\n"),
        ("import os\nfrom time import time  # type: ignore\n", "import os\n"),
        ("from time import \\\n    time\nimport os\n", "import os\n"),
    ],
)
def test_a_name_is_taken_out_of_an_import_and_nothing_else(
    head: str, expected: str, mend: Mend
) -> None:
    rest = "import durable_async as da\n\n\ndef at():\n    return {}\n"
    fixed = mend(head + rest.format("time()"), ("DUR101", "time.time", "time()"))
    assert fixed == expected + rest.format("da.now().timestamp()")


def test_an_import_within_a_function_goes_too(mend: Mend) -> None:
    fixed = mend(
        """
        import durable_async as da


        def at():
            import time

            return time.time()
        """,
        CLOCK,
    )
    assert fixed == "import durable_async as da\n\n\ndef at():\n    return da.now().timestamp()\n"


def test_a_variable_that_is_called_like_the_import_does_not_hold_it(mend: Mend) -> None:
    fixed = mend(
        """
        import time

        import durable_async as da


        def at():
            return time.time()


        def other(rows):
            time = rows[0]
            return time + 1
        """,
        CLOCK,
    )
    assert fixed.startswith("import durable_async as da\n")
    assert "    time = rows[0]\n    return time + 1\n" in fixed


def test_no_gap_is_larger_than_one_was(mend: Mend) -> None:
    fixed = mend(
        """
        import os

        import random

        import time
        from uuid import uuid4

        import durable_async as da


        def at():
            return os.sep, random.random(), time.time(), uuid4()
        """,
        CLOCK,
        ("DUR111", "random.random", "random.random()"),
        ("DUR112", "uuid.uuid4", "uuid4()"),
    )
    assert fixed.startswith("import os\n\nimport durable_async as da\n\n\ndef at():\n")
