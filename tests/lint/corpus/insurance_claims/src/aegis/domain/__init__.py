from .claim import Claim, ClaimId, Damage
from .money import Money, zero

__all__ = ["Claim", "ClaimId", "Damage", "Money", "zero"]
