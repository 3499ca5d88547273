"""Tasking of the imaging constellation."""

from skyplan.mission import acquire_scene, station_keeping, watch_area
from skyplan.passes import PassPlanner as Planner

__all__ = ["Planner", "acquire_scene", "station_keeping", "watch_area"]
