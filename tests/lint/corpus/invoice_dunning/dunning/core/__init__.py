from dunning.core.base import Outcome, Stage, StageError
from dunning.core.mixins import *  # noqa: F403
from dunning.core.money import Money, percent, rounded

__all__ = ["Outcome", "Stage", "StageError", "Auditable", "Numbered", "Stamped", "Money", "percent", "rounded"]
