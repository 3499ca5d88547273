"""The worlds in which the specification is run: on each engine, with kept and with rebuilt
coroutines. A test takes the fixture `world` and writes `async with world([functions]) as env:`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .worlds import KINDS, Kind, World


@pytest.fixture(params=KINDS, ids=str)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    kind = request.param
    assert isinstance(kind, Kind)
    return World(kind, tmp_path)
