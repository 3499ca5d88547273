"""The tree that `ast` would make, made from libcst's: for syntax newer than the running Python.

Invariant: for a file that both parsers take, the lowered tree equals `ast`'s, positions included
(within f-strings: those of Python 3.12 and later). What the running Python has no node for becomes
the nearest it has: type parameters are dropped, `type X = Y` is an assignment, a t-string is an
f-string. The only exception that leaves is SourceError.

libcst's parser is native code that dies of deep nesting, so that is looked for beforehand, and the
rest runs on a thread with a large stack.
"""

import ast
import re
import threading
import warnings
from typing import Final

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from durable_lint.lowering.statements import Statements
from durable_lint.model import SourceError

__all__ = ["lower"]

_STACK: Final = 256 * 1024 * 1024  # bytes; reserved, not used
_BRACKETS: Final = 200  # what Python's own tokenizer allows
_LINE: Final = 20_000  # characters; longer ones are data, and libcst's time grows as their square
_TOO_DEEP: Final = "cannot be parsed: it is nested too deeply"

# How large stacks are is one setting of the process: who changes it gives it back before the next.
_STARTING: Final = threading.Lock()

_ERROR_AT: Final = re.compile(r"error at (\d+):(\d+)")


def lower(path: str, text: str) -> ast.Module:
    """The tree of a file. Raises: SourceError for what libcst cannot parse either."""
    _refuse_what_would_crash(path, text)
    outcome: list[ast.Module | SourceError] = []
    worker = threading.Thread(target=lambda: outcome.append(_lowered(path, text)))
    with _STARTING:
        before = threading.stack_size(_STACK)
        try:
            worker.start()
        finally:
            threading.stack_size(before)
    worker.join()
    if not outcome:  # the thread died of something that is no Exception
        raise SourceError(path, 1, 1, "cannot be parsed")
    (found,) = outcome
    if isinstance(found, SourceError):
        raise found
    return found


def _refuse_what_would_crash(path: str, text: str) -> None:
    depth = 0
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > _LINE:
            raise SourceError(path, number, 1, "cannot be parsed: the line is too long")
        # Brackets in strings and comments count too: a file with two hundred of them is odd enough.
        for char in line:
            if char in "([{":
                depth += 1
                if depth > _BRACKETS:
                    raise SourceError(path, number, 1, _TOO_DEEP)
            elif char in ")]}":
                depth = max(depth - 1, 0)


def _lowered(path: str, text: str) -> ast.Module | SourceError:
    try:
        module = cst.parse_module(text)
        wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        positions = wrapper.resolve(PositionProvider)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Statements(module, positions, _lines(text)).module()
    except cst.ParserSyntaxError as error:
        return _syntax_error(path, text, error)
    except (RecursionError, MemoryError):
        return SourceError(path, 1, 1, _TOO_DEEP)
    except Exception as error:  # noqa: BLE001 - libcst fails in ways of its own on odd files
        return SourceError(path, 1, 1, f"cannot be parsed: {error}".splitlines()[0])


def _syntax_error(path: str, text: str, error: cst.ParserSyntaxError) -> SourceError:
    # The attributes hold the beginning of the line; the place itself is in the message only.
    place = _ERROR_AT.search(error.message)
    line, column = (int(place[1]), int(place[2])) if place else (error.raw_line, 1)
    line = max(1, min(line, text.rstrip().count("\n") + 1))
    return SourceError(path, line, max(column, 1), "syntax error: invalid syntax")


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
