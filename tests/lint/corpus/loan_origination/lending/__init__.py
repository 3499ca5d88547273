"""Retail lending: consumer loan origination."""
from .flows import originate_loan, refresh_offers

__all__ = ["originate_loan", "refresh_offers"]
