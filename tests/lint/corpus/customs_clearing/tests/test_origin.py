import random

from clearing.rules import preferential_origin


def test_a_majority_gives_the_origin():
    parts = [{"origin": "NO", "kg": random.randint(60, 90)}, {"origin": "CH", "kg": 10}]
    random.shuffle(parts)
    assert preferential_origin(parts) == "NO"
    print("ok")
