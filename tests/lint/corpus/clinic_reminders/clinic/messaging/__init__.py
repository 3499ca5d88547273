from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .templates import render as render

__all__ = ["render"]


def __getattr__(name: str) -> Any:
    if name == "render":
        from .templates import render

        return render
    raise AttributeError(name)
