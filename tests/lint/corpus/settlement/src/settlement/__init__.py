"""Settlement of merchants: collect, net, pay out, report."""

from settlement.durable import step, workflow
from settlement.orchestration import close_day, settle_merchant

__all__ = ["close_day", "settle_merchant", "step", "workflow"]
