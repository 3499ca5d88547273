"""Payouts to merchants."""

from .accounts import Account
from .payouts import nightly_payouts, pay_merchant

__all__ = ["Account", "nightly_payouts", "pay_merchant"]
