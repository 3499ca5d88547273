"""Ensembles of regional climate runs."""
from .members import Member, perturb
from .stats import *  # noqa: F403
