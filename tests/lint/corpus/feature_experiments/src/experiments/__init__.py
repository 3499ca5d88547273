from experiments.rollout import ramp, run_experiment
from experiments.flags import Flag, FlagSet

__all__ = ["Flag", "FlagSet", "ramp", "run_experiment"]
