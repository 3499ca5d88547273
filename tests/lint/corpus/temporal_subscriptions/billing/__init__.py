"""Recurring billing for the self-serve plans."""

TASK_QUEUE = "billing"
