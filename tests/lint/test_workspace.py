"""Whatever is typed, in whatever order: what is shown is what a check from nothing finds."""

import ast
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from durable_lint import api
from durable_lint.config import load
from durable_lint.model import Finding
from durable_lint.reach.live import Live
from durable_lint.workspace import Workspace

CORPUS = Path(__file__).parent / "corpus"
CASES = ("ad_campaigns", "card_payments", "order_fulfilment", "forecasting", "ticket_triage")
SNIPPETS = (
    "# a note",
    "pass",
    "return None",
    "import time",
    "from datetime import datetime",
    "value = time.time()",
    "print(datetime.now())",
    "await asyncio.sleep(1)",
    "def added(first):\n    return first",
)
FLOW = """\
import durable_async as da
from helpers import stamp


@da.orchestrator
async def checkout(order: str) -> str:
    return order + stamp(order)
"""
HELPERS = """\
import uuid


def stamp(of: str) -> str:
    return of + make()


def make() -> str:
    return str(uuid.uuid4())


def unreached() -> str:
    return str(uuid.uuid4())
"""


class Typing:
    """Edits files at random, and again and again takes edits back."""

    def __init__(self, root: Path, seed: str) -> None:
        self.chance = random.Random(seed)
        self.files = sorted(root.rglob("*.py"))
        self.saved = {path: path.read_text() for path in self.files}
        self.texts = dict(self.saved)

    def edits(self, count: int) -> Iterator[Path]:
        while count:
            path = self.chance.choice(self.files)
            text = self.saved[path] if self.chance.random() < 0.2 else self._changed(path)
            if text != self.texts[path] and _parses(text):
                self.texts[path] = text
                count -= 1
                yield path

    def _changed(self, path: Path) -> str:
        text = self.texts[path]
        lines = text.split("\n")
        place = self.chance.randrange(len(lines))
        indent = re.match(r"\s*", lines[place])
        assert indent is not None
        match self.chance.randrange(4):
            case 0:
                del lines[place : place + self.chance.randrange(1, 4)]
            case 1:
                lines.insert(place, self.chance.choice(lines))
            case 2:
                snippet = self.chance.choice(SNIPPETS).split("\n")
                lines[place:place] = [indent[0] + line for line in snippet]
            case _:
                names = list(re.finditer(r"\b[a-z_]\w+\b", text))
                if names:
                    name, instead = self.chance.choice(names), self.chance.choice(names)
                    return text[: name.start()] + instead[0] + text[name.end() :]
        return "\n".join(lines)


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows whenever everything is found out anew."""
    times: list[str] = []
    restart = Live._restart

    def counted(live: Live, candidates: tuple[str, ...]) -> None:
        times.append("anew")
        restart(live, candidates)

    monkeypatch.setattr(Live, "_restart", counted)
    return times


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.durable-lint]\n")
    (tmp_path / "flows.py").write_text(FLOW)
    (tmp_path / "helpers.py").write_text(HELPERS)
    return tmp_path


def shown(workspace: Workspace, path: Path) -> list[tuple[int, str]]:
    return [(each.span.line, each.code) for each in workspace.findings(path.as_posix())]


def from_nothing(root: Path, texts: dict[Path, str]) -> set[Finding]:
    contents = {path.as_posix(): text.encode() for path, text in texts.items()}
    return set(api.check([root], load(root), overrides=contents).findings)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", range(2))
def test_what_is_shown_after_any_edits_is_what_a_check_finds(
    case: str, seed: int, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(CORPUS / case, tmp_path / case))
    (root / "pyproject.toml").write_text('[tool.durable-lint]\nextend-select = ["DUR190"]\n')
    typing = Typing(root, f"{case} {seed}")
    workspace = Workspace(root, load(root))
    for path in typing.edits(12):
        workspace.update(path.as_posix(), typing.texts[path].encode())
        found = {one for file in typing.files for one in workspace.findings(file.as_posix())}
        assert found == from_nothing(root, typing.texts)


def test_typing_in_a_body_finds_nothing_else_out_anew(root: Path, settled: list[str]) -> None:
    workspace = Workspace(root, load(root))
    flow, helpers = root / "flows.py", root / "helpers.py"
    assert shown(workspace, helpers) == [(9, "DUR112")]
    workspace.update(flow.as_posix(), FLOW.replace("return", "print(order)\n    return").encode())
    assert shown(workspace, flow) == [(7, "DUR143")]
    workspace.update(helpers.as_posix(), f"# moved\n{HELPERS}".encode())
    assert shown(workspace, helpers) == [(10, "DUR112")]
    assert settled == ["anew"]


def test_a_function_and_an_import_come_and_go_without_a_restart(
    root: Path, settled: list[str]
) -> None:
    workspace = Workspace(root, load(root))
    flow = root / "flows.py"
    assert shown(workspace, flow) == []
    more = f"import time\n{FLOW}\n\n@da.orchestrator\nasync def more() -> float:\n"
    more += "    return time.time()\n"
    workspace.update(flow.as_posix(), more.encode())
    assert shown(workspace, flow) == [(13, "DUR101")]
    workspace.update(flow.as_posix(), FLOW.encode())
    assert shown(workspace, flow) == []
    assert settled == ["anew"]


def test_a_call_that_is_taken_away_takes_its_findings_along(root: Path) -> None:
    workspace = Workspace(root, load(root))
    flow, helpers = root / "flows.py", root / "helpers.py"
    assert shown(workspace, helpers) == [(9, "DUR112")]
    workspace.update(flow.as_posix(), FLOW.replace(" + stamp(order)", "").encode())
    assert shown(workspace, helpers) == []
    workspace.update(flow.as_posix(), None)
    assert shown(workspace, helpers) == [(9, "DUR112")]


def test_a_call_that_another_file_loses_is_shown_where_it_is_made(root: Path) -> None:
    workspace = Workspace(root, load(root))
    flow, helpers = root / "flows.py", root / "helpers.py"
    flow.write_text(FLOW.replace("return order + stamp(order)", "return stamp(checkout(order))"))
    helpers.write_text("def stamp(of):\n    return of\n")
    assert shown(workspace, flow) == shown(workspace, helpers) == []
    workspace.update(helpers.as_posix(), b"def stamp(of):\n    return str(of)\n")
    assert (shown(workspace, flow), shown(workspace, helpers)) == ([(7, "DUR133")], [])
    workspace.update(flow.as_posix(), f"# moved\n{flow.read_text()}".encode())
    assert (shown(workspace, flow), shown(workspace, helpers)) == ([(8, "DUR133")], [])
    workspace.update(helpers.as_posix(), b"# moved\n\n\ndef stamp(of):\n    return str(of)\n")
    assert (shown(workspace, flow), shown(workspace, helpers)) == ([(8, "DUR133")], [])
    workspace.update(helpers.as_posix(), b"def stamp(of):\n    return of\n")
    assert shown(workspace, flow) == shown(workspace, helpers) == []


def test_a_call_that_is_handed_on_is_found_out_anew_only_where_it_moves(
    root: Path, settled: list[str]
) -> None:
    workspace = Workspace(root, load(root))
    flow, helpers = root / "flows.py", root / "helpers.py"
    text = FLOW.replace("return order + stamp(order)", "return stamp(checkout(order))")
    flow.write_text(text)
    helpers.write_text("def stamp(of):\n    return str(of)\n")
    assert shown(workspace, flow) == [(7, "DUR133")]
    workspace.update(flow.as_posix(), f"{text}\n\ndef more() -> int:\n    return 1\n".encode())
    assert shown(workspace, flow) == [(7, "DUR133")]
    assert settled == ["anew"]
    workspace.update(flow.as_posix(), text.replace("    return", "\n    return").encode())
    assert shown(workspace, flow) == [(8, "DUR133")]


def test_half_typed_code_is_analysed_as_it_last_was(root: Path) -> None:
    workspace = Workspace(root, load(root))
    flow, helpers = root / "flows.py", root / "helpers.py"
    shown(workspace, flow)
    workspace.update(flow.as_posix(), FLOW.replace("stamp(order)", "stamp(").encode())
    assert [code for _, code in shown(workspace, flow)] == ["DUR000"]
    assert shown(workspace, helpers) == [(9, "DUR112")]
    assert workspace.analysed(flow.as_posix()).data == FLOW.encode()


def test_a_file_that_changed_on_the_disk_is_read_again(root: Path) -> None:
    workspace = Workspace(root, load(root))
    helpers = root / "helpers.py"
    assert shown(workspace, helpers) == [(9, "DUR112")]
    helpers.write_text(HELPERS.replace("uuid.uuid4()", '"same"'))
    workspace.update(helpers.as_posix(), None)
    assert shown(workspace, helpers) == []


def test_what_only_moved_is_still_known_by_what_it_was(root: Path, settled: list[str]) -> None:
    """A callback that one file makes and another one calls, with lines typed above it."""
    (root / "helpers.py").write_text("def stamp(of, then):\n    return then()\n")
    text = FLOW.replace("import durable_async as da", "import time\nimport durable_async as da")
    text = text.replace("stamp(order)", "stamp(order, lambda: time.time())")
    flow = root / "flows.py"
    flow.write_text(text)
    workspace = Workspace(root, load(root))
    assert shown(workspace, flow) == [(8, "DUR101")]
    workspace.update(flow.as_posix(), text.replace("\n\n\n", "\n\n# here\n\n").encode())
    assert shown(workspace, flow) == [(9, "DUR101")]
    assert settled == ["anew"]


def test_a_constant_that_went_into_another_one_is_found_out_anew(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.durable-lint]\n")
    (tmp_path / "limits.py").write_text('KIND = "a"\n')
    (tmp_path / "tools.py").write_text("import limits\n\nCHOSEN = limits.KIND\n")
    flow = tmp_path / "flows.py"
    flow.write_text(FLOW.replace("from helpers import stamp", "import tools\nimport time"))
    workspace = Workspace(tmp_path, load(tmp_path))
    texts = {flow: flow.read_text().replace("stamp(order)", "str(eval(tools.CHOSEN))")}
    workspace.update(flow.as_posix(), texts[flow].encode())
    for kind in ('"b"', "None", '"a"'):
        limits = tmp_path / "limits.py"
        texts[limits] = f"KIND = {kind}\n"
        workspace.update(limits.as_posix(), texts[limits].encode())
        found = {one for path in texts for one in workspace.findings(path.as_posix())}
        assert found == from_nothing(tmp_path, texts)


def test_names_that_nobody_takes_come_and_go_though_all_are_exported(
    root: Path, settled: list[str]
) -> None:
    (root / "everything.py").write_text("from helpers import *\n")
    flow, helpers = root / "flows.py", root / "helpers.py"
    flow.write_text(FLOW.replace("from helpers", "from everything"))
    workspace = Workspace(root, load(root))
    assert shown(workspace, helpers) == [(9, "DUR112")]
    workspace.update(helpers.as_posix(), f"{HELPERS}\n\ndef added() -> None: ...\n".encode())
    assert shown(workspace, helpers) == [(9, "DUR112")]
    assert settled == ["anew"]
    workspace.update(helpers.as_posix(), HELPERS.replace("def stamp", "def other").encode())
    assert shown(workspace, helpers) == []
    assert settled == ["anew", "anew"]


def test_a_file_that_is_only_imported_may_begin_to_do_something(tmp_path: Path) -> None:
    files = {
        "flows.py": "import durable_async as da\nimport plugin\nfrom table import STEPS\n\n\n"
        "@da.orchestrator\nasync def run(order: str) -> str:\n"
        '    for step in STEPS.values():\n        step()\n    return ""\n',
        "table.py": "STEPS = {}\n",
        "plugin.py": "import time\nfrom table import STEPS\n\n\n"
        "def stamp() -> float:\n    return time.time()\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    plugin = (tmp_path / "plugin.py").as_posix()
    workspace = Workspace(tmp_path, load(tmp_path))
    assert workspace.findings(plugin) == []
    registered = files["plugin.py"] + '\n\nSTEPS["stamp"] = stamp\n'
    workspace.update(plugin, registered.encode())
    assert [each.code for each in workspace.findings(plugin)] == ["DUR101"]
    workspace.update(plugin, files["plugin.py"].encode())
    assert workspace.findings(plugin) == []
    flows = (tmp_path / "flows.py").as_posix()
    workspace.update(plugin, registered.encode())
    workspace.update(flows, files["flows.py"].replace("import plugin\n", "").encode())
    assert workspace.findings(plugin) == []
    workspace.update(flows, files["flows.py"].encode())
    assert [each.code for each in workspace.findings(plugin)] == ["DUR101"]
