"""Comes to the flow through two star imports and a cycle."""

import os
import random


def spool(name: str) -> str:
    from ..cycle import back

    return f"{name}-{random.random()}-{back(1)}"  # expect: DUR111


def unspool(name: str) -> str:
    return f"{name}-{random.random()}-{os.getpid()}"
