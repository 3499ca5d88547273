from . import frames as fr
from .frames import Clip, Timecode, walk
from .probe import Probe as MediaProbe, probes

__all__ = ["Clip", "MediaProbe", "Timecode", "fr", "probes", "walk"]
