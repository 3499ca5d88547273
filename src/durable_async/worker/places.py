"""Which line of a running thread is the user's own. Invariant: a line of a library is given only if
there is none of an application's."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Container
from types import CodeType, FrameType
from typing import Final

from durable_async.lines import is_users_file, line_of_frame

__all__ = ["users_line"]


def users_line(frame: FrameType | None, until: Container[CodeType]) -> str:
    """ "file:line" of the innermost frame that is of no library; failing that, of the innermost
    that is not of Python's own library; else "".

    until: the search ends at a frame of one of these.
    """
    library: FrameType | None = None
    while frame is not None and frame.f_code not in until:
        file = frame.f_code.co_filename
        if not is_users_file(file):
            pass
        elif file.startswith(_LIBRARIES):
            library = library or frame
        else:
            return line_of_frame(frame)
        frame = frame.f_back
    return line_of_frame(library)


def _folders(*names: str) -> tuple[str, ...]:
    paths = (sysconfig.get_path(name) for name in names)
    return tuple(path.rstrip(os.sep) + os.sep for path in dict.fromkeys(paths) if path)


_LIBRARIES: Final = _folders("purelib", "platlib")
