"""Profiles of operators, and what is checked before one is activated."""

import random
import typing
from uuid import uuid4

import shortuuid

BASE_CHECKS = ("imei", "blacklist")
REGIONAL = {"eu": {"roaming", "gdpr"}, "us": {"fcc"}}


def checks_for(profile: dict) -> typing.Iterator[str]:
    yield from BASE_CHECKS
    yield from REGIONAL.get(profile["region"], set())  # expect: DUR134


def _reference() -> str:
    return shortuuid.uuid()  # expect: DUR112


def _activation_code(length: int = 8) -> str:
    return "".join(random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=length))  # expect: DUR111


def summary(profile: dict) -> dict:
    return {
        "iccid": profile["iccid"],
        "reference": profile.get("reference") or _reference(),
        "code": _activation_code(),
    }


def test_profile(region: str) -> dict:
    return {"iccid": str(uuid4()), "region": region}
