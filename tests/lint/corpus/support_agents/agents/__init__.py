"""Support agents: a model, its tools and its memory."""

from .loop import *
from .tools import TOOLS, Tool, tool

__all__ = ["TOOLS", "Tool", "tool", "answer_ticket", "supervise"]
