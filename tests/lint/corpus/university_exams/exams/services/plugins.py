"""Grading scales. Built-in ones are plain functions; faculties ship theirs as modules."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable

Scale = Callable[[float], float]
FORMULA = re.compile(r"^[\d\s.+*/()-]+$")
BUILTIN: dict[str, Scale] = {}


def scale(function: Scale) -> Scale:
    BUILTIN[function.__name__] = function
    return function


@scale
def linear(points: float) -> float:
    return round(points, 1)


@scale
def generous(points: float) -> float:
    return min(100.0, points * 1.05)


def scale_by_name(name: str) -> Scale:
    if name in BUILTIN:
        return BUILTIN[name]
    if name.startswith("["):
        steps = ast.literal_eval(name)
        return lambda points: next((grade for limit, grade in steps if points <= limit), 0.0)
    if FORMULA.match(name):
        return lambda points: float(eval(name)) + points  # expect: DUR142
    module = importlib.import_module(f"exams_scales.{name}")  # expect: DUR142
    return module.scale
