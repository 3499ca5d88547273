"""Which line of the user's code is meant. Invariant: never a line of ours, nor of asyncio's.

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


@functools.lru_cache(maxsize=4_096)  # asked for every frame of every task that is made
def is_users_file(filename: str) -> bool:
    """Whether a file is neither ours nor asyncio's, contextlib's or anyio's."""
    return not (
        filename.startswith((_OWN, _ASYNCIO, "<frozen"))
        or filename == _CONTEXTLIB
        or any(part in filename for part in _ANYIO)
    )


def user_place(depth: int = 1, *, until: CodeType | None = None) -> Place | None:
    """The innermost place outside durable_async, asyncio, contextlib and anyio.

    depth: how many frames above the caller to begin. until: the code whose frame ends the
    search, with all that called it. None if there is no such frame.
    """
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None:
        code = frame.f_code
        if code is until:
            return None
        if is_users_file(code.co_filename):
            return code, frame.f_lasti
        frame = frame.f_back
    return None


def place_of(place: Place | None) -> str:
    """ "file:line" of a place; "" of None."""
    if place is None:
        return ""
    code, offset = place
    line = code.co_firstlineno
    for start, end, number in code.co_lines():
        if start <= offset < end:
            line = number if number is not None else line
            break
    return f"{code.co_filename}:{line}"


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
