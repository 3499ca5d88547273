"""The worker vanishes at every commit point of the reference orchestrations: the results are those
of a run without crashes, and whatever was completed is not done again."""

from __future__ import annotations

import json
import random
from collections.abc import Container
from pathlib import Path
from typing import Any

import pytest
from tests.faults.constructs import CONSTRUCTS, PARTS
from tests.faults.kinds import NAMES, call_for, descendants_of, expected_result, functions
from tests.faults.ledger import Ended, Ledger, Reader, Run, Seen, Started, violations
from tests.faults.operators import Operator
from tests.faults.rounds import CUT, digest_of, labels_of_completed

import durable_async as da
from durable_async import testing
from durable_async.testing import Environment

pytestmark = pytest.mark.once  # the store is the same on each Python

Engines = pytest.mark.parametrize("engine", ["memory", "sqlite"])
Kinds = pytest.mark.parametrize("kind", [*NAMES, *CONSTRUCTS])


class Commits:
    """Asked after each commit of a step whether the worker is to vanish there, it looks at first at
    what has been stored.

    where: the numbers of the commits at which it vanishes; None: at all of them.
    """

    def __init__(
        self, env: Environment, ledger: Ledger, instance: str, where: Container[int] | None
    ) -> None:
        self._engine = env._engine
        self._ledger = ledger
        self._instance = instance
        self._where = where
        self._before: tuple[int, str] | None = None
        self.count = 0

    def __bool__(self) -> bool:
        self.count += 1
        self._look()
        return self._where is None or self.count in self._where

    def _look(self) -> None:
        if self._engine.records([self._instance])[0] is None:
            return
        history = self._engine.history(self._instance)
        labels = list(labels_of_completed(history))
        for each in descendants_of(self._instance):
            if self._engine.records([each])[0] is not None:
                labels += labels_of_completed(self._engine.history(each))
        prefix = None
        if self._before is not None and not self._instance.startswith(CUT):
            length = self._before[0]
            prefix = (length, digest_of(history[:length]))
        self._before = (len(history), digest_of(history))
        self._ledger.write(Seen(self._instance, *self._before, prefix, tuple(labels)))


async def run(kind: str, engine: str, folder: Path, *, where: Container[int] | None = None) -> int:
    """Runs one instance to its end, with crashes; after how many commits it had ended."""
    instance = f"{kind}-{engine}"
    ledger = Ledger(folder / "ledger")
    url = "sqlite://" if engine == "memory" else f"sqlite:///{folder / 'store.db'}"
    if kind in CONSTRUCTS:
        orchestrator, gives = CONSTRUCTS[kind]
        call, expected = orchestrator(instance), frozen(gives(instance))
    else:
        call, expected = call_for(instance), expected_result(instance)
    parts = [*PARTS, *(definition for definition, _ in CONSTRUCTS.values())]
    async with testing.environment([*functions(folder), *parts], url=url) as env:
        commits: Any = Commits(env, ledger, instance, where)
        env._crashes_at_commits = commits
        handle = await env.client.start(call, id=instance)
        ledger.write(Started(instance))
        result = await Operator(env.client, folder).see_through(handle)
        ledger.write(Ended(instance, json.loads(json.dumps(result))))
    records = Reader(folder / "ledger").read()
    assert list(violations(records, {instance: expected})) == []
    assert any(isinstance(record, Run) for record in records)
    return int(commits.count)


def frozen(value: Any) -> Any:
    return tuple(map(frozen, value)) if isinstance(value, list) else value


@Engines
@Kinds
async def test_with_a_crash_after_every_commit_the_result_is_the_same_and_nothing_is_done_again(
    kind: str, engine: str, tmp_path: Path
) -> None:
    assert await run(kind, engine, tmp_path) > 2


@Kinds
async def test_with_one_crash_anywhere_the_result_is_the_same_and_nothing_is_done_again(
    kind: str, tmp_path: Path
) -> None:
    number = commits = 1
    while number <= commits:
        folder = tmp_path / str(number)
        folder.mkdir()
        commits = await run(kind, "memory", folder, where=[number])
        number += 1
    assert number > 3


@pytest.mark.soak
@Engines
@Kinds
@pytest.mark.parametrize("seed", range(200))
async def test_with_crashes_here_and_there_the_result_is_the_same_and_nothing_is_done_again(
    kind: str, engine: str, seed: int, tmp_path: Path
) -> None:
    chance = random.Random(f"{kind} {seed}")
    share = chance.choice([0.1, 0.3, 0.6, 0.9])
    where = {number for number in range(1_000) if chance.random() < share}
    assert await run(kind, engine, tmp_path, where=where) > 2


async def test_a_crash_that_is_asked_for_comes(tmp_path: Path) -> None:
    """Else the tests above would show nothing."""
    began: list[int] = []

    @da.orchestrator
    async def flow() -> None:
        for number in range(3):
            began.append(number)
            await da.sleep(1)

    async with testing.environment([flow]) as env:
        commits: Any = Commits(env, Ledger(tmp_path / "ledger"), "flow", [3])
        env._crashes_at_commits = commits
        await (await env.client.start(flow(), id="flow")).result()
    assert began == [0, 1, 0, 1, 2]
