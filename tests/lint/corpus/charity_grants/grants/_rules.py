"""Rules are plain functions, found by their prefix."""

import inspect
import sys
from datetime import date
from uuid import uuid1


def rule_amount(application):
    return application["cents"] <= 500_000


def rule_age(application):
    founded = date.fromisoformat(application["founded"])
    return (date.today() - founded).days > 365  # expect: DUR101


def rule_reference(application):
    application.setdefault("reference", str(uuid1()))  # expect: DUR112
    return True


ALL = [fn for name, fn in sorted(globals().items()) if name.startswith("rule_")]
BY_NAME = {"amount": rule_amount, "age": rule_age, "reference": rule_reference}


def failing(application):
    return [name for name, rule in BY_NAME.items() if not rule(application)]


def debug():
    return inspect.getsource(sys.modules[__name__])
