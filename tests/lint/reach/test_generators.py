"""What draws by chance and has no seed is found once: where it is made, or where it draws."""

import textwrap
from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]

MADE = [
    "random.Random()",
    "random.Random(None)",
    "random.SystemRandom()",
    "np.random.default_rng()",
    "np.random.RandomState()",
    "np.random.Generator(np.random.PCG64())",
]
SEEDED = [
    "random.Random(7)",
    "np.random.default_rng(7)",
    "np.random.RandomState(7)",
    "np.random.Generator(np.random.PCG64(7))",
]
HEAD = "import random\nfrom dataclasses import dataclass, field\nimport numpy as np\n"
ROOT = "import durable_async as da\n@da.orchestrator\nasync def flow(n: int) -> None:\n"

WHERE_IT_IS_MADE = {
    "in a function": """
        def draw():
            chance = {made}  # here
            return chance.random(), chance.random()
    """,
    "in an expression": """
        def draw():
            return {made}.random()  # here
    """,
    "in a constructor": """
        class Dice:
            def __init__(self):
                self.chance = {made}  # here

            def throw(self):
                return self.chance.random()

        def draw():
            return Dice().throw()
    """,
    "in a constructor, unless one is given": """
        class Dice:
            def __init__(self, seed=None):
                self.chance = {made} if seed is None else random.Random(seed)  # here

            def throw(self):
                return self.chance.random()

        def draw():
            return Dice(4).throw()
    """,
    "in a function that hands it on": """
        def throw(chance):
            return chance.random()

        def draw():
            return throw({made})  # here
    """,
}
WHERE_IT_DRAWS = {
    "made by a module": """
        CHANCE = {made}

        def draw():
            return CHANCE.random()  # here
    """,
    "made by the body of a class": """
        class Dice:
            chance = {made}

            def throw(self):
                return self.chance.random()  # here

        def draw():
            return Dice().throw()
    """,
    "made as a default": """
        def draw(chance={made}):
            return chance.random()  # here
    """,
    "held by what a module made": """
        class Dice:
            def __init__(self):
                self.chance = {made}

        DICE = Dice()

        def draw():
            return DICE.chance.random()  # here
    """,
}
EACH = {**WHERE_IT_IS_MADE, **WHERE_IT_DRAWS}


def _program(text: str, made: str) -> str:
    return f"{HEAD}{textwrap.dedent(text).format(made=made)}\n{ROOT}    draw()\n"


def _marked(program: str) -> list[int]:
    return [number for number, line in enumerate(program.splitlines(), 1) if "# here" in line]


def _found(analyse: Analyse, program: str) -> list[int]:
    found = analyse(program).findings
    assert {finding.code for finding in found} <= {"DUR111"}
    return [finding.span.line for finding in found]


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("way", EACH)
def test_an_unseeded_generator_is_one_finding(analyse: Analyse, way: str, made: str) -> None:
    program = _program(EACH[way], made)
    assert _found(analyse, program) == _marked(program)


@pytest.mark.parametrize("made", SEEDED)
@pytest.mark.parametrize("way", EACH)
def test_a_seeded_generator_is_none(analyse: Analyse, way: str, made: str) -> None:
    assert _found(analyse, _program(EACH[way], made)) == []


@pytest.mark.parametrize(
    "factory", ["random.Random", "random.SystemRandom", "np.random.default_rng"]
)
def test_the_factory_of_a_field_is_the_finding_of_what_it_makes(
    analyse: Analyse, factory: str
) -> None:
    program = (
        f"{HEAD}@dataclass\nclass Dice:\n"
        f"    chance: random.SystemRandom = field(default_factory={factory})\n"
        "    def throw(self):\n        return self.chance.random()\n"
        f"{ROOT}    Dice().throw()\n"
    )
    assert _found(analyse, program) == [6]


def test_a_generator_of_the_system_that_came_from_anywhere_draws_by_chance(
    analyse: Analyse,
) -> None:
    program = (
        f"{HEAD}def throw(chance: random.SystemRandom):\n    return chance.random()\n"
        f"{ROOT}    throw(unknown())\n"
    )
    assert _found(analyse, program) == [5]
