from __future__ import annotations

from hiring.agents.llm import Screener, Summariser
from hiring.agents.prompts import PROMPTS, render

__all__ = ["PROMPTS", "Screener", "Summariser", "render"]
