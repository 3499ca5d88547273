"""Re-exports, so that callers write `from experiments.stats import lift`."""

from experiments.stats.bayes import posterior
from experiments.stats.frequentist import lift, z_score

__all__ = ["lift", "posterior", "z_score"]
