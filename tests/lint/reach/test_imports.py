"""What a module makes when it is imported is another value in each process, for some values."""

import textwrap
from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]

FLOW = """\
import durable_async as da
{top}

@da.orchestrator
async def flow(name: str) -> str:
    return helper()

def helper() -> str:
    return str({read})
"""


def _codes(result: Result) -> list[tuple[str, int]]:
    return [(finding.code, finding.span.line) for finding in result.findings]


def _found(analyse: Analyse, top: str, read: str = "VALUE") -> list[str]:
    result = analyse(FLOW.format(top=textwrap.dedent(top), read=read))
    for finding in result.findings:
        assert [step.function for step in finding.via] == ["flow"]
        assert finding.function == "helper"
        assert not finding.fixable
    return [finding.code for finding in result.findings]


@pytest.mark.parametrize(
    ("code", "top"),
    [
        ("DUR101", "from datetime import datetime\nVALUE = datetime.now()"),
        ("DUR101", "from datetime import datetime\nVALUE = datetime.now().isoformat()"),
        ("DUR101", "import time\nVALUE: float = time.time() + 60"),
        ("DUR101", "import time\nif True:\n    VALUE = time.monotonic()"),
        ("DUR112", "import uuid\nVALUE = uuid.uuid4()"),
        ("DUR112", "from uuid import uuid4\nVALUE = uuid4().hex"),
        ("DUR112", "from uuid import uuid4\nVALUE = str(uuid4())[:8]"),
        ("DUR112", "from uuid import uuid4\nVALUE = f'run-{uuid4()}'"),
        ("DUR112", "from uuid import uuid4\nBOOT = uuid4()\nVALUE = f'run-{BOOT}'"),
        ("DUR111", "import random\nVALUE = random.random()"),
        ("DUR111", "import secrets\nVALUE = secrets.token_hex(4)"),
        ("DUR125", "import os\nVALUE = os.getpid()"),
    ],
)
def test_a_value_that_differs_by_process_is_reported_where_it_is_read(
    analyse: Analyse, code: str, top: str
) -> None:
    assert _found(analyse, top) == [code]


def test_an_attribute_of_a_class_is_such_a_value_too(analyse: Analyse) -> None:
    top = "import uuid\n\nclass Process:\n    ID = uuid.uuid4()\n"
    assert _found(analyse, top, "Process.ID") == ["DUR112"]


@pytest.mark.parametrize(
    "top",
    [
        pytest.param("import uuid\nVALUE = uuid.uuid5(uuid.NAMESPACE_DNS, 'a')", id="computed"),
        pytest.param("import os\nVALUE = os.environ['REGION']", id="a setting"),
        pytest.param("import platform\nVALUE = platform.system()", id="a platform"),
        pytest.param("from datetime import datetime\nVALUE = datetime(2026, 1, 1)", id="a date"),
        pytest.param("import uuid\nVALUE = {'id': uuid.uuid4()}", id="a collection"),
        pytest.param("from uuid import uuid4\nVALUE = (lambda: uuid4(),)", id="not made yet"),
        pytest.param(
            "from datetime import datetime\nVALUE = datetime.now().astimezone().tzinfo",
            id="a zone",
        ),
        pytest.param(
            "import time\nif __name__ == '__main__':\n    VALUE = time.time()\nVALUE = 0.0",
            id="a script's",
        ),
    ],
)
def test_what_is_alike_in_every_process_is_no_finding(analyse: Analyse, top: str) -> None:
    assert _found(analyse, top) == []


def test_a_default_of_a_field_belongs_to_each_object(analyse: Analyse) -> None:
    top = """\
    from dataclasses import dataclass
    from uuid import uuid4

    @dataclass
    class Order:
        id: str = str(uuid4())
    """
    assert _found(analyse, top, "Order('a').id") == []


def test_a_local_name_of_the_same_spelling_is_another(analyse: Analyse) -> None:
    top = "import uuid\nVALUE = uuid.uuid4()\n"
    assert _found(analyse, top, "[VALUE for VALUE in 'ab']") == []


def test_the_name_is_followed_through_other_modules(analyse: Analyse) -> None:
    result = analyse(
        {
            "flow.py": FLOW.format(top="from again import *", read="BOOT"),
            "again.py": "from boot import BOOT\n",
            "boot.py": "import uuid\n\nBOOT = uuid.uuid4()\n",
        }
    )
    assert _codes(result) == [("DUR112", 9)]
    (found,) = result.findings
    assert found.subject == "boot.BOOT"
    assert "uuid.uuid4()" in found.message


def test_the_module_that_only_makes_it_is_silent(analyse: Analyse) -> None:
    result = analyse(FLOW.format(top="import uuid\nBOOT = uuid.uuid4()\n", read="name()"))
    assert _codes(result) == []
