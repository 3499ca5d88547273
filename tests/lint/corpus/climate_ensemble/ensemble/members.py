import numpy as np
import pandas as pd
from dataclasses import dataclass

DEFAULT_RNG = np.random.default_rng(20240101)


@dataclass
class Member:
    index: int
    seed: int
    forcing: str = "ssp245"

    def generator(self):
        return np.random.default_rng(self.seed)

    def label(self):
        return f"m{self.index:03d}-{self.forcing}"


def perturb(member, grid):
    """Seeded, so the same member always gets the same grid."""
    rng = member.generator()
    return grid + rng.normal(0, 1e-4, size=grid.shape)


def bootstrap(values, n):
    rng = np.random.default_rng()  # expect: DUR111
    picks = rng.choice(values, size=(n, len(values)))
    return picks.mean(axis=1)


def shuffle_members(members):
    order = np.arange(len(members))
    np.random.shuffle(order)  # expect: DUR111
    return [members[i] for i in order]


def stamp(frame):
    frame = frame.copy()
    frame["created"] = pd.Timestamp.now(tz="UTC")  # expect: DUR101
    return frame


def year_range(start, end):
    return pd.date_range(pd.Timestamp(start), pd.Timestamp(end), freq="MS")


def jitter(values):
    """For plots only."""
    return values + np.random.rand(len(values)) * 0.01
