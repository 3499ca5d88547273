"""Encoder plugins. A plugin plans; the planned commands run in activities."""
from .base import EncoderPlugin, Segment, Task
from .registry import available, get

__all__ = ["EncoderPlugin", "Segment", "Task", "available", "get"]
