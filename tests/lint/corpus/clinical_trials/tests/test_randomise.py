import random

from trialops.domain import Deviation, Site
from trialops.randomise import allocate, kit_number, simulate


def test_blocks():
    random.seed(3)
    assert simulate(100) > 0.5
    assert allocate(Site("B1", "DE")) is not None
    assert kit_number(Site("B1", "DE"), [1]) != 1
    assert Deviation("late").text == "late"
