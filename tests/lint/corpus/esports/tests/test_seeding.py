import random
import time

import pytest

from arena.agent.memory import idf
from arena.agent.schemas import Viewer
from arena.agent.tools import tool_render
from arena.brackets import seeding


@pytest.fixture
def teams():
    return [seeding.Team(random.randint(900, 2400), f"team-{n}") for n in range(8)]


def test_draw_is_repeatable(teams):
    begun = time.perf_counter()
    assert seeding.draw(teams, 7) == seeding.draw(teams, 7)
    assert time.perf_counter() - begun < 1


def test_pairs(teams):
    assert len(list(seeding.pairs(teams))) == 4
    assert idf("x") <= 1.0 and Viewer().nick


def test_render(monkeypatch):
    monkeypatch.setattr("subprocess.call", lambda command: len(command))
    assert tool_render("m-1") == 3
