from .loop import answer_ticket, triage_inbox
from .tools import TOOLS, tool

__all__ = ["TOOLS", "answer_ticket", "tool", "triage_inbox"]
