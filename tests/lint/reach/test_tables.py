"""Of a table that is written out, a constant key means the entry under it and no other."""

import textwrap
from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]

PROGRAM = """\
import time
import durable_async as da

def safe() -> float:
    return 1.0

def unsafe() -> float:
    return time.time()

{top}

@da.orchestrator
async def flow(name: str) -> float:
{body}
"""
TABLE = 'TABLE = {"safe": safe, "unsafe": unsafe, 3: safe}\n'
SWAPPED = 'TABLE = {"safe": unsafe, "unsafe": safe, 3: safe}'


def _found(analyse: Analyse, top: str, body: str) -> list[str]:
    text = PROGRAM.format(
        top=textwrap.dedent(top), body=textwrap.indent(textwrap.dedent(body), "    ")
    )
    return [finding.code for finding in analyse(text).findings if finding.code != "DUR141"]


@pytest.mark.parametrize(
    ("top", "body"),
    [
        (TABLE, 'return TABLE["safe"]()'),
        (TABLE, "return TABLE[3]()"),
        (TABLE, 'return TABLE.get("safe", safe)()'),
        (TABLE, 'step = TABLE["safe"]\nreturn step()'),
        ("", f'{TABLE.strip()}\nreturn TABLE["safe"]()'),
        ('TABLE = {"safe": lambda: 1.0, "unsafe": lambda: time.time()}', 'return TABLE["safe"]()'),
        ('TABLE = {"safe": safe, "unsafe": time.time}', 'return TABLE["safe"]()'),
        (f'{TABLE}KEY = "safe"', "return TABLE[KEY]()"),
    ],
)
def test_the_other_entries_are_not_meant(analyse: Analyse, top: str, body: str) -> None:
    assert _found(analyse, top, body) == []


@pytest.mark.parametrize(
    ("top", "body"),
    [
        (TABLE, 'return TABLE["unsafe"]()'),
        (TABLE, 'return TABLE.get("unsafe", safe)()'),
        (TABLE, "return TABLE[name]()"),
        (TABLE, "return TABLE.get(name, safe)()"),
        (TABLE, 'return TABLE["elsewhere"]()'),
        (TABLE, "for step in TABLE.values():\n    step()\nreturn 1.0"),
        (f'{TABLE}TABLE["safe"] = unsafe', 'return TABLE["safe"]()'),
        (
            f'{TABLE}TABLE.update(safe=unsafe)\nTABLE.update({{"safe": unsafe}})',
            'return TABLE["safe"]()',
        ),
        (f'{TABLE}OTHER = {{**TABLE, "safe": unsafe}}', 'return OTHER["safe"]()'),
        (
            f'{TABLE}if time:\n    TABLE = {{"safe": unsafe, "unsafe": safe, 3: safe}}',
            'return TABLE["safe"]()',
        ),
        ("", f'{TABLE.strip()}\nTABLE["safe"] = TABLE["unsafe"]\nreturn TABLE["safe"]()'),
        (
            "",
            f"{TABLE.strip()}\nif name:\n    {SWAPPED}\n" + 'return TABLE["safe"]()',
        ),
    ],
)
def test_every_entry_is_meant_where_the_key_or_the_table_may_be_another(
    analyse: Analyse, top: str, body: str
) -> None:
    assert _found(analyse, top, body) == ["DUR101"]


@pytest.mark.parametrize(
    "body",
    [
        "seen: dict[int, str] = {}\nseen[id(name)] = name\nreturn len(seen)",
        "seen: dict[int, str] = {}\nif id(name) in seen:\n    del seen[id(name)]\nreturn 1.0",
        "return 1.0 if id(name) == id(name[:]) else 2.0",
        "seen: set[int] = set()\nseen.add(id(name))\nreturn len(seen)",
        "seen: dict[int, str] = {}\nreturn float(len(seen.get(id(name), name)))",
    ],
)
def test_an_id_that_says_only_which_object_it_is_is_no_finding(analyse: Analyse, body: str) -> None:
    assert _found(analyse, "", body) == []


@pytest.mark.parametrize(
    "body",
    [
        "return float(id(name))",
        "key = id(name)\nreturn key",
        "keys: list[int] = []\nkeys.append(id(name))\nreturn keys[0]",
        "return 1.0 if id(name) % 2 == 0 else 2.0",
        "return 1.0 if id(name) < id(name[:]) else 2.0",
    ],
)
def test_an_id_that_is_a_number_is_one(analyse: Analyse, body: str) -> None:
    assert _found(analyse, "", body) == ["DUR125"] * body.count("id(")


STEP = """\
@da.activity
async def tell(text: str) -> None: ...
"""


@pytest.mark.parametrize(
    "body",
    [
        'await tell(f"names: {set(name)}")\nreturn 1.0',
        'text = f"{set(name)}!"\nawait tell(text)\nreturn 1.0',
        "names = frozenset(name)\nreturn await tell(f'{names!r}')",
        'raise ValueError(f"{set(name)} are left")',
    ],
)
def test_a_set_that_is_written_out_takes_its_order_into_the_text(
    analyse: Analyse, body: str
) -> None:
    assert _found(analyse, STEP, body) == ["DUR134"]


@pytest.mark.parametrize(
    "body",
    [
        'await tell(f"{sorted(set(name))}")\nreturn 1.0',
        'await tell(f"{len(set(name))}")\nreturn 1.0',
        'await tell(f"{ {1, 2} }")\nreturn 1.0',
        'da.get_logger(__name__).info(f"{set(name)}")\nreturn 1.0',
        'text = f"{set(name)}"\nreturn len(text)',
    ],
)
def test_a_text_of_which_the_order_does_not_matter_is_no_finding(
    analyse: Analyse, body: str
) -> None:
    assert _found(analyse, STEP, body) == []
