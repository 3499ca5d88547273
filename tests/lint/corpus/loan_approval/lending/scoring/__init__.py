"""Scoring of applications: a card of points, a model, and an ensemble of both."""

from lending.scoring.ensemble import Ensemble
from lending.scoring.scorecard import Scorecard
from lending.scoring.statistical import ModelScorer

__all__ = ["Ensemble", "ModelScorer", "Scorecard", "default_scorer"]


def default_scorer(strict: bool) -> Ensemble:
    scorers = [Scorecard(minimum=620 if strict else 560), ModelScorer("gradient-4")]
    return Ensemble(scorers)
