"""Points for purchases."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .programme import close_year, earn_points

__all__ = ["close_year", "earn_points"]


def __getattr__(name: str):
    if name in __all__:
        from importlib import import_module

        return getattr(import_module(".programme", __name__), name)
    raise AttributeError(name)
