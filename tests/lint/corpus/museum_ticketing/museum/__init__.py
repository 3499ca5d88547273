from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    from museum.visits import book_visit


def __getattr__(name: str) -> typing.Any:
    """Lazy exports keep the import of the kiosk fast."""
    import importlib

    if name == "book_visit":
        return importlib.import_module("museum.visits").book_visit
    raise AttributeError(name)
