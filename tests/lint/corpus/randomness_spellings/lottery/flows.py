"""Draws the winners."""

import random

import durable_async as da

from . import draws
from .draws import Urn


@da.activity
def shuffle_on_paper(names: list[str]) -> list[str]:
    random.shuffle(names)
    return names


@da.orchestrator
async def draw_winners(names: list[str]) -> list[str]:
    urn = Urn([1, 2, 3], da.random("urn"))
    urn.mix()
    numbers = [urn.draw(), *draws.picks(urn.balls)]
    rng = random.Random(da.info().instance_id)
    values = draws.seeds() + draws.seeded("x") + [draws.from_parameter(rng)]
    if draws.same(draws.token(), "x"):
        names = await shuffle_on_paper(names)
    bonus = random.choices(names, k=1)  # expect: DUR111
    return [rng.choice(names), *bonus, *map(str, numbers), *map(str, values)]
