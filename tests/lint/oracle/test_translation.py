"""What mypy writes down becomes exactly what the analysis understands, and nothing more."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from durable_lint.discover.modules import Modules
from durable_lint.oracle.lineage import Classes
from durable_lint.oracle.translation import Translation
from durable_lint.reach.analysis import Analysis
from durable_lint.reach.knowledge import Options
from durable_lint.reach.notation import parse_type
from durable_lint.reach.values import UNKNOWN, Class, External, Object, Value
from durable_lint.source import Source
from durable_lint.vocabulary import Vocabulary

SHOP = "/shop/orders.py"
TEXT = b"""
class Order:
    class Line: ...

class Order:
    again = True
"""


def told(path: str, module: str, *line: str, awaitable: bool = False) -> dict[str, Any]:
    return {"path": path, "module": module, "line": list(line), "awaitable": awaitable}


LIBRARIES = "/usr/lib/site-packages"
CLASSES = {
    "builtins.int": told(f"{LIBRARIES}/builtins.pyi", "builtins", "builtins.int"),
    "builtins.str": told(f"{LIBRARIES}/builtins.pyi", "builtins", "builtins.str"),
    "builtins.list": told(f"{LIBRARIES}/builtins.pyi", "builtins", "builtins.list"),
    "builtins.set": told(f"{LIBRARIES}/builtins.pyi", "builtins", "builtins.set"),
    "builtins.dict": told(f"{LIBRARIES}/builtins.pyi", "builtins", "builtins.dict"),
    "builtins.tuple": told(f"{LIBRARIES}/builtins.pyi", "builtins", "builtins.tuple"),
    "builtins.object": told(f"{LIBRARIES}/builtins.pyi", "builtins", "builtins.object"),
    "typing.Sequence": told(f"{LIBRARIES}/typing.pyi", "typing", "typing.Sequence"),
    "typing.Iterator": told(f"{LIBRARIES}/typing.pyi", "typing", "typing.Iterator"),
    "typing.Mapping": told(f"{LIBRARIES}/typing.pyi", "typing", "typing.Mapping"),
    "typing.Coroutine": told(f"{LIBRARIES}/typing.pyi", "typing", "typing.Coroutine"),
    "typing.AbstractSet": told(f"{LIBRARIES}/typing.pyi", "typing", "typing.AbstractSet"),
    "typing.SupportsInt": told(f"{LIBRARIES}/typing.pyi", "typing", "typing.SupportsInt"),
    "types.ModuleType": told(f"{LIBRARIES}/types.pyi", "types", "types.ModuleType"),
    "pathlib._local.Path": told(f"{LIBRARIES}/p.pyi", "pathlib._local", "pathlib._local.Path"),
    "_asyncio.Task": told(f"{LIBRARIES}/a.pyi", "_asyncio", "_asyncio.Task", awaitable=True),
    "asyncio.events.AbstractEventLoop": told(
        f"{LIBRARIES}/a.pyi", "asyncio.events", "asyncio.events.AbstractEventLoop"
    ),
    "requests.sessions.Session": told(
        f"{LIBRARIES}/requests/sessions.py", "requests.sessions", "requests.sessions.Session"
    ),
    "redis.asyncio.client.Redis": told(
        f"{LIBRARIES}/redis/asyncio/client.py",
        "redis.asyncio.client",
        "redis.asyncio.client.Redis",
        awaitable=True,
    ),
    "acme.Session": told(
        f"{LIBRARIES}/acme.py",
        "acme",
        "acme.Session",
        "requests.sessions.Session",
        "builtins.object",
    ),
    "acme.Thing": told(f"{LIBRARIES}/acme.py", "acme", "acme.Thing", "builtins.object"),
    "acme.Level": told(f"{LIBRARIES}/acme.py", "acme", "acme.Level", "builtins.int"),
    "acme.Pending": told(f"{LIBRARIES}/acme.py", "acme", "acme.Pending", awaitable=True),
    "durable_async.dsl.Ref": told(f"{LIBRARIES}/d.py", "durable_async.dsl", "d", awaitable=True),
    "orders.Order": told(SHOP, "orders", "orders.Order", "builtins.object"),
    "orders.Order.Line": told(SHOP, "orders", "orders.Order.Line", "builtins.object"),
    "orders.Name": told(SHOP, "orders", "orders.Name", "builtins.str", "builtins.object"),
    "generated.Row": told("/shop/generated.py", "generated", "generated.Row", "builtins.object"),
}


@pytest.fixture
def value() -> Callable[[object], Value]:
    modules = Modules([SHOP], root="/shop")
    classes = Classes("/shop", modules, Vocabulary.standard())
    classes.add(CLASSES)
    analysis = Analysis(
        modules,
        lambda path: Source(path, TEXT),
        Vocabulary.standard().with_bases(classes.bases),
        Options(),
        lambda seen: None,
    )
    translation = Translation(analysis, classes)
    return lambda written: translation.value(written)  # type: ignore[arg-type]


def an(name: str, *arguments: object) -> list[object]:
    return ["is", name, list(arguments)]


@pytest.mark.parametrize(
    ("written", "type_"),
    [
        (an("builtins.str"), "builtins.str"),
        (an("pathlib._local.Path"), "pathlib.Path"),
        (an("requests.sessions.Session"), "requests.Session"),
        (an("redis.asyncio.client.Redis"), "redis.asyncio.Redis"),
        (an("builtins.list", an("pathlib._local.Path")), "list[pathlib.Path]"),
        (an("typing.Sequence", an("builtins.str")), "list[str]"),
        (an("typing.Mapping", an("builtins.str"), an("builtins.int")), "dict[str, int]"),
        (an("typing.Iterator", an("builtins.str")), "builtins.iterator[str]"),
        (an("builtins.tuple", an("builtins.str")), "list[str]"),
        (["tuple", [an("builtins.str"), an("pathlib._local.Path")]], "tuple[str, pathlib.Path]"),
        (an("_asyncio.Task", an("builtins.int")), "asyncio.Task[int]"),
        (["or", [an("builtins.str"), an("builtins.int")]], "str | int"),
        (["or", [an("pathlib._local.Path"), ["none"]]], "pathlib.Path | None"),
        (["or", [an("pathlib._local.Path"), None]], "pathlib.Path | ?"),
        (an("builtins.set", None), "set[?]"),
        (["row"], "dict[str, ?]"),
        (["none"], "None"),
        (an("acme.Session"), "acme.Session"),
        (an("acme.Thing"), "acme.Thing"),
        (an("acme.Level"), "int"),
        (an("orders.Name"), "str"),
    ],
)
def test_a_type_is_told_by_the_name_that_the_vocabulary_has(
    written: object, type_: str, value: Callable[[object], Value]
) -> None:
    assert value(written) == parse_type(type_)


@pytest.mark.parametrize(
    "written",
    [
        None,
        an("builtins.object"),
        an("types.ModuleType"),
        an("typing.Coroutine", None, None, an("builtins.int")),
        an("typing.AbstractSet", an("builtins.str")),
        an("typing.SupportsInt"),
        an("asyncio.events.AbstractEventLoop"),
        an("acme.Pending"),
        an("durable_async.dsl.Ref"),
        an("generated.Row"),
        an("nobody.knows.It"),
        ["class", "generated.Row"],
        ["class", "acme.Thing"],
        ["class", "durable_async.dsl.Ref"],
        ["function", "acme.now"],
        ["function", "os.path.join"],
        ["function", "durable_async.sleep"],
    ],
)
def test_what_is_not_told_for_sure_stays_unknown(
    written: object, value: Callable[[object], Value]
) -> None:
    assert value(written) is UNKNOWN


def test_an_instance_of_a_class_of_the_project_may_be_of_a_subclass(
    value: Callable[[object], Value],
) -> None:
    order = value(an("orders.Order"))
    assert isinstance(order, Object)
    assert order.scope.qualname == "Order"
    assert "again" in order.scope.bindings  # the last class statement of the name
    assert not order.exact


def test_a_class_of_the_project_is_that_class(value: Callable[[object], Value]) -> None:
    order = value(["class", "orders.Order"])
    assert isinstance(order, Class)
    assert order.scope.module.path == SHOP


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (["class", "requests.sessions.Session"], "requests.Session"),
        (["class", "acme.Session"], "acme.Session"),
        (["function", "requests.api.get"], "requests.get"),
        (["function", "time.time"], "time.time"),
    ],
)
def test_a_class_or_function_that_counts_is_told_by_its_name(
    written: object, name: str, value: Callable[[object], Value]
) -> None:
    assert value(written) == External(name)


def test_a_class_is_what_the_known_ones_among_its_bases_are() -> None:
    classes = Classes("/shop", Modules([SHOP], root="/shop"), Vocabulary.standard())
    classes.add(CLASSES)
    assert classes.bases == {"acme.Session": ("requests.Session",), "acme.Level": ("builtins.int",)}
    vocabulary = Vocabulary.standard().with_bases(classes.bases)
    assert vocabulary.member("acme.Session", "get") is not None
    assert vocabulary.member("acme.Session", "shout") is None
    assert Vocabulary.standard().member("acme.Session", "get") is None


# ---------------------------------------------------------------- what the process writes down


def written_down(tmp_path: Path, text: str) -> dict[str, object]:
    """By the source of the expression, the type that the process with mypy writes down."""
    path = tmp_path / "module.py"
    path.write_text(text, encoding="utf-8")
    request = {
        "root": str(tmp_path),
        "cache": os.devnull,
        "sources": [[str(path), "module", str(tmp_path), text]],
    }
    done = subprocess.run(
        [sys.executable, "-P", "-m", "durable_lint.oracle.worker"],
        input=json.dumps(request).encode(),
        capture_output=True,
        check=True,
        cwd=tmp_path,
    )
    answer = json.loads(done.stdout)
    assert answer["trouble"] == []
    lines = text.encode().split(b"\n")
    found: dict[str, object] = {}
    for line, column, end_line, end_column, number in answer["files"][str(path)]:
        assert line == end_line
        source = lines[line - 1][column:end_column].decode()
        found.setdefault(source, answer["types"][number])
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_each_kind_of_type_is_written_down(tmp_path: Path) -> None:
    text = """
from typing import Any, TypedDict, TypeVar
from pathlib import Path
T = TypeVar("T", bound=Path)
class Row(TypedDict):
    a: int
class Own: ...
def f(anything: Any, maybe: Path | None, row: Row, kind: type[Path], some: tuple[int, str],
      many: tuple[int, ...], bound: T, nothing: None, own: list[Own]) -> T:
    anything; maybe; row; kind; some; many; bound; nothing; own; own[0]
    Path; f; f(*anything); "ä".upper()
    return bound
"""
    found = written_down(tmp_path, text)
    path = next(name for name in ("pathlib.Path", "pathlib._local.Path") if name in str(found))
    assert "anything" not in found
    assert found["maybe"] == ["or", [an(path), ["none"]]]
    assert found["row"] == ["row"]
    assert found["kind"] == ["class", path]
    assert found["some"] == ["tuple", [an("builtins.int"), an("builtins.str")]]
    assert found["many"] == an("builtins.tuple", an("builtins.int"))
    assert found["bound"] == an(path)
    assert found["nothing"] == ["none"]
    assert found["own"] == an("builtins.list", an("module.Own"))
    assert found["own[0]"] == an("module.Own")
    assert found["Path"] == ["class", path]
    assert found["f"] == ["function", "module.f"]
    assert found['"ä".upper()'] == an("builtins.str")
