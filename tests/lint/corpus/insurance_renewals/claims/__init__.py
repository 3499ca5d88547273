from claims.handling import handle_claim

__all__ = ["handle_claim"]
