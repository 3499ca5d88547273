"""Card issuing for retail customers."""

from .models import Authorization, Decision, Tier

__all__ = ["Authorization", "Decision", "Tier"]
