import random
import re

import nanoid
import shortuuid

ADJECTIVES = ("quiet", "loud", "late")


def title_case(code):
    return re.sub(r"[-_]+", " ", code).title()


def episode_code(show, number):
    suffix = nanoid.generate(size=6)  # expect: DUR112
    return f"{show}-{number:03d}-{suffix}"


def file_name(code, lines):
    if not lines:
        return code + "-" + shortuuid.uuid()  # expect: DUR112
    adjective = random.choice(ADJECTIVES)  # expect: DUR111
    return f"{adjective}-{code}"


def sample_name(rng=random.Random(7)):
    return rng.choice(ADJECTIVES)
