"""Claims of the motor insurance."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .flows import adjust_claim

__all__ = ["adjust_claim"]


def __getattr__(name: str) -> Any:
    if name == "adjust_claim":
        from .flows import adjust_claim

        return adjust_claim
    raise AttributeError(name)
