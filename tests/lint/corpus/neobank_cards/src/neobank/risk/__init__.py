from .policies import LimitPolicy, policy_for
from .scoring import score as risk_score

__all__ = ["LimitPolicy", "policy_for", "risk_score"]
