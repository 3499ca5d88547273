"""What works in asyncio works in an orchestrator, and works again when it is rebuilt.

Invariant: plain asyncio is the judge. Each construct runs as plain code, as an orchestrator
whose coroutine is kept, and as one that is rebuilt from history before every episode.
"""

import ast
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.loop import constructs
from tests.loop.constructs import CONSTRUCTS
from tests.loop.digest import digests
from tests.loop.durable import run_durable
from tests.loop.plain import run_plain
from tests.loop.steps import Construct

ROOT = Path(__file__).parents[2]

SEEDS = range(12)
HASH_SEEDS = ("0", "1", "2")

# What a construct may come to when a clock or another branch overtakes it.
OVERTAKEN = ("Declined", "TimeoutError", "InvalidStateError", "ValueError")

# Of each thing that the documentation promises, at least one construct makes use.
PROMISED = """
sleep timeout timeout_at reschedule wait_for gather wait as_completed TaskGroup create_task
shield Queue PriorityQueue LifoQueue join task_done Event Lock Condition Semaphore
BoundedSemaphore Barrier abort reset call_soon call_later call_at create_future Future
current_task all_tasks ContextVar copy_context AsyncExitStack asynccontextmanager aclosing
cancel cancelling uncancel cancelled add_done_callback remove_done_callback ensure_future
FIRST_COMPLETED FIRST_EXCEPTION create_task_group start_soon fail_after move_on_after
CancelScope CapacityLimiter create_memory_object_stream checkpoint
"""

each_construct = pytest.mark.parametrize(
    "construct", [pytest.param(construct, id=construct.name) for construct in CONSTRUCTS]
)


@each_construct
def test_an_orchestrator_does_what_plain_asyncio_does(construct: Construct) -> None:
    plain = run_plain(construct)
    durable = run_durable(construct)
    assert durable.failure is None
    assert durable.result == plain.result
    if construct.mark.ordered:
        assert durable.trace == plain.trace


@each_construct
def test_a_rebuilt_coroutine_does_what_a_kept_one_does(construct: Construct) -> None:
    assert run_durable(construct, rebuild=True) == run_durable(construct)


@each_construct
def test_any_order_of_completions_replays(construct: Construct) -> None:
    for seed in SEEDS:
        kept = run_durable(construct, seed=seed)
        assert kept.failure is None or kept.failure.type_name in OVERTAKEN
        assert run_durable(construct, seed=seed, rebuild=True) == kept


def test_the_orders_that_are_tried_are_many() -> None:
    (branches,) = (each for each in CONSTRUCTS if each.name.endswith("of_the_same_activity"))
    histories = {repr(run_durable(branches, seed=seed).history) for seed in SEEDS}
    assert len(histories) > len(SEEDS) / 2


@each_construct
def test_plain_asyncio_is_a_judge_that_does_not_change_its_mind(construct: Construct) -> None:
    first = run_plain(construct)
    for seed in range(1, 5):
        again = run_plain(construct, seed=seed)
        assert again.result == first.result
        if construct.mark.ordered:
            assert again.trace == first.trace


def test_the_traces_depend_on_no_hash_and_no_address_and_no_collection() -> None:
    processes = [_digests_under(seed) for seed in HASH_SEEDS]
    here = digests(collect=False)
    for process in processes:
        output, errors = process.communicate()
        assert process.returncode == 0, errors
        assert not errors, "nothing was left to the collector"
        there = json.loads(output)
        assert there.keys() == here.keys()
        assert [name for name in here if here[name] != there[name]] == []


def _digests_under(hash_seed: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.loop.digest"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_catalogue_holds_what_is_promised() -> None:
    used: set[str] = set()
    for module in constructs.MODULES:
        tree = ast.parse(inspect.getsource(module))
        used.update(node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    assert set(PROMISED.split()) - used == set()


def test_no_two_constructs_have_one_name() -> None:
    names = [construct.name for construct in CONSTRUCTS]
    assert len(set(names)) == len(names)
