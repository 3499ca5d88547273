"""Trainers are found by name; some dynamically."""

from __future__ import annotations

import importlib
import pickle
from typing import Any

TRAINERS: dict[str, type["Trainer"]] = {}


class Trainer:
    name = "base"

    def __init_subclass__(cls, **options: Any) -> None:
        TRAINERS[cls.name] = cls

    def plan(self, epochs: int) -> list[int]:
        return list(range(epochs))


class GradientTrainer(Trainer):
    name = "gradient"


def load(path: str) -> type[Trainer]:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)  # expect: DUR142


def restore(blob: bytes) -> Trainer:
    return pickle.loads(blob)  # expect: DUR142


def formula(text: str, epochs: int) -> int:
    return int(eval(text, {"epochs": epochs}))  # expect: DUR142


def dump(trainer: Trainer) -> bytes:
    """For the export command."""
    exec("import copyreg")
    return pickle.dumps(trainer)
