"""First notice of loss: from the caller's report to a reserve."""

from .flow import handle_loss, reopen_claim
from .schemas import LossReport, Note, Peril, Policy, Reserve

__all__ = ["LossReport", "Note", "Peril", "Policy", "Reserve", "handle_loss", "reopen_claim"]
