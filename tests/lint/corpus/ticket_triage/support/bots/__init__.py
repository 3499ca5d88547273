"""Bots, by name."""

from .base import Bot, BotContext
from .refunds import RefundBot
from .smalltalk import SmallTalkBot

BOTS: dict[str, type[Bot]] = {"refunds": RefundBot, "smalltalk": SmallTalkBot}

__all__ = ["BOTS", "Bot", "BotContext", "RefundBot", "SmallTalkBot"]
