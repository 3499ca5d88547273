"""Imports what imports it."""

import os

from . import wrapping
from .inner.deep import spool


def back(depth: int) -> str:
    if depth > 3:
        return os.getcwd()  # expect: DUR125
    return forth(depth + 1)


def forth(depth: int) -> str:
    return back(depth) + wrapping.NAME


def never(depth: int) -> str:
    return spool(str(depth)) + str(os.getppid())
