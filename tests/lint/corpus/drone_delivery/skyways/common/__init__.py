from .backoff import Backoff, poll
from .geo import Position, detour, distance_m
from .metrics import Metrics, metrics

__all__ = ["Backoff", "Metrics", "Position", "detour", "distance_m", "metrics", "poll"]
