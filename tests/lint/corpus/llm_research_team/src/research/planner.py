"""A lead agent that hands questions to researchers."""

import asyncio
import itertools
import random
from dataclasses import dataclass

import durable_async as da

from research import budget as money
from research.report import assemble, publish
from research.sources import SourceCatalog, search_index, summarise


@dataclass(frozen=True)
class Question:
    text: str
    topics: frozenset[str]


@da.activity(retry=da.RetryPolicy(max_attempts=4))
async def plan(goal: str) -> list[Question]:
    import anthropic

    reply = await anthropic.AsyncAnthropic().messages.create(
        model="claude-sonnet", max_tokens=800, messages=[{"role": "user", "content": goal}]
    )
    return [Question(line, frozenset(line.split())) for line in reply.content[0].text.splitlines()]


@da.orchestrator
async def researcher(question: Question, seed: int) -> str:
    catalog = SourceCatalog()
    rng = random.Random(seed)
    starting_points = rng.sample(catalog.roots(), k=2)
    found: list[str] = []
    for topic in question.topics:  # expect: DUR134
        found += await search_index(topic, starting_points)
    extra = random.choice(catalog.roots())  # expect: DUR111
    found += await search_index(question.text, [extra])
    notes = await asyncio.gather(*{catalog.annotate(f) for f in sorted(found)})  # expect: DUR134
    return "\n".join(notes)


@da.orchestrator
async def lead(goal: str, limit_cents: int) -> str:
    questions = await plan(goal)
    ledger = money.Ledger(limit_cents)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(researcher(q, seed)) for seed, q in enumerate(questions)]
    ledger.charge("researchers", 12 * len(tasks))
    ledger.charge_overhead()
    topics = set(itertools.chain.from_iterable(q.topics for q in questions))
    topics = sorted(topics)
    body = assemble(goal, topics, [task.result() for task in tasks])
    verdict = await money.approval(ledger)
    if not verdict:
        return ""
    print(f"{goal}: {len(body)} characters")  # expect: DUR143
    publish(body)  # expect: DUR133
    return body


async def dry_run(goal: str) -> str:
    """For notebooks: no durability wanted."""
    order = await plan.fn(goal)
    random.shuffle(order)
    print(order)
    return summarise.fn(order[0].text)
