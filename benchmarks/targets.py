"""What each figure should be. Invariant: a figure has one unit, one direction and one raw limit,
whoever measures it.

docs/reference/performance.md says what the workloads are and where the targets come from.
"""

from __future__ import annotations

from typing import Final

import attrs

__all__ = ["FIGURES", "LIMITS", "Figure", "Limit"]


@attrs.frozen(kw_only=True)
class Limit:
    """What the machine itself can do, measured in the same run."""

    name: str
    meaning: str
    unit: str


@attrs.frozen(kw_only=True)
class Figure:
    """One row of the table. first_step, goal: None where there is no target. limit: the name of
    the raw limit that it is compared with."""

    workload: str
    name: str
    meaning: str
    unit: str
    more_is_better: bool = True
    first_step: float | None = None
    goal: float | None = None
    limit: str | None = None

    def meets(self, value: float, target: float) -> bool:
        return value >= target if self.more_is_better else value <= target


LIMITS: Final = (
    Limit(name="commits", meaning="raw SQLite, one commit at a time", unit="/s"),
    Limit(name="group", meaning="raw SQLite, 64 rows a commit", unit="rows/s"),
    Limit(
        name="hops", meaning="raw SQLite, one commit at a time, each through a thread", unit="/s"
    ),
    Limit(name="steps", meaning="bare asyncio loop, one await after the other", unit="/s"),
    Limit(name="tasks", meaning="bare asyncio loop, gather over tasks", unit="/s"),
)


FIGURES: Final = (
    Figure(
        workload="W1",
        name="instances",
        meaning="500 instances of one activity, 50 in flight",
        unit="/s",
        first_step=2_000,
        goal=5_000,
        limit="commits",
    ),
    Figure(
        workload="W2",
        name="activities",
        meaning="one instance, 200 activities in a row",
        unit="/s",
        first_step=1_500,
        goal=3_000,
        limit="commits",
    ),
    Figure(
        workload="W2x",
        name="activities",
        meaning="one instance, 1,000 activities in a row",
        unit="/s",
        first_step=1_500,
        goal=3_000,
        limit="commits",
    ),
    Figure(
        workload="W3",
        name="seconds",
        meaning="one instance, 500 activities under gather",
        unit="s",
        more_is_better=False,
        first_step=0.10,
        goal=0.04,
    ),
    Figure(
        workload="W4",
        name="activities",
        meaning="100 instances of 10 activities in a row, all at once",
        unit="/s",
        first_step=5_000,
        goal=12_000,
        limit="group",
    ),
    Figure(
        workload="W5",
        name="deliveries",
        meaning="2,000 waiting instances, one event each",
        unit="/s",
        first_step=5_000,
        goal=10_000,
        limit="group",
    ),
    Figure(
        workload="W5",
        name="memory",
        meaning="memory of one waiting instance",
        unit="KiB",
        more_is_better=False,
        first_step=8,
        goal=4,
    ),
    Figure(
        workload="W5",
        name="idle",
        meaning="CPU while 2,000 instances wait, of one core",
        unit="%",
        more_is_better=False,
    ),
    Figure(
        workload="W6",
        name="seconds",
        meaning="kill -9 in the middle of W4: from the restart until all is done",
        unit="s",
        more_is_better=False,
        first_step=1.0,
        goal=0.5,
    ),
    Figure(
        workload="W6",
        name="again",
        meaning="activities that ran again after the kill",
        unit="",
        more_is_better=False,
    ),
    Figure(
        workload="W6",
        name="takeover",
        meaning="a worker is killed: until another one runs what it held",
        unit="s",
        more_is_better=False,
        first_step=2.0,
    ),
    Figure(
        workload="R",
        name="row",
        meaning="replay of 1,000 activities in a row",
        unit="events/s",
        first_step=100_000,
        goal=250_000,
        limit="steps",
    ),
    Figure(
        workload="R",
        name="parallel",
        meaning="replay of 1,000 activities under gather",
        unit="events/s",
        first_step=100_000,
        goal=250_000,
        limit="tasks",
    ),
    Figure(
        workload="R",
        name="timers",
        meaning="replay of 10,000 timers in a row",
        unit="events/s",
        first_step=100_000,
        goal=250_000,
        limit="steps",
    ),
    Figure(
        workload="I",
        name="import",
        meaning="import durable_async, over bare Python",
        unit="ms",
        more_is_better=False,
        first_step=120,
        goal=120,
    ),
    Figure(
        workload="I",
        name="use",
        meaning="import Client, Worker, activity, orchestrator",
        unit="ms",
        more_is_better=False,
        first_step=120,
        goal=120,
    ),
    Figure(
        workload="I",
        name="size",
        meaning="installed size with all dependencies",
        unit="MiB",
        more_is_better=False,
    ),
    Figure(
        workload="I",
        name="dependencies",
        meaning="distributions that it needs",
        unit="",
        more_is_better=False,
    ),
)
