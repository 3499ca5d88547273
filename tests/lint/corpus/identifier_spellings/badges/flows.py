"""Issues badges."""

import uuid

import durable_async as da

from . import issue
from .issue import Badge, Pass


@da.activity
async def print_badge(number: str) -> str:
    return f"{number}-{uuid.uuid4()}"


@da.orchestrator
async def issue_badge(owner: str) -> str:
    badge = Badge(owner)
    fixed = Badge(owner, da.uuid4())
    visitor = Pass(owner)
    text = issue.with_prefix("b", da.uuid4) + issue.stable(owner) + str(issue.parsed(fixed.number.hex))
    text += issue.aliased() + issue.short() + issue.fast() + issue.machine() + "".join(issue.several(2))
    reference = uuid.uuid4() if owner else da.uuid4()  # expect: DUR112
    await print_badge(str(badge.number))
    return f"{text} {visitor.number} {reference}"
