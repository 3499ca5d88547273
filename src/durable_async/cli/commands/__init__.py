"""The commands. Invariant: each is listed here, in the order in which one meets them, and loaded
only when it is asked for: the list is to come at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final, NamedTuple

import click

__all__ = ["COMMANDS", "Entry"]


class Entry(NamedTuple):
    """A command in the list. module: where in this package it is. help: its first sentence."""

    module: str
    attribute: str
    help: str

    def load(self) -> click.Command:
        command: click.Command = getattr(import_module(f"{__name__}.{self.module}"), self.attribute)
        return command


COMMANDS: Final = {
    "run": Entry("run", "run", "Run one orchestrator to its end, and print its result."),
    "worker": Entry("worker", "worker", "Run what modules define, until SIGINT or SIGTERM."),
    "start": Entry("start", "start", "Start an instance, which a worker will run."),
    "list": Entry("questions", "list_instances", "List instances, newest first."),
    "show": Entry("questions", "show", "Show how it stands, what it waits for, why it failed."),
    "history": Entry("questions", "history", "Show what happened to it, oldest first."),
    "stack": Entry("questions", "stack", "Show where in the code it waits, and for what."),
    "raise": Entry("messages", "raise_event", "Send it an external event."),
    "ask": Entry("messages", "ask", "Ask it something, and print its answer."),
    "cancel": Entry("verbs", "cancel", "Ask it to cancel itself; its code may clean up first."),
    "terminate": Entry("verbs", "terminate", "End it at once."),
    "suspend": Entry("verbs", "suspend", "Pause it: none of its code runs until it is resumed."),
    "resume": Entry("verbs", "resume", "Let a suspended one go on."),
    "rewind": Entry("verbs", "rewind", "Let a failed one go on from before its failure."),
    "restart": Entry("verbs", "restart", "Start an ended one anew, with the same input."),
    "purge": Entry("purge", "purge", "Take ended ones out of the store, for good."),
    "replay": Entry("replay", "replay", "Say whether one instance, live or ended, fits this code."),
    "check": Entry("check", "check", "Say which live instances this code would block."),
    "patches": Entry("patches", "patches", "Say which patches live instances still need."),
    "schedules": Entry("schedules", "schedules", "Start orchestrators whenever it is time."),
    "entities": Entry("entities", "entities", "Read entities, and send them signals."),
}
