"""Tool-using chat assistant, one durable instance per conversation."""

from .agent import chat_agent, resume_chat
from .tools import call_model, fetch_page, run_sql

__all__ = ["call_model", "chat_agent", "fetch_page", "resume_chat", "run_sql"]
