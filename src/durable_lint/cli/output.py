"""Where text goes. Invariant: no letter of somebody's source makes writing fail."""

import os
import sys
from collections.abc import Iterable
from io import TextIOWrapper
from typing import TextIO

from durable_lint.cli.refusal import Refused

__all__ = ["print_bytes", "print_lines", "tell", "write_file"]


def print_lines(lines: Iterable[str], stream: TextIO | None = None) -> None:
    """Write lines to a stream, standard output if none is given; escape what it cannot encode."""
    target = sys.stdout if stream is None else stream
    if isinstance(target, TextIOWrapper):
        target.reconfigure(errors="backslashreplace")
    target.write("".join(f"{line}\n" for line in lines))
    target.flush()


def print_bytes(data: bytes) -> None:
    """Write bytes to standard output as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def tell(lines: Iterable[str]) -> None:
    """Write lines for the person, beside what a program may read."""
    print_lines(lines, sys.stderr)


def write_file(path: str, data: bytes) -> None:
    """Write a file whole or not at all; who reads it meanwhile reads the old one or the new one.

    A link stays one, and so do the permissions. Raises: Refused when it cannot be written.
    """
    from tempfile import NamedTemporaryFile

    target = os.path.realpath(path)
    temporary = None
    try:
        with NamedTemporaryFile(
            dir=os.path.dirname(target), prefix=".durable-lint-", delete=False
        ) as file:
            temporary = file.name
            file.write(data)
        os.chmod(temporary, _mode(target))
        os.replace(temporary, target)
    except OSError as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        raise Refused(f"{path} cannot be written: {error.strerror or error}") from None


def _mode(path: str) -> int:
    """The permissions that the file has, or that a new one would have."""
    try:
        return os.stat(path).st_mode & 0o7777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
