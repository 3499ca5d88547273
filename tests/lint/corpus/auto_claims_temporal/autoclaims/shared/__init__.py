from .money import Money, excess_for
from .state import ClaimState, transition

__all__ = ["ClaimState", "Money", "excess_for", "transition"]
