"""Moderation queue of the chat product."""
from modq.cases import moderate, sweep_channel
from modq.entities import Reputation, StrikeBook

__all__ = ["Reputation", "StrikeBook", "moderate", "sweep_channel"]
