"""`durable check` and `patches` on a store with live instances, before a deploy."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from typing import Any

import pytest

from durable_async.app import Client
from durable_async.testing import environment

from .conftest import Shop

pytestmark = pytest.mark.once  # processes are the same on each Python

URL = "sqlite:///durable.db"

RELEASED = """
import durable_async as da


@da.activity
async def reserve(order: str) -> str:
    return order


@da.activity
async def charge(order: str) -> str:
    return order


@da.orchestrator
async def checkout(order: str) -> str:
    await reserve(order)
    await da.wait_for_event("approved")
    return await charge(order)


@da.orchestrator
async def refund(order: str) -> None:
    await da.wait_for_event("approved")
"""

GOES_ON = RELEASED.replace("    return await charge(order)", "    return await reserve(order)")
BLOCKS = RELEASED.replace("    await reserve(order)\n", "    await charge(order)\n")
CHANGES = RELEASED.replace("    await reserve(order)\n", "    await reserve(order.upper())\n")
PATCHED = RELEASED.replace(
    "    await reserve(order)\n",
    '    if da.patched("reserve-later"):\n        pass\n    else:\n        await reserve(order)\n',
)
NO_REFUND = RELEASED.partition("@da.orchestrator\nasync def refund")[0]


def line_of(text: str, call: str) -> int:
    return 1 + next(n for n, line in enumerate(text.splitlines()) if call in line)


async def start_live(module: Any, **ids: str) -> None:
    """Instances that wait for their approval. ids: of each the orchestrator's name."""
    functions = [module.checkout, module.refund, module.reserve, module.charge]
    async with environment(functions, url=URL) as env:
        for each, name in ids.items():
            await env.client.start(getattr(module, name)("o-1"), id=each)
        await env.advance(0)


@pytest.fixture
def live(durable: Shop) -> Shop:
    """o1, o2 and o3 of checkout, and r1 of refund, all waiting; released.py has their code."""
    durable.write("released.py", RELEASED)
    sys.path.insert(0, str(durable.folder))
    released = importlib.import_module("released")
    asyncio.run(start_live(released, o1="checkout", o2="checkout", o3="checkout", r1="refund"))
    return durable


def test_code_that_fits_lets_all_go_on(live: Shop) -> None:
    for name, text in (("same.py", RELEASED), ("new.py", GOES_ON)):
        live.write(name, text)
        ended = live("check", name)
        assert (ended.code, ended.out, ended.err) == (0, "4 go on\n", "")


def test_what_would_block_is_named_with_both_lines_and_ends_with_1(live: Shop) -> None:
    file = live.write("new.py", BLOCKS)
    ended = live("check", "new.py")
    asks = line_of(BLOCKS, "await charge(order)")
    recorded = line_of(RELEASED, "await reserve(order)")
    assert ended.code == 1
    first, empty, *rest = ended.out.splitlines()
    named = ", ".join(f"{each} at new.py:{asks}" for each in ("o3", "o2", "o1"))
    assert first == f"1 goes on, 3 would block: {named}"
    assert (empty, rest[0]) == ("", "checkout would block")
    assert rest[1].split() == ["instances", "3:", "o3,", "o2,", "o1"]
    assert "activity 'reserve'" in rest[2] and rest[2].endswith(f"at released.py:{recorded}")
    assert "activity 'charge'" in rest[3] and rest[3].endswith(f"at new.py:{asks}")

    document = live("check", "new.py", "--json", "--limit", "1")
    assert document.code == 1
    (difference,) = document.document["differences"]
    assert (difference["count"], difference["ids"], difference["more"]) == (3, ["o3"], True)
    assert difference["line"] == f"{file}:{asks}"
    assert (document.document["go_on"], document.document["would_block"]) == (1, 3)


def test_a_check_changes_nothing(live: Shop) -> None:
    live.write("new.py", BLOCKS)
    before = live("list", "--json").document
    live("check", "new.py")
    assert live("list", "--json").document == before
    assert live("check", "released.py").code == 0


async def block(module: Any, instance_id: str) -> str:
    async with environment([module.checkout, module.reserve, module.charge], url=URL) as env:
        handle = env.client.handle(instance_id)
        await handle.raise_event("approved")
        await env.advance(0)
        return (await handle.state()).status


def test_instances_that_are_blocked_now_are_tried_too(live: Shop) -> None:
    live.write("new.py", BLOCKS)
    assert asyncio.run(block(importlib.import_module("new"), "o2")) == "BLOCKED"
    ended = live("check", "released.py")
    assert (ended.code, ended.out) == (0, "4 go on (1 of them blocked now)\n")
    stack = live("stack", "o2").out
    assert stack.startswith("o2: checkout, BLOCKED: mismatch at new.py:17\n")
    assert "at released.py:" in stack.splitlines()[1]


def test_other_arguments_are_a_warning_and_with_strict_a_failure(live: Shop) -> None:
    live.write("new.py", CHANGES)
    ended = live("check", "new.py")
    assert ended.code == 0
    assert ended.out.startswith("4 go on, 3 calls have other arguments\n")
    assert live("check", "new.py", "--strict").code == 1
    (change,) = live("check", "new.py", "--json").document["changed"]
    assert change["count"] == 3
    assert "activity 'reserve'" in change["change"]


def test_what_has_no_definition_here_is_told_and_no_failure(live: Shop) -> None:
    live.write("new.py", NO_REFUND)
    ended = live("check", "new.py")
    assert ended.code == 0
    assert ended.out.startswith("3 go on, 1 has no definition here\n")
    assert "no definition here of refund" in ended.out
    (missing,) = live("check", "new.py", "--json").document["undefined"]
    assert missing == {
        "orchestrator": "refund", "version": None, "count": 1, "ids": ["r1"], "more": False,
    }  # fmt: skip


def test_only_what_is_asked_for_is_checked(live: Shop) -> None:
    live.write("new.py", BLOCKS)
    assert live("check", "new.py", "--name", "refund").out == "1 goes on\n"
    assert live("check", "new.py", "--id-prefix", "r").out == "1 goes on\n"


def test_ended_instances_are_not_checked(live: Shop) -> None:
    live.write("new.py", BLOCKS)
    for each in ("o1", "o2", "o3"):
        live("terminate", each, "--yes")
    assert live("check", "new.py").out == "1 goes on\n"


def test_processes_share_the_work_and_find_the_same(live: Shop) -> None:
    live.write("new.py", BLOCKS)
    alone = live.ended("check", "new.py", "--json")
    shared = live.ended("check", "new.py", "--json", "--jobs", "2")
    assert alone.code == shared.code == 1
    assert shared.document == alone.document
    assert shared.err == alone.err == ""


def test_code_that_cannot_be_loaded_is_not_understood(live: Shop) -> None:
    ended = live("check", "nowhere.py")
    assert ended.code == 2
    assert "there is no file nowhere.py" in ended.err


# ---- replay ----------------------------------------------------------------------------------


def test_one_instance_is_replayed_strictly_also_when_it_has_ended(live: Shop) -> None:
    for name, text in (("new.py", BLOCKS), ("changed.py", CHANGES), ("other.py", NO_REFUND)):
        live.write(name, text)
    live("terminate", "o1", "--yes")
    for each in ("o1", "o2"):
        fits = live("replay", each, "released.py")
        assert (fits.code, fits.out) == (0, f"{each} fits this code\n")
        differs = live("replay", each, "new.py")
        asks = line_of(BLOCKS, "await charge(order)")
        assert differs.code == 1
        assert differs.out.startswith(f"{each} does not fit this code\n  history says  activity")
        assert f"at new.py:{asks}\n" in differs.out
        document = live("replay", each, "changed.py", "--json")
        assert document.code == 1
        assert document.document["fits"] is False
        assert "other arguments" in document.document["asked"]
    unknown = live("replay", "r1", "other.py")
    assert unknown.code == 1
    assert "orchestrator 'refund', which none of these modules defines" in unknown.err


# ---- patches ---------------------------------------------------------------------------------


async def start_patched(module: Any) -> None:
    async with environment([module.checkout, module.reserve, module.charge], url=URL) as env:
        await env.client.start(module.checkout("o-1"), id="n1")
        await env.advance(0)


def test_patches_say_who_needs_the_old_code_until_nobody_does(live: Shop) -> None:
    file = live.write("patched.py", PATCHED)
    patched = importlib.import_module("patched")
    asyncio.run(start_patched(patched))
    (told,) = live("patches", "patched.py", "--json").document["patches"]
    assert told == {
        "id": "reserve-later",
        "line": f"{file}:{line_of(PATCHED, 'da.patched')}",
        "took_new": 1,
        "need_old": {"count": 3, "ids": ["o3", "o2", "o1"], "more": False},
        "not_reached": 0,
        "unknown": 0,
        "removable": False,
    }
    page = live("patches", "patched.py").out
    assert "keep it" in page and "o3, o2, o1" in page
    for each in ("o1", "o2", "o3"):
        live("terminate", each, "--yes")
    assert "can be removed" in live("patches", "patched.py").out


def test_without_code_patches_tell_what_histories_say(live: Shop) -> None:
    live.write("patched.py", PATCHED)
    patched = importlib.import_module("patched")
    asyncio.run(start_patched(patched))
    ended = live("patches")
    assert ended.code == 0
    assert "reserve-later" in ended.out and "not known" in ended.out
    assert "give the modules" in ended.out


def test_a_store_without_patches_says_so(live: Shop) -> None:
    ended = live("patches", "released.py")
    assert ended.out == "no patches: 4 live instances, and none has one\n"


async def approve(instance_id: str) -> Any:
    async with Client(URL) as client:
        await client.handle(instance_id).raise_event("approved")
        return await client.handle(instance_id).wait(timeout=50)


def test_a_check_may_run_beside_a_worker(live: Shop) -> None:
    live.write("new.py", BLOCKS)
    with live.process("worker", "released.py", "--json") as worker:
        try:
            assert worker.stdout is not None
            json.loads(worker.stdout.readline())
            assert live.ended("check", "new.py").code == 1
            for each in ("o1", "o2", "o3", "r1"):
                assert asyncio.run(approve(each)).status == "COMPLETED"
            assert live.ended("check", "new.py").out == "0 go on\n"
        finally:
            worker.kill()
