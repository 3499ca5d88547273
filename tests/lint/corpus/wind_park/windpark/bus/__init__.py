from .core import EventBus, subscriber
from .events import BladeIced, CraneBooked, Event, GearboxHot, WindTooStrong

__all__ = ["BladeIced", "CraneBooked", "Event", "EventBus", "GearboxHot", "WindTooStrong", "subscriber"]
