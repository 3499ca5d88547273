"""A signature is judged by what it is made of, and as the converter judges it when it runs."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from durable_async.convert.values import Converter
from durable_async.errors import SerializationError
from durable_lint.reach.analysis import Result
from durable_lint.reach.knowledge import Options

Analyse = Callable[..., Result]

HEAD = """\
import asyncio
import io
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, InitVar, dataclass, field
from typing import Any, ClassVar, Generic, NamedTuple, NotRequired, Optional, Required, TypedDict
from typing import TypeVar, Union

import attr
import attrs
import msgspec
from pydantic import BaseModel, Field, PrivateAttr, field_serializer

T = TypeVar("T")
Job = Callable[[], None]


@dataclass
class Listener:
    name: str
    callback: Callable[[str], None]
    session: socket.socket | None = None


"""
WITHOUT = {
    "Listener": "",
    "Below": "@dataclass\nclass Below(Listener):\n    more: int = 0",
    "Outer": "@dataclass\nclass Outer:\n    inner: Listener",
    "Lists": "@dataclass\nclass Lists:\n    inner: list[Listener]",
    "Written": "@dataclass\nclass Written:\n    inner: 'Listener'",
    "Alias": "@dataclass\nclass Alias:\n    job: Job",
    "Named": "Named = list[Listener]",
    "Tree": "@dataclass\nclass Tree:\n    kids: 'list[Tree]'\n    lock: threading.Lock",
    "Either": "@dataclass\nclass Either:\n    one: Union[socket.socket, io.StringIO]",
    "Rows": "@dataclass\nclass Rows:\n    rows: Iterator[int]",
    "Running": "@dataclass\nclass Running:\n    task: asyncio.Task[int]",
    "Started": "@dataclass\nclass Started:\n    a: int\n    b: InitVar[int] = 3",
    "Defined": "@attrs.define\nclass Defined:\n    s: socket.socket",
    "Frozen": "@attrs.frozen\nclass Frozen:\n    s: socket.socket = attrs.field(repr=False)",
    "Old": "@attr.s(auto_attribs=True)\nclass Old:\n    s: socket.socket = attr.ib()",
    "Pair": "class Pair(NamedTuple):\n    x: int\n    job: Callable[[], int]",
    "Keys": "class Keys(TypedDict):\n    job: Callable[[], int]",
    "Some": "class Some(TypedDict, total=False):\n    job: Required[Callable[[], int]]",
    "list[Listener]": "",
    "dict[str, Listener]": "",
    "tuple[Listener, ...]": "",
    "Box[Listener]": "@dataclass\nclass Box(Generic[T]):\n    item: T",
}
WITH = {
    "Tree": "@dataclass\nclass Tree:\n    kids: 'list[Tree]'\n    parent: 'Tree | None'",
    "Given": "@dataclass\nclass Given:\n    job: Callable[[], int] = int",
    "Made": "@dataclass\nclass Made:\n    job: io.StringIO = field(default_factory=io.StringIO)",
    "Later": "@dataclass\nclass Later:\n    job: socket.socket = field(init=False)",
    "Shared": "@dataclass\nclass Shared:\n    x: int\n    job: ClassVar[Callable[[], int]] = int",
    "Maybe": "@dataclass\nclass Maybe:\n    job: Callable[[], int] | None",
    "Perhaps": "@dataclass\nclass Perhaps:\n    job: Optional[socket.socket]",
    "Named": "@dataclass\nclass Named:\n    x: int\n    _: KW_ONLY\n    y: int = 3",
    "Factory": "@attrs.define\nclass Factory:\n    s: Job = attrs.field(factory=int)",
    "Decorated": "@attrs.define\nclass Decorated:\n    s: socket.socket = attrs.field()\n"
    "    @s.default\n    def _s(self):\n        return socket.socket()",
    "Pair": "class Pair(NamedTuple):\n    x: int\n    job: Callable[[], int] = int",
    "Keys": "class Keys(TypedDict, total=False):\n    job: Callable[[], int]",
    "Some": "class Some(TypedDict):\n    job: NotRequired[Callable[[], int]]",
    "Box[int]": "@dataclass\nclass Box(Generic[T]):\n    item: T",
    "JSON": "JSON = dict[str, 'JSON'] | list['JSON'] | None",
    "Mixed": "class Plain:\n    job: Job\n\n@dataclass\nclass Mixed(Plain):\n    x: int",
}


def _codes(analyse: Analyse, classes: str, annotation: str) -> list[str]:
    text = (
        f"{HEAD}{classes}\n\nimport durable_async as da\n\n@da.orchestrator\n"
        f"async def flow(\n    it: {annotation},\n) -> None: ...\n"
    )
    found = analyse(text).findings
    lines = text.splitlines()
    assert {lines[finding.span.line - 1] for finding in found} <= {f"    it: {annotation},"}
    return [finding.code for finding in found]


@pytest.fixture
def hint(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Any]:
    """Gives what an annotation means where some classes are."""

    def hint(classes: str, annotation: str) -> Any:
        module = ModuleType("forms_of_a_test")
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(HEAD + classes, vars(module))
        return eval(annotation, vars(module))

    return hint


def _is_refused(meant: Any) -> bool:
    try:
        Converter().value(meant, what="a value").check_form()
    except SerializationError:
        return True
    return False


@pytest.mark.parametrize(("annotation", "classes"), WITHOUT.items(), ids=WITHOUT)
def test_a_class_with_a_field_that_no_converter_takes_is_found_where_it_is_named(
    analyse: Analyse, hint: Callable[[str, str], Any], annotation: str, classes: str
) -> None:
    assert _codes(analyse, classes, annotation) == ["DUR152"]
    assert _is_refused(hint(classes, annotation))


@pytest.mark.parametrize(("annotation", "classes"), WITH.items(), ids=WITH)
def test_a_class_of_which_a_value_can_be_stored_is_none(
    analyse: Analyse, hint: Callable[[str, str], Any], annotation: str, classes: str
) -> None:
    assert _codes(analyse, classes, annotation) == []
    assert not _is_refused(hint(classes, annotation))


MODELS_WITHOUT = {
    "a field of a model": (
        "class Model(BaseModel):\n    job: Callable[[], int]",
        "Model(job=int)",
    ),
    "a field that is described": (
        "class Model(BaseModel):\n    job: Callable[[], int] = Field(..., title='job')",
        "Model(job=int)",
    ),
    "a field of a struct": (
        "class Model(msgspec.Struct):\n    job: Callable[[], int]",
        "Model(job=int)",
    ),
}
SERIALIZED = """\
class Model(BaseModel):
    job: Callable[[], int]

    @field_serializer("job")
    def _stored(self, job):
        return "int"
"""
MODELS_WITH = {
    "a default, a private attribute": (
        "class Model(BaseModel):\n    x: int\n    _job: Callable[[], int] = PrivateAttr(int)",
        "Model(x=3)",
    ),
    "a serializer of its own": (
        SERIALIZED,
        "Model(job=int)",
    ),
    "a default of a struct": (
        "class Model(msgspec.Struct):\n    job: Callable[[], int] | None = None",
        "Model()",
    ),
}


@pytest.mark.parametrize(("classes", "made"), MODELS_WITHOUT.values(), ids=MODELS_WITHOUT)
def test_a_model_whose_own_library_cannot_store_a_field_is_found(
    analyse: Analyse, hint: Callable[[str, str], Any], classes: str, made: str
) -> None:
    assert _codes(analyse, classes, "Model") == ["DUR152"]
    value = hint(classes, made)
    with pytest.raises(SerializationError):
        Converter().value(type(value), what="a value").encode(value)


@pytest.mark.parametrize(("classes", "made"), MODELS_WITH.values(), ids=MODELS_WITH)
def test_a_model_that_its_own_library_stores_is_none(
    analyse: Analyse, hint: Callable[[str, str], Any], classes: str, made: str
) -> None:
    assert _codes(analyse, classes, "Model") == []
    value = hint(classes, made)
    Converter().value(type(value), what="a value").encode(value)


def test_a_field_may_be_of_another_file_and_is_named_from_outside_in(analyse: Analyse) -> None:
    found = analyse(
        {
            "flow.py": """\
                import durable_async as da
                from messages import Order


                @da.activity
                async def send(order: Order) -> None: ...
                """,
            "messages.py": """\
                from dataclasses import dataclass
                from links import Links


                @dataclass
                class Order:
                    number: int
                    links: Links
                """,
            "links.py": """\
                import socket
                from dataclasses import dataclass


                @dataclass
                class Link:
                    ends: list[socket.socket]


                Links = list[Link]
                """,
        }
    ).findings
    assert [(f.path.rpartition("/")[2], f.span.line, f.code) for f in found] == [
        ("flow.py", 6, "DUR152")
    ]
    assert "its field `links.ends: list[socket.socket]`" in found[0].message


def test_a_project_that_gives_its_converter_hooks_may_store_what_it_likes(
    analyse: Analyse,
) -> None:
    hooks = "def hooks(c):\n    c.register_structure_hook(Listener, str)\n"
    assert _codes(analyse, hooks, "Listener") == []
    own = "@dataclass\nclass Own(Listener):\n    def __durable_hooks__(hint): ..."
    assert _codes(analyse, own, "Own") == []


TEMPORAL = """\
from temporalio import workflow


@workflow.defn
class Parcel:
    def __init__(self) -> None:
        self.tracking = None

    @workflow.run
    async def run(
        self,
        order,
        count: int,
    ):
        return order

    @workflow.signal
    def scanned(self, status): ...
"""


def test_arguments_of_a_temporal_workflow_are_made_by_their_annotations_too(
    analyse: Analyse,
) -> None:
    found = analyse(TEMPORAL, options=Options(dialects=("temporalio",))).findings
    assert [(finding.span.line, finding.code) for finding in found] == [(12, "DUR152")]
    assert found[0].message.startswith(
        "parameter `order` of orchestrator `Parcel` has no annotation"
    )
    assert analyse(TEMPORAL).findings == []
