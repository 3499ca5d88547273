"""`durable-lint scan` over a small application that has no orchestrator yet."""

import json
from pathlib import Path

import pytest

from durable_lint.cli import main
from durable_lint.source import Source

ORDERS = """\
import asyncio
from datetime import UTC, datetime

from gateway import charge, refund, ship, stamp


async def fulfil(order: str) -> str:
    started = datetime.now(UTC)
    receipt = await charge(order)
    try:
        await ship(order)
    except OSError:
        await refund(order)
        raise
    await asyncio.sleep(86_400)
    return f"{receipt} {started} {stamp()}"


async def trivial(order: str) -> str:
    return await charge(order)
"""
GATEWAY = """\
import uuid

import httpx


def stamp() -> str:
    return str(uuid.uuid4())


async def charge(order: str) -> str:
    async with httpx.AsyncClient() as client:
        return (await client.post("https://example.com/charge")).text


async def ship(order: str) -> None:
    open(order).read()


async def refund(order: str) -> None:
    pass
"""


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.durable-lint]\n")
    (tmp_path / "orders.py").write_text(ORDERS)
    (tmp_path / "gateway.py").write_text(GATEWAY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_candidate_is_shown_with_what_it_gains_and_what_stands_in_its_way(
    application: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scan"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("orders.py:7: fulfil (score ")
    assert "    + undoes steps when one fails, unless it crashes in between" in lines
    assert "    > `charge` becomes an activity (network_io)" in lines
    assert "    > `ship` becomes an activity (file_io)" in lines
    assert any(line.startswith("    - orders.py:8: DUR101 ") for line in lines)
    assert any(line.startswith("    - gateway.py:7: DUR112 ") for line in lines)
    assert not any("trivial" in line for line in lines)


def test_the_document_says_the_same(application: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", "--format", "json", "."]) == 0
    (candidate,) = json.loads(capsys.readouterr().out)["candidates"]
    assert candidate["path"] == "orders.py"
    assert candidate["steps"] == ["charge", "ship", "refund"]
    assert candidate["activities"] == [
        {"function": "charge", "categories": ["network_io"]},
        {"function": "ship", "categories": ["file_io"]},
    ]
    assert [obstacle["code"] for obstacle in candidate["obstacles"]] == ["DUR112", "DUR101"]


def test_a_method_can_be_a_candidate_and_helpers_may_be_elsewhere_than_the_paths(
    application: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    indented = ORDERS[ORDERS.index("async def fulfil") : ORDERS.index("async def trivial")]
    body = "".join(f"    {line}\n" for line in indented.splitlines())
    head = ORDERS[: ORDERS.index("async def fulfil")]
    helpers = "async def charge(): ...\nasync def ship(): ...\nasync def refund(): ...\n"
    (application / "orders.py").write_text(
        f"{head}class Orders:\n{body.replace('(order: str)', '(self, order: str)', 1)}"
    )
    (application / "names.py").write_text(helpers)
    assert main(["scan", "orders.py", "names.py"]) == 0
    out = capsys.readouterr().out
    assert "Orders.fulfil" in out
    assert "pass what it needs of `self` as arguments" in out
    assert "> `charge` becomes an activity (network_io)" in out
    assert "DUR101" in out


def test_a_file_that_cannot_be_read_is_said_and_the_rest_is_scanned(
    application: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (application / "broken.py").write_text("async def f(:\n    await x\n")
    assert main(["scan"]) == 0
    printed = capsys.readouterr()
    assert "fulfil" in printed.out
    assert "broken.py:" in printed.err


def test_what_gains_nothing_is_not_shown(
    application: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (application / "orders.py").unlink()
    assert main(["scan"]) == 0
    assert capsys.readouterr().out.startswith("No coroutine in 1 file")
    (application / "gateway.py").unlink()
    assert main(["scan"]) == 0
    assert capsys.readouterr().out.startswith("Nothing was read")
    assert main(["scan", "nowhere"]) == 2


def test_each_file_is_read_once_however_many_candidates_lead_there(
    application: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        (application / f"orders{number}.py").write_text(ORDERS)
    read: list[str] = []
    original = Source.read

    def counting(path: str) -> Source:
        read.append(path)
        return original(path)

    monkeypatch.setattr(Source, "read", counting)
    assert main(["scan"]) == 0
    assert len(read) == len(set(read)) == 7


def test_settings_hold_for_what_stands_in_the_way_too(
    application: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (application / "pyproject.toml").write_text(
        '[tool.durable-lint]\nignore = ["DUR101"]\n'
        '[tool.durable-lint.per-file-ignores]\n"gateway.py" = ["DUR112"]\n'
    )
    assert main(["scan"]) == 0
    out = capsys.readouterr().out
    assert "fulfil" in out
    assert "DUR101" not in out
    assert "DUR112" not in out
