"""Work on trees without Python's collector of cycles. Invariant: afterwards it is as it was."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["without_collector"]


@contextmanager
def without_collector() -> Iterator[None]:
    """Trees are large and have no cycles: looking for some takes a quarter of the time or more."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
