"""Scoring rules.  Pure, they say."""

import random
from functools import reduce

MANUAL_ABOVE = 60
BASE_DOCUMENTS = {"identity", "invoice"}
BY_PRODUCT = {"car": {"police-report", "photos"}, "travel": {"tickets"}, "home": set()}
_rng = random.Random(20_240_229)

RULES = [
    lambda claim: 40 if claim["amount"] > 500_000 else 0,
    lambda claim: 30 if claim.get("previous", 0) > 2 else 0,
    lambda claim: noise() if claim.get("pilot") else 0,
]


def noise() -> int:
    return random.randint(0, 5)  # expect: DUR111


def score(claim: dict) -> int:
    return reduce(lambda total, rule: total + rule(claim), RULES, 0)


def required_documents(claim: dict) -> list:
    wanted = BASE_DOCUMENTS | BY_PRODUCT[claim["product"]]
    wanted = wanted - set(claim.get("documents", ()))
    return list(wanted)  # expect: DUR134


def missing_documents(claim: dict) -> list:
    return sorted(BASE_DOCUMENTS - set(claim["documents"]))


def example_claim() -> dict:
    """For the demo environment."""
    return {"number": _rng.randrange(10**6), "amount": random.randrange(10**6), "product": random.choice(list(BY_PRODUCT))}
