"""`durable entities`, as processes on one file."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

import durable_async as da

from .conftest import Shop
from .test_processes import working

URL = "sqlite:///durable.db"

BANK = """
from __future__ import annotations

import attrs

import durable_async as da


@da.entity(name="account")
@attrs.define
class Account:
    cents: int = 0

    def deposit(self, cents: int, note: str = "") -> int:
        self.cents += cents
        return self.cents

    def close(self) -> None:
        da.delete_entity()


@da.orchestrator
async def holds(key: str) -> None:
    async with da.lock(da.entity_ref(Account, key)):
        await da.wait_for_event("go")
"""


def until(shop: Shop, key: str, **wanted: Any) -> dict[str, Any]:
    """What is shown of an account, once it is so."""
    deadline = time.monotonic() + 50
    while time.monotonic() < deadline:
        ended = shop("entities", "show", "account", key, "--json")
        if ended.code == 0:
            found: dict[str, Any] = ended.document
            if all(found[name] == value for name, value in wanted.items()):
                return found
    raise AssertionError(f"account {key} never came to {wanted}")


def test_entities_are_signalled_listed_and_shown_from_other_processes(durable: Shop) -> None:
    durable.write("bank.py", BANK)
    sent = durable.ended("entities", "signal", "account", "c-1", "deposit", "--arg", "250")
    assert (sent.code, sent.out) == (0, "signalled deposit to account c-1\n")
    queued = durable.ended("entities", "show", "account", "c-1", "--json").document
    assert (queued["state"], queued["queued"], queued["locked_by"]) == (None, 1, None)
    with working(durable, "bank.py"):
        checked = durable.ended(
            "entities", "signal", "bank.py:Account", "c-2", "deposit",
            "--arg", "7", "--arg", '"first"', "--json",
        )  # fmt: skip
        assert checked.document == {
            "type": "account",
            "key": "c-2",
            "operation": "deposit",
            "arguments": [7, "first"],
        }
        until(durable, "c-1", state={"cents": 250}, queued=0)
        until(durable, "c-2", state={"cents": 7}, queued=0)
        durable.ended("start", "holds", "--arg", '"c-2"', "--id", "keeper")
        locked = until(durable, "c-2", locked_by="keeper")
    assert set(locked) == {"type", "key", "state", "updated_at", "queued", "locked_by"}
    assert locked["updated_at"].endswith("Z")

    listed = durable.ended("entities", "list", "--json").document
    assert [each["key"] for each in listed["entities"]] == ["c-1", "c-2"]
    assert (listed["entities"][1], listed["more"]) == (locked, False)
    page = durable.ended("entities", "list").out
    titles = ("TYPE", "KEY", "STATE", "UPDATED", "QUEUED", "LOCKED BY")
    assert [page.index(title) for title in titles] == sorted(page.index(title) for title in titles)
    assert '{"cents": 250}' in page and page.splitlines()[2].endswith("keeper")
    shown = durable.ended("entities", "show", "account", "c-2").out
    assert shown.startswith('account c-2\n  state      {"cents": 7}\n')
    assert shown.endswith("  queued     0\n  locked by  keeper\n")


def test_a_worker_says_which_entities_it_takes(durable: Shop) -> None:
    durable.write("bank.py", BANK)
    with durable.process("worker", "bank.py", "--json") as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        process.kill()
    assert ready["entities"] == ["account"]
    assert [each["name"] for each in ready["orchestrators"]] == ["holds"]
    with durable.process("worker", "bank.py") as process:
        assert process.stdout is not None
        banner = [process.stdout.readline() for _ in range(7)]
        process.kill()
    assert banner[-1].split() == ["entities", "account"]
    assert "every orchestrator, activity and entity" in durable("worker", "--help").out


def test_what_waits_for_a_lock_says_who_holds_it(durable: Shop) -> None:
    durable.write("bank.py", BANK)
    durable.ended("start", "holds", "--arg", '"c-1"', "--id", "keeper")
    with working(durable, "bank.py"):
        until(durable, "c-1", locked_by="keeper")
        durable.ended("start", "holds", "--arg", '"c-1"', "--id", "late")
        deadline = time.monotonic() + 50
        while "held by" not in (stack := durable("stack", "late").out):
            assert time.monotonic() < deadline, stack
    assert "  lock account 'c-1' at bank.py:24, held by keeper\n" in stack
    assert "held by keeper" in durable("show", "late").out
    (pending,) = durable("show", "late", "--json").document["pending"]
    assert pending["held_by"] == "keeper"


async def an_empty_store() -> None:
    @da.orchestrator
    async def nothing() -> None: ...

    async with da.Client(URL) as client:
        await client.start(nothing(), id="makes the store")


def test_lists_are_of_a_type_of_a_prefix_and_of_a_length(durable: Shop) -> None:
    durable.write("bank.py", BANK)
    for key in ("a-1", "a-2", "b-1"):
        durable("entities", "signal", "account", key, "deposit", "--arg", "1")
    with working(durable, "bank.py"):
        for key in ("a-1", "a-2", "b-1"):
            until(durable, key, queued=0)

    def keys(*options: str) -> list[str]:
        found = durable("entities", "list", *options, "--json").document["entities"]
        return [each["key"] for each in found]

    assert keys() == keys("--type", "account") == keys("--limit", "0") == ["a-1", "a-2", "b-1"]
    assert keys("--key-prefix", "a-") == ["a-1", "a-2"]
    assert keys("--type", "basket") == []
    some = durable("entities", "list", "--limit", "2", "--json")
    assert (len(some.document["entities"]), some.document["more"]) == (2, True)
    assert "--limit 0 shows all" in some.err
    assert durable("entities", "list", "--type", "basket").out == "no entities\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["show", "account", "c-9"], 1, "there is no entity account 'c-9' in this namespace"),
        (["show", "account", "k" * 256], 2, "at most 255 characters"),
        (["signal", "bank.py:Account", "k", "add"], 2, "no operation 'add'"),
        (
            ["signal", "bank.py:Account", "k", "deposit", "--arg", '"much"'],
            2,
            "It takes deposit(cents: int, note: str = '') -> int",
        ),
        (["signal", "bank.py:Account", "k", "deposit"], 2, "do not fit account.deposit"),
        (["signal", "bank.py:holds", "k", "deposit"], 2, "bank.py:holds is no entity"),
        (["signal", "account", "k", "deposit", "--arg", "x"], 2, "'x' is no JSON"),
    ],
)
def test_what_cannot_be_done_to_an_entity_is_refused(
    durable: Shop, arguments: list[str], code: int, words: str
) -> None:
    durable.write("bank.py", BANK)
    asyncio.run(an_empty_store())
    ended = durable("entities", *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert words in ended.err
    if code == 1:
        refused = durable("entities", *arguments, "--json").document["error"]
        assert refused["type_name"] == "EntityNotFound"
