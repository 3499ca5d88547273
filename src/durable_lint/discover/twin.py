"""A twin is a copy of this process that glances at some files while this one does at the others.

Invariant: what comes out is what one process alone sees. Where there can be no twin, or nothing
comes of it, there is none: a second processor is no reason to fail.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NoReturn

from durable_lint.discover.files import Stamp
from durable_lint.discover.prefilter import Glance, scan

__all__ = ["LARGE", "scan_together"]

# With less than so many bytes to look at, to make a twin takes longer than it helps.
LARGE: Final = 8_000_000
# What the twin looks at. The other process has more to do meanwhile.
_SHARE: Final = 0.6


def scan_together(
    stamps: Mapping[str, Stamp],
    words: Sequence[bytes],
    meanwhile: Callable[[], None],
) -> dict[str, Glance]:
    """A glance at each file, as `scan` gives it.

    meanwhile: prepares for what comes next, while the twin is at work.
    """
    if not _can_have_a_twin(stamps):
        return scan(stamps, words)
    own, others = _shared_out(stamps)
    reading, writing = os.pipe()
    twin = os.fork()
    if twin == 0:
        os.close(reading)
        _be_the_twin(others, words, writing)
    os.close(writing)
    try:
        with open(reading, "rb") as answer:
            glances = scan(own, words)
            meanwhile()
            data = answer.read()
    finally:
        _, status = os.waitpid(twin, 0)
    return glances | (scan(others, words) if status else _read(data))


def _can_have_a_twin(stamps: Mapping[str, Stamp]) -> bool:
    if sys.platform != "linux" or sum(stamp.size for stamp in stamps.values()) < LARGE:
        return False
    return len(os.sched_getaffinity(0)) > 1 and _has_one_thread()


def _has_one_thread() -> bool:
    """A copy of a process has none of its other threads, but whatever they hold locked."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def _shared_out(
    stamps: Mapping[str, Stamp],
) -> tuple[dict[str, Stamp], dict[str, Stamp]]:
    """The files of this process, which come first, and those of the twin."""
    left = sum(stamp.size for stamp in stamps.values()) * (1 - _SHARE)
    own: dict[str, Stamp] = {}
    others: dict[str, Stamp] = {}
    for path, stamp in stamps.items():
        (own if left > 0 else others)[path] = stamp
        left -= stamp.size
    return own, others


def _be_the_twin(stamps: Mapping[str, Stamp], words: Sequence[bytes], writing: int) -> NoReturn:
    """Look, tell, and end without a word, whatever happens: the other one looks itself then."""
    status = 1
    try:
        seen = [
            (path, marked, suppresses, imports, sorted(plain))
            for path, (marked, suppresses, imports, plain) in scan(stamps, words).items()
        ]
        with open(writing, "wb") as answer:
            answer.write(json.dumps(seen, separators=(",", ":")).encode())
        status = 0
    finally:
        os._exit(status)


def _read(data: bytes) -> dict[str, Glance]:
    """What the twin saw."""
    return {
        path: Glance(marked, suppresses, tuple(map(tuple, imports)), frozenset(plain))
        for path, marked, suppresses, imports, plain in json.loads(data)
    }
