import random

import pytest

from .pairing import PAIRINGS, coin_flip
from .players import Player, Standing


@pytest.fixture
def standings() -> list[Standing]:
    random.seed(3)
    return [Standing(Player(f"p{i}", random.randint(900, 1800))) for i in range(8)]


@pytest.mark.parametrize("system", {"swiss", "draw", "random"})
def test_everyone_plays(system: str, standings: list[Standing]) -> None:
    names = {player.name for pair in PAIRINGS[system](standings) for player in pair}
    assert len(names) == 8
    assert all(name in names for name in names)


def test_coin() -> None:
    assert {coin_flip() for _ in range(200)} == {True, False}
