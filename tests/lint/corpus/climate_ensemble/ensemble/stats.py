import math
from functools import partial, reduce, singledispatch
from operator import itemgetter

import numpy as np
import pandas as pd

__all__ = ["summarise", "quantiles", "merge_frames", "load_mask", "render"]


def summarise(values):
    clean = [v for v in values if not math.isnan(v)]
    return {"mean": float(np.mean(clean)), "std": float(np.std(clean)), "n": len(clean)}


quantiles = partial(np.quantile, q=[0.05, 0.5, 0.95])


def merge_frames(frames):
    return reduce(lambda left, right: left.merge(right, on="time"), frames)


def load_mask(region):
    path = f"/data/masks/{region}.npy"
    return np.load(path)  # expect: DUR122


@singledispatch
def render(value):
    return repr(value)


@render.register
def _(value: float):
    return f"{value:.3f}"


@render.register(dict)
def _render_dict(value):
    frame = pd.DataFrame([value])
    frame.to_csv("/tmp/last.csv")  # expect: DUR122
    return ", ".join(f"{k}={render(v)}" for k, v in sorted(value.items(), key=itemgetter(0)))


@render.register(list)
def _render_list(value):
    return "[" + ", ".join(map(render, value)) + "]"


def _scratch(values):
    pd.Series(values).to_pickle("/tmp/series.pkl")
