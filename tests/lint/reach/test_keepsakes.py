"""What a library's object was made with says what its methods do."""

from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]

FLOW = """\
from datetime import datetime

import jinja2
from croniter import croniter
from jinja2.sandbox import SandboxedEnvironment

import durable_async as da

LOADER = {loader}
LETTERS = jinja2.Environment(loader=LOADER, autoescape=True)


def render(letters, name):
    return letters.get_template(name).render()


@da.orchestrator
async def flow(expression: str, start: datetime, maybe: datetime | None = None) -> None:
    {body}
"""


def _codes(analyse: Analyse, body: str, loader: str = "None") -> list[str]:
    found = analyse(FLOW.format(body=body, loader=loader)).findings
    return [finding.code for finding in found]


OF_FILES = [
    "jinja2.FileSystemLoader('letters')",
    "jinja2.PackageLoader('post')",
    "jinja2.ModuleLoader('compiled')",
    "jinja2.ChoiceLoader([jinja2.DictLoader({}), jinja2.FileSystemLoader('letters')])",
    "jinja2.PrefixLoader({'a': jinja2.DictLoader({}), 'b': jinja2.PackageLoader('post')})",
]
OF_TEXTS = [
    "jinja2.DictLoader({})",
    "jinja2.FunctionLoader(str)",
    "jinja2.ChoiceLoader([jinja2.DictLoader({}), jinja2.FunctionLoader(str)])",
    "None",
]
ASKING = [
    "LETTERS.get_template('a')",
    "LETTERS.select_template(['a'])",
    "LETTERS.get_or_select_template('a')",
    "LETTERS.list_templates()",
    "LETTERS.overlay(trim_blocks=True).get_template('a')",
    "jinja2.Environment(loader=LOADER).get_template('a')",
    "SandboxedEnvironment(loader=LOADER).get_template('a')",
    "list(map(LETTERS.get_template, ['a']))",
    "render(LETTERS, 'a')",
]


@pytest.mark.parametrize("loader", OF_FILES)
@pytest.mark.parametrize("body", ASKING)
def test_a_template_is_read_from_the_disk_when_its_loader_looks_there(
    analyse: Analyse, loader: str, body: str
) -> None:
    assert _codes(analyse, body, loader) == ["DUR122"]


@pytest.mark.parametrize("loader", OF_TEXTS)
@pytest.mark.parametrize("body", ASKING)
def test_a_template_that_the_program_holds_is_read_from_nowhere(
    analyse: Analyse, loader: str, body: str
) -> None:
    assert _codes(analyse, body, loader) == []


@pytest.mark.parametrize("loader", OF_FILES)
@pytest.mark.parametrize(
    "body",
    [
        "jinja2.Environment(loader=LOADER)",
        "LETTERS.from_string('a').render()",
        "jinja2.Template('a').render()",
    ],
)
def test_naming_a_folder_of_templates_reads_none(analyse: Analyse, loader: str, body: str) -> None:
    assert _codes(analyse, body, loader) == []


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ("croniter(expression).get_next(datetime)", ["DUR101"]),
        ("croniter(expression, None).get_prev(datetime)", ["DUR101"]),
        ("croniter(expression, start).get_next(datetime)", []),
        ("croniter(expression, start_time=da.now()).get_prev(datetime)", []),
        ("croniter(expression).get_next(datetime, start)", []),
        ("croniter(expression).get_next(start_time=start)", []),
        ("croniter(expression, maybe).get_next(datetime)", []),
        ("croniter(*[expression, start]).get_next(datetime)", []),
        ("croniter.is_valid(expression)", []),
        ("croniter.match(expression, start)", []),
    ],
)
def test_a_schedule_begins_now_unless_it_is_told_where(
    analyse: Analyse, body: str, codes: list[str]
) -> None:
    assert _codes(analyse, body) == codes
