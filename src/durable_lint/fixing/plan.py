"""What one finding's fix would do. Invariant: a plan is whole; half of one is never carried out."""

from typing import NamedTuple

from durable_lint.fixing.edits import Edit

__all__ = ["Plan"]


class Plan(NamedTuple):
    """edits: of the code itself. imports: modules that must be imported for them."""

    edits: tuple[Edit, ...]
    imports: frozenset[str] = frozenset()
