"""Which line of the user's code is meant. Invariant: never a line of ours, nor of Python's own
library, nor of whoever runs the loop of an orchestrator.

A place is kept as the frame's code and instruction, and turned into "file:line" only when
somebody reads it: the lookup costs more than the step that it describes.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import sys
from pathlib import Path
from types import CodeType, FrameType
from typing import Final

__all__ = [
    "Place",
    "from_here",
    "is_machinery",
    "is_own_file",
    "is_users_file",
    "line_of_error",
    "line_of_frame",
    "place_of",
    "user_place",
]

Place = tuple[CodeType, int]
"""A code object and the offset of an instruction in it."""

_OWN: Final = __file__.removesuffix("lines.py")
_ASYNCIO: Final = asyncio.__file__.removesuffix("__init__.py")
_CONTEXTLIB: Final = contextlib.__file__
_ANYIO: Final = ("/anyio/", "\\anyio\\")
_STANDARD_LIBRARY: Final = _CONTEXTLIB.removesuffix("contextlib.py")
_INSTALLED: Final = ("site-packages", "dist-packages")
"""Folders that may lie within the standard library, and are not of it."""

_MACHINERY: Final = ("durable_async.", "asyncio.")
"""How the names of modules begin that are looked at no further."""

_LOOP: Final = "durable_async.core.loop"
_EDGE: Final = "_run_ready"
"""The function of an orchestrator's loop that runs its code: what called that is no part of it."""


@functools.lru_cache(maxsize=4_096)
def is_own_file(filename: str) -> bool:
    """Whether a file is of durable_async."""
    return filename.startswith(_OWN)


@functools.lru_cache(maxsize=4_096)
def is_machinery(filename: str) -> bool:
    """Whether a file is ours, asyncio's, contextlib's or anyio's: what runs the user's code."""
    return (
        filename.startswith((_OWN, _ASYNCIO, "<frozen"))
        or filename == _CONTEXTLIB
        or any(part in filename for part in _ANYIO)
    )


@functools.lru_cache(maxsize=4_096)  # asked for every frame of every task that is made
def is_users_file(filename: str) -> bool:
    """Whether a file is no machinery, and none of Python's standard library."""
    return not is_machinery(filename) and (
        not filename.startswith(_STANDARD_LIBRARY)
        or filename[len(_STANDARD_LIBRARY) :].startswith(_INSTALLED)
    )


def user_place(depth: int = 1) -> Place | None:
    """The innermost place of the user's code; inside an orchestrator, within that.

    depth: how many frames above the caller to begin. None if there is no such frame.
    """
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None:
        # Reading a frame's code is an event that is audited, and costs ten times as much.
        module = frame.f_globals.get("__name__", "")
        if module == _LOOP or not module.startswith(_MACHINERY):
            code = frame.f_code
            if module == _LOOP:
                if code.co_name == _EDGE:
                    return None
            elif is_users_file(code.co_filename):
                return code, frame.f_lasti
        frame = frame.f_back
    return None


def place_of(place: Place | None) -> str:
    """ "file:line" of a place; "" of None."""
    if place is None:
        return ""
    code, offset = place
    return f"{code.co_filename}:{_line_number(code, offset)}"


@functools.lru_cache(maxsize=4_096)  # asked for with each command, and there are few places
def _line_number(code: CodeType, offset: int) -> int:
    line = code.co_firstlineno
    for start, end, number in code.co_lines():
        if start <= offset < end:
            return number if number is not None else line
    return line


def line_of_frame(frame: FrameType | None) -> str:
    """ "file:line" where a suspended frame stands; "" of None."""
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame is not None else ""


def line_of_error(error: BaseException) -> str:
    """ "file:line" of the user's innermost frame in its traceback; "" if there is none."""
    line, traceback = "", error.__traceback__
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if is_users_file(file):
            line = f"{file}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return line


def from_here(line: str) -> str:
    """A "file:line" for people: seen from the current folder, where that is shorter."""
    file, colon, number = line.rpartition(":")
    if not Path(file).is_absolute():
        return line
    try:
        near = os.path.relpath(file)
    except (ValueError, OSError):  # on another drive; or the current folder is gone
        return line
    return f"{near}{colon}{number}" if len(near) < len(file) else line
