"""Monte Carlo estimates."""

import pickle
from collections.abc import Sequence

import joblib
import numpy as np
from numpy.random import default_rng

_PRIOR = (1.0, 1.0)


def posterior(control: Sequence[float], treated: Sequence[float], draws: int = 4_000) -> float:
    """The chance that treated beats control."""
    a = np.random.beta(_PRIOR[0] + sum(control), _PRIOR[1] + len(control), draws)  # expect: DUR111
    b = default_rng().beta(_PRIOR[0] + sum(treated), _PRIOR[1] + len(treated), draws)  # expect: DUR111
    return float((b > a).mean())


def posterior_seeded(control: Sequence[float], treated: Sequence[float], seed: int) -> float:
    rng = np.random.default_rng(seed)
    a = rng.beta(1 + sum(control), 1 + len(control), 4_000)
    b = rng.beta(1 + sum(treated), 1 + len(treated), 4_000)
    return float((b > a).mean())


def bootstrap(samples: list[list[float]]) -> list[float]:
    return joblib.Parallel(n_jobs=2)(joblib.delayed(np.mean)(sample) for sample in samples)  # expect: DUR131


def restore(blob: bytes) -> dict[str, list[float]]:
    return pickle.loads(blob)  # expect: DUR142
