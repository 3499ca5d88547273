"""A small project with two findings: one in an orchestrator, one in a helper that it calls."""

from pathlib import Path

import pytest

FLOWS = """\
import random
from datetime import UTC, datetime

import durable_async as da
from shop.helpers import stamp


@da.orchestrator
async def checkout(order: str) -> str:
    started = datetime.now(UTC)
    return f"{order} {started} {stamp()}"
"""
HELPERS = """\
import uuid


def stamp() -> str:
    return str(uuid.uuid4())


def not_reached() -> str:
    return str(uuid.uuid4())
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: `shop/flows.py` (DUR101 in line 10), `shop/helpers.py` (DUR112, 5)."""
    (tmp_path / "pyproject.toml").write_text("[tool.durable-lint]\n")
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "__init__.py").write_text("")
    (shop / "flows.py").write_text(FLOWS)
    (shop / "helpers.py").write_text(HELPERS)
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path
