"""Commands on a real store: what they answer people and programs, and how they refuse."""

from __future__ import annotations

import asyncio
import base64
import codecs
import io
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import pytest

import durable_async as da
from durable_async import app
from durable_async.cli.calls import named
from durable_async.cli.commands import COMMANDS
from durable_async.model.payload import Payload

from .conftest import Ended, Shop

INSTANCE_KEYS = {
    "id", "execution_id", "name", "version", "status", "custom_status", "input", "output",
    "failure", "created_at", "updated_at", "completed_at", "parent_id", "tags",
    "history_length", "pending", "waiting_for", "blocked", "suspended", "reason", "start_at",
}  # fmt: skip


def assert_refused(ended: Ended, code: int, kind: str, *words: str) -> None:
    """It failed with one line for people, and no traceback."""
    assert ended.code == code
    assert ended.out == ""
    assert ended.err.startswith("durable: ")
    assert "Traceback" not in ended.err
    for word in words:
        assert word in ended.err


# ---- run -------------------------------------------------------------------------------------


def test_run_prints_the_result(durable: Shop) -> None:
    ended = durable("run", "shop.py:checkout", "--arg", '"o-1"', "--arg", "[100, 250]")
    assert ended == Ended(0, '["o-1/100", "o-1/250"]\n', "")


def test_run_makes_the_store_that_other_commands_look_at(durable: Shop) -> None:
    url = "sqlite:///other%20place.db"
    arguments = ("--arg", '"o-1"', "--arg", "[100]", "--url", url, "--namespace", "sales")
    document = durable("run", "shop.py:checkout", *arguments, "--json").document
    assert document["output"] == ["o-1/100"]
    assert (durable.folder / "other place.db").exists()
    shown = durable("show", document["id"], "--url", url, "--namespace", "sales", "--json")
    assert shown.document["status"] == "COMPLETED"
    assert shown.document["output"] == ["o-1/100"]
    assert durable("show", document["id"], "--url", url).code == 1  # another namespace


def test_run_with_an_id_gives_a_recorded_outcome_again(durable: Shop) -> None:
    first = ("run", "shop.py:checkout", "--arg", '"o-1"', "--arg", "[100]", "--id", "one", "--json")
    assert durable(*first).document == {"id": "one", "output": ["o-1/100"]}
    again = ("run", "shop.py:checkout", "--arg", '"o-2"', "--arg", "[7]", "--id", "one", "--json")
    assert durable(*again).document == {"id": "one", "output": ["o-1/100"]}


def test_arguments_come_from_files_and_from_standard_input(
    durable: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    durable.write("items.json", "[100,\n 250]\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO('"o-1"'))
    ended = durable("run", "shop.py:checkout", "--arg", "-", "--arg", "@items.json")
    assert ended.out == '["o-1/100", "o-1/250"]\n'


def test_a_failed_instance_is_told_with_its_traceback_and_exit_code_1(durable: Shop) -> None:
    ended = durable("run", "shop.py:checkout", "--arg", '"o-1"', "--arg", "[5000]")
    assert ended.code == 1
    assert ended.out == ""
    assert "shop.DeclinedError: o-1 has no 5000 cents" in ended.err
    assert 'shop.py", line' in ended.err
    assert ended.err.splitlines()[-1] == (
        "durable: checkout failed: shop.DeclinedError: o-1 has no 5000 cents"
    )


def test_a_failed_instance_is_one_document_for_programs(durable: Shop) -> None:
    ended = durable("run", "shop.py:checkout", "--arg", '"o-1"', "--arg", "[5000]", "--json")
    assert ended.code == 1
    error = ended.document["error"]
    assert error["type_name"] == "shop:DeclinedError"
    assert error["failure"]["message"] == "o-1 has no 5000 cents"
    assert error["failure"]["activity"] == "charge"


def test_a_failed_instance_shows_why(durable: Shop) -> None:
    durable("run", "shop.py:checkout", "--arg", '"o-1"', "--arg", "[5000]", "--id", "one")
    shown = durable("show", "one")
    assert shown.code == 0
    assert "shop.DeclinedError: o-1 has no 5000 cents" in shown.out
    assert "FAILED" in shown.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["shop.py:checkot"], ["Did you mean checkout?"]),
        (["shp.py:checkout"], ["there is no file shp.py", "shop.py"]),
        (["shop.py:checkout"], ["the arguments do not fit checkout", "order"]),
        (["shop.py:checkout", "--arg", "o-1"], ["'o-1' is no JSON", "write '\"o-1\"'"]),
        (["shop.py:checkout", "--arg", "NaN"], ["'NaN' is no JSON"]),
        (["shop.py:checkout", "--arg", "@none.json"], ["none.json cannot be read"]),
        (
            ["shop.py:checkout", "--arg", "1", "--arg", "[]"],
            ["do not fit checkout: argument 'order' of checkout is 1 (int)", "items: list[int]"],
        ),
        (["shop.py:checkout", *["--arg", '"x"'] * 3], ["do not fit checkout"]),
        (["shop.py:checkout", "--id", ""], ["--id", "must not be empty"]),
        (["shop.py:checkout", "--id", "x" * 256], ["at most 255 characters"]),
        (["shop.py:checkout", "--id", "a\nb"], ["control character"]),
        (["shop.py:checkout", "--url", "redis://x"], ["redis"]),
        (["shop.py:checkout", "--url", "shop.db"], ["shop.db"]),
        (["shop.py:checkout", "--nonsense"], ["No such option", "Usage: durable run"]),
        ([], ["Missing argument", "Usage: durable run"]),
    ],
    ids=lambda value: " ".join(value)[:40] or "nothing",
)
def test_what_cannot_be_meant_ends_with_2_and_stores_nothing(
    arguments: list[str], words: list[str], durable: Shop
) -> None:
    before = set(durable.folder.iterdir())
    assert_refused(durable("run", *arguments), 2, "UsageError", *words)
    document = durable("run", *arguments, "--json")
    assert document.code == 2
    assert set(document.document) == {"error"}
    made = {file.name for file in set(durable.folder.iterdir()) - before}
    assert made <= {"__pycache__"}


def test_debug_shows_the_traceback(durable: Shop) -> None:
    ended = durable("show", "one", "--debug")
    assert ended.code == 1
    assert "Traceback" in ended.err
    assert ended.err.splitlines()[-1].startswith("durable: there is no store")


def test_a_mistake_of_ours_is_an_error_for_programs_and_a_traceback_for_people(
    durable: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise LookupError("a bug")

    monkeypatch.setattr(app.Client, "list", broken)
    durable("start", "checkout")
    with pytest.raises(LookupError):
        durable("list", "--json")
    printed = durable.capsys.readouterr()
    assert json.loads(printed.out)["error"]["type_name"] == "LookupError"


def test_an_interrupted_run_says_how_to_go_on_and_ends_with_130(
    durable: Shop,
) -> None:
    durable.write(
        "stopped.py",
        "import _thread\nimport durable_async as da\n"
        "@da.activity\nasync def work() -> None:\n    _thread.interrupt_main()\n"
        "    await da.sleep(3600)\n"
        "@da.orchestrator\nasync def flow() -> None:\n    await work()\n",
    )
    ended = durable("run", "stopped.py:flow", "--id", "one", "--json")
    assert ended.code == 130
    assert ended.document["error"]["type_name"] == "KeyboardInterrupt"
    assert "instance 'one' is kept in sqlite:///durable.db" in ended.err
    assert "Traceback" not in ended.err


# ---- start -----------------------------------------------------------------------------------


def test_start_by_name_needs_no_code_and_prints_the_id(durable: Shop) -> None:
    ended = durable("start", "elsewhere", "--arg", '{"a": [1, null]}', "--id", "one")
    assert ended == Ended(0, "one\n", "")
    document = durable("show", "one", "--json").document
    assert document["name"] == "elsewhere"
    assert document["status"] == "PENDING"
    assert document["input"] == [{"a": [1, None]}]


def test_what_was_started_by_name_runs_with_the_code(durable: Shop) -> None:
    durable("start", "checkout", "--arg", '"o-1"', "--arg", "[100]", "--id", "one")
    ended = durable("run", "shop.py:checkout", "--arg", '"x"', "--arg", "[]", "--id", "one")
    assert ended.out == '["o-1/100"]\n'


def test_start_by_target_checks_the_arguments_first(durable: Shop) -> None:
    arguments = ("start", "shop.py:checkout", "--arg", "17", "--arg", "[]", "--id", "one")
    assert_refused(durable(*arguments), 2, "UsageError", "the arguments do not fit checkout")
    assert not (durable.folder / "durable.db").exists()


def test_start_answers_programs_with_the_instance(durable: Shop) -> None:
    ended = durable(
        "start", "checkout", "--tag", "a=1", "--tag", "b=x=y", "--start-at", "2h", "--json"
    )
    assert ended.code == 0
    assert set(ended.document) == INSTANCE_KEYS
    assert ended.document["tags"] == {"a": "1", "b": "x=y"}
    assert ended.document["status"] == "PENDING"
    assert len(ended.document["id"]) == 36


def test_an_id_is_taken_once_unless_attaching(durable: Shop) -> None:
    durable("start", "checkout", "--arg", "1", "--id", "one")
    again = durable("start", "checkout", "--id", "one")
    assert_refused(again, 1, "InstanceAlreadyExistsError", "'one'", "say --if-exists attach")
    assert "if_exists" not in again.err
    document = durable("start", "checkout", "--id", "one", "--json")
    assert document.document["error"]["type_name"] == "InstanceAlreadyExistsError"
    attached = durable("start", "checkout", "--id", "one", "--if-exists", "attach", "--json")
    assert attached.document["input"] == [1]
    durable("terminate", "one", "--yes")
    replaced = durable("start", "checkout", "--id", "one", "--if-exists", "replace", "--json")
    assert replaced.document["input"] == []
    assert replaced.document["execution_id"] != attached.document["execution_id"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tag", "lonely"], ["'lonely' is no tag. Write KEY=VALUE"]),
        (["--tag", "a=1", "--tag", "a=2"], ["tag a is given twice"]),
        (["--start-at", "tomorrow"], ["'tomorrow' is no time. Write"]),
        (["--if-exists", "explode"], ["explode"]),
        (["--url", "sqlite://"], ["kept in the memory of one process"]),
        (["--url", "sqlite:///:memory:"], ["kept in the memory of one process"]),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_start_refuses_what_cannot_be_meant(
    arguments: list[str], words: list[str], durable: Shop
) -> None:
    assert_refused(durable("start", "checkout", *arguments), 2, "UsageError", *words)
    assert not (durable.folder / "durable.db").exists()


# ---- looking ---------------------------------------------------------------------------------


ARGUMENTS = {
    "raise": ["one", "go"],
    "ask": ["one", "price"],
    "terminate": ["one", "--yes"],
    "purge": ["one", "--yes"],
    "replay": ["one", "shop.py"],
}
OF_ONE = [
    "show", "history", "stack", "raise", "ask", "cancel", "terminate", "suspend", "resume",
    "rewind", "restart", "purge", "replay",
]  # fmt: skip


@pytest.mark.parametrize("command", ["list", "check", "patches", *OF_ONE])
def test_a_store_that_does_not_exist_is_said_and_not_made(command: str, durable: Shop) -> None:
    arguments = {"list": [], "check": ["shop.py"], "patches": ["shop.py"], **ARGUMENTS}
    ended = durable(command, *arguments.get(command, ["one"]))
    assert_refused(ended, 1, "StoreError", "there is no store at durable.db", "DURABLE_URL")
    assert not (durable.folder / "durable.db").exists()


@pytest.mark.parametrize("command", OF_ONE)
def test_an_instance_that_does_not_exist_is_said(command: str, durable: Shop) -> None:
    durable("start", "checkout")
    ended = durable(command, *ARGUMENTS.get(command, ["one"]))
    assert_refused(ended, 1, "InstanceNotFoundError", "'one'")
    document = durable(command, *ARGUMENTS.get(command, ["one"]), "--json").document
    assert document["error"]["type_name"] == "InstanceNotFoundError"


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + b"x" * 4096])
def test_a_file_that_is_no_store_is_refused(content: bytes, durable: Shop) -> None:
    (durable.folder / "durable.db").write_bytes(content)
    assert_refused(durable("list"), 1, "StoreError", "durable.db")
    assert durable("list", "--json").document["error"]["type_name"] == "StoreError"


def test_an_empty_list_says_so(durable: Shop) -> None:
    durable("start", "checkout")
    assert durable("list", "--status", "failed") == Ended(0, "no instances\n", "")
    assert durable("list", "--status", "failed", "--json").document == {
        "instances": [],
        "more": False,
    }


@pytest.fixture
def many(durable: Shop) -> Shop:
    """Five instances: a-0, a-1, a-2 of checkout, b-0 and b-1 of refund; b-1 terminated."""
    for number in range(3):
        durable("start", "checkout", "--id", f"a-{number}", "--tag", f"number={number}")
    for number in range(2):
        durable("start", "refund", "--id", f"b-{number}", "--tag", "kind=b")
    durable("terminate", "b-1", "--reason", "by mistake", "--yes")
    return durable


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ([], ["b-1", "b-0", "a-2", "a-1", "a-0"]),
        (["--name", "refund"], ["b-1", "b-0"]),
        (["--id-prefix", "a-"], ["a-2", "a-1", "a-0"]),
        (["--tag", "number=1"], ["a-1"]),
        (["--tag", "number=1", "--tag", "kind=b"], []),
        (["--status", "terminated"], ["b-1"]),
        (["--status", "PENDING", "--status", "Terminated", "--name", "refund"], ["b-1", "b-0"]),
        (["--created-after", "1h"], ["b-1", "b-0", "a-2", "a-1", "a-0"]),
        (["--created-before", "1h"], []),
        (["--created-after", "2020-01-01", "--name", "refund"], ["b-1", "b-0"]),
        (["--limit", "0"], ["b-1", "b-0", "a-2", "a-1", "a-0"]),
        (["--limit", "5"], ["b-1", "b-0", "a-2", "a-1", "a-0"]),
    ],
    ids=lambda value: " ".join(value) or "none",
)
def test_list_gives_what_meets_every_condition_newest_first(
    filters: list[str], ids: list[str], many: Shop
) -> None:
    document = many("list", *filters, "--json").document
    assert [instance["id"] for instance in document["instances"]] == ids
    assert document["more"] is False
    assert all(set(instance) == INSTANCE_KEYS for instance in document["instances"])
    rows = many("list", *filters).out.splitlines()[1:]
    assert [row.split()[0] for row in rows] == ids


def test_list_says_when_there_are_more(many: Shop) -> None:
    document = many("list", "--limit", "2", "--json").document
    assert [instance["id"] for instance in document["instances"]] == ["b-1", "b-0"]
    assert document["more"] is True
    listed = many("list", "--limit", "2")
    assert len(listed.out.splitlines()) == 3
    assert listed.err == "the newest 2 are shown, and there are more: --limit 0 shows all\n"


def test_the_url_comes_from_the_environment_too(
    durable: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DURABLE_URL", "sqlite:///elsewhere.db")
    durable("start", "checkout", "--id", "one")
    assert (durable.folder / "elsewhere.db").exists()
    assert durable("show", "one").code == 0
    assert_refused(durable("list", "--url", "sqlite:///durable.db"), 1, "StoreError")


def test_history_tells_what_happened(durable: Shop) -> None:
    durable("run", "shop.py:checkout", "--arg", '"o-1"', "--arg", "[100]", "--id", "one")
    document = durable("history", "one", "--json").document
    assert document["id"] == "one"
    kinds = [event["event"] for event in document["events"]]
    assert kinds[0] == "ExecutionStarted"
    assert kinds[-1] == "ExecutionCompleted"
    scheduled = next(each for each in document["events"] if each["event"] == "ActivityScheduled")
    assert scheduled["name"] == "charge"
    assert scheduled["input"] == ["o-1", 100]
    assert scheduled["line"].startswith(f"{durable.folder / 'shop.py'}:")
    page = durable("history", "one").out
    assert 'checkout("o-1", [100])' in page
    assert 'charge("o-1", 100)' in page
    assert len(page.splitlines()) == len(kinds) + 1


def test_stack_tells_where_it_waits(durable: Shop) -> None:
    durable("start", "checkout", "--id", "one")
    text = "one: checkout, PENDING, waiting for orchestrator 'checkout', which no live worker has"
    assert durable("stack", "one") == Ended(0, f"{text}\n", "")
    document = durable("stack", "one", "--json").document
    assert document == {"id": "one", "stack": text}


class Rot13:
    """A codec that this process's code has, and the command line has not."""

    def encode(self, payload: Payload) -> Payload:
        return Payload(codecs.encode(payload.data.decode(), "rot13").encode(), encoding="rot13")

    def decode(self, payload: Payload) -> Payload:
        if payload.encoding != "rot13":
            return payload
        return Payload(codecs.decode(payload.data.decode(), "rot13").encode())


def test_a_value_that_a_codec_wrote_hides_nothing_else(durable: Shop) -> None:
    async def start() -> None:
        async with app.Client("sqlite:///durable.db", codec=Rot13()) as client:
            await client.start(named("checkout")("secret"), id="one")

    asyncio.run(start())
    sealed = {"encoding": "rot13", "base64": base64.b64encode(b'["frperg"]').decode()}
    assert durable("show", "one", "--json").document["input"] == sealed
    assert durable("list", "--json").document["instances"][0]["input"] == sealed
    assert durable("history", "one", "--json").document["events"][0]["input"] == sealed
    assert "secret" not in durable("show", "one").out
    ended = durable("run", "shop.py:checkout", "--arg", '"x"', "--arg", "[]", "--id", "one")
    assert ended.code == 1  # what runs must not be given what it could not read
    assert "'rot13'" in ended.err


ROT13 = """
import codecs
from durable_async import Payload

class Rot13:
    def encode(self, payload):
        return Payload(codecs.encode(payload.data.decode(), "rot13").encode(), "rot13")

    def decode(self, payload):
        if payload.encoding != "rot13":
            return payload
        return Payload(codecs.decode(payload.data.decode(), "rot13").encode())

rot13 = Rot13()
nothing = 3
"""


def test_with_the_codec_values_are_read_and_written(
    durable: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    durable.write("secrets_of.py", ROT13)
    arguments = ("--arg", '"secret"', "--arg", "[7]", "--id", "one")
    monkeypatch.setenv("DURABLE_CODEC", "secrets_of.py:rot13")
    durable("start", "shop.py:checkout", *arguments)
    assert durable("show", "one", "--json").document["input"] == ["secret", [7]]
    assert durable("run", "shop.py:checkout", *arguments).out == '["secret/7"]\n'
    assert durable("replay", "one", "shop.py").code == 0
    monkeypatch.delenv("DURABLE_CODEC")
    assert b"secret/7" not in b"".join(
        file.read_bytes() for file in durable.folder.glob("durable.db*")
    )
    sealed = durable("show", "one", "--json").document
    assert (sealed["input"]["encoding"], sealed["output"]["encoding"]) == ("rot13", "rot13")
    refused = durable("replay", "one", "shop.py")
    assert_refused(
        refused,
        1,
        "SerializationError",
        "cannot be replayed here",
        "'rot13'",
        "Give the codec",
        "--codec FILE",
    )


def test_what_is_no_codec_is_refused(durable: Shop) -> None:
    durable.write("secrets_of.py", ROT13)
    durable("start", "checkout", "--id", "one")
    for target, words in (("secrets_of.py:nothing", "no codec"), ("none.py:x", "no file none.py")):
        assert_refused(durable("show", "one", "--codec", target), 2, "TargetError", words)


# ---- telling ---------------------------------------------------------------------------------


def test_an_event_that_was_raised_reaches_the_instance(durable: Shop) -> None:
    durable("start", "approval", "--arg", '"o-1"', "--id", "one")
    raised = durable("raise", "one", "approved", "--data", "true", "--key", "k")
    assert raised == Ended(0, 'raised "approved" to one\n', "")
    ended = durable("run", "shop.py:approval", "--arg", '"o-1"', "--id", "one")
    assert ended.out == "true\n"
    assert_refused(durable("raise", "one", "approved"), 1, "InstanceFinishedError", "'one'")


def test_raise_answers_programs_with_what_was_sent(durable: Shop) -> None:
    durable("start", "approval", "--id", "one")
    document = durable("raise", "one", "approved", "--json").document
    assert document == {"id": "one", "event": "approved", "data": None, "key": None}
    document = durable("raise", "one", "counted", "-1", "--json").document
    assert document == {"id": "one", "event": "counted", "data": -1, "key": None}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["raise", "one", ""], ["EVENT", "must not be empty"]),
        (["raise", "one", "go", "1", "--data", "2"], ["given twice, as 1 and as --data 2"]),
        (["raise", "one", "go", "--key", "a\tb"], ["--key", "control character"]),
        (["raise", "one", "go", "--data", "@half.json"], ["@half.json holds no JSON"]),
        (["raise", "one", "go", "--data", "@bytes.json"], ["bytes.json cannot be read"]),
        (["raise", "", "go"], ["ID", "must not be empty"]),
        (["terminate", "one", "--yes", "--reason", "\udcff"], ["--reason", "surrogate"]),
    ],
    ids=lambda value: ascii(" ".join(value)),
)
def test_what_cannot_be_sent_is_refused(
    arguments: list[str], words: list[str], durable: Shop
) -> None:
    durable.write("half.json", "[1,")
    (durable.folder / "bytes.json").write_bytes(b'"\xff"')
    durable("start", "checkout", "--id", "one")
    assert_refused(durable(*arguments), 2, "UsageError", *words)
    assert durable("show", "one", "--json").document["status"] == "PENDING"


def test_a_terminated_instance_has_ended(durable: Shop) -> None:
    durable("start", "checkout", "--id", "one")
    document = durable("terminate", "one", "--reason", "by mistake", "--yes", "--json").document
    assert document["status"] == "TERMINATED"
    assert document["completed_at"] is not None
    assert "by mistake" in durable("history", "one").out
    assert_refused(durable("terminate", "one", "--yes"), 1, "InstanceFinishedError", "'one'")


class Keyboard(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_terminate_asks_first_on_a_terminal(durable: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    durable("start", "checkout", "--id", "one")
    monkeypatch.setattr(sys, "stdin", Keyboard("n\n"))
    declined = durable("terminate", "one")
    assert declined.code == 1
    assert "checkout one is PENDING. Terminate it?" in declined.err
    assert declined.err.endswith("durable: nothing was done\n")
    monkeypatch.setattr(sys, "stdin", Keyboard("y\n"))
    assert durable("terminate", "one").code == 0
    assert durable("show", "one", "--json").document["status"] == "TERMINATED"


def test_a_script_that_names_an_instance_is_not_asked(
    durable: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    durable("start", "checkout", "--id", "one")
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert durable("terminate", "one") == Ended(0, "terminated one\n", "")
    assert durable("purge", "one") == Ended(0, "purged 1 instance\n", "")


# ---- operating -------------------------------------------------------------------------------


def test_one_that_has_not_begun_is_cancelled_at_once(durable: Shop) -> None:
    durable("start", "checkout", "--id", "one")
    said = durable("cancel", "one", "--reason", "not wanted")
    assert said == Ended(0, "asked one to cancel\n", "")
    shown = durable("show", "one", "--json").document
    assert (shown["status"], shown["pending"]) == ("CANCELLED", [])
    assert "not wanted" in durable("history", "one").out
    for verb in ("cancel", "suspend", "resume"):
        again = durable(verb, "one")
        assert_refused(again, 1, "InstanceFinishedError", "'one' has ended (CANCELLED")
        assert "--if-exists replace" in again.err


def test_a_suspended_instance_shows_why_until_it_is_resumed(durable: Shop) -> None:
    durable("start", "checkout", "--id", "one")
    document = durable("suspend", "one", "--reason", "stocktaking", "--json").document
    assert (document["status"], document["suspended"]) == ("SUSPENDED", "stocktaking")
    assert durable("suspend", "one").code == 0  # twice is once
    assert "stocktaking" in durable("stack", "one").out
    assert "suspended" in durable("show", "one").out
    assert durable("resume", "one") == Ended(0, "resumed one\n", "")
    document = durable("show", "one", "--json").document
    assert (document["status"], document["suspended"]) == ("PENDING", None)


DOWN = """
import os
import durable_async as da

@da.activity
async def reserve(order: str) -> str:
    if not os.path.exists("up"):
        raise ConnectionError("the warehouse is down")
    return f"{order} reserved"

@da.orchestrator
async def supply(order: str) -> str:
    return await reserve(order)
"""


def test_a_failed_instance_is_rewound_and_goes_on(durable: Shop) -> None:
    durable.write("down.py", DOWN)
    first = ("run", "down.py:supply", "--arg", '"o-1"', "--id", "one")
    assert durable(*first).code == 1
    shown = durable("show", "one")
    assert 'down.py", line' in shown.out  # the traceback, in the activity
    assert "raise ConnectionError" in shown.out
    (durable.folder / "up").touch()
    assert durable("rewind", "one", "--reason", "it is up") == Ended(0, "rewound one\n", "")
    assert durable(*first).out == '"o-1 reserved"\n'
    refused = durable("rewind", "one")
    assert_refused(refused, 1, "InvalidStateError", "'one'", "COMPLETED")


def test_an_ended_instance_is_restarted_with_its_input(durable: Shop) -> None:
    durable("run", "shop.py:checkout", "--arg", '"o-1"', "--arg", "[7]", "--id", "one")
    assert durable("restart", "one", "--id", "two") == Ended(0, "two\n", "")
    document = durable("restart", "one", "--json").document
    assert (document["id"], document["status"]) == ("one", "PENDING")
    assert document["input"] == ["o-1", [7]]
    assert durable("show", "two", "--json").document["input"] == ["o-1", [7]]
    refused = durable("restart", "one")
    assert_refused(refused, 1, "InvalidStateError", "'one' is PENDING")


def test_named_instances_are_purged_all_or_none(many: Shop) -> None:
    refused = many("purge", "b-1", "b-0", "--yes")
    assert_refused(refused, 1, "InvalidStateError", "'b-0' is PENDING", "nothing was purged")
    would = many("purge", "b-1", "--dry-run")
    assert would.out.splitlines() == ["1 instance would be purged, with all ended children", "b-1"]
    assert many("purge", "b-1", "--yes") == Ended(0, "purged 1 instance\n", "")
    assert many("show", "b-1").code == 1
    assert len(many("list", "--json").document["instances"]) == 4


def test_instances_are_purged_by_conditions(many: Shop) -> None:
    for each in ("a-0", "a-1", "a-2"):
        many("terminate", each, "--yes")
    would = many("purge", "--id-prefix", "a-", "--dry-run", "--json").document
    assert would == {"would_purge": 3, "ids": ["a-2", "a-1", "a-0"], "more": False}
    assert many("purge", "--completed-before", "1h", "--yes").out == "purged 0 instances\n"
    assert many("purge", "--status", "failed", "--yes").out == "purged 0 instances\n"
    assert many("purge", "--tag", "number=1", "--yes", "--json").document == {"purged": 1}
    assert many("purge", "--name", "checkout", "--yes").out == "purged 2 instances\n"
    left = [each["id"] for each in many("list", "--json").document["instances"]]
    assert left == ["b-1", "b-0"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["either ids, or conditions"]),
        (["one", "--status", "failed"], ["either ids, or conditions"]),
        (["--status", "running"], ["running"]),
        (["--status", "terminated"], ["purging cannot be undone", "give --yes"]),
        (["--completed-before", "soon"], ["'soon' is no time"]),
    ],
    ids=lambda value: " ".join(value) or "nothing",
)
def test_a_purge_that_is_not_meant_is_refused(
    arguments: list[str], words: list[str], many: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert_refused(many("purge", *arguments), 2, "UsageError", *words)
    assert len(many("list", "--json").document["instances"]) == 5


def test_a_version_and_a_queue_are_asked_for(durable: Shop) -> None:
    durable("start", "checkout", "--id", "one", "--version", "2", "--queue", "slow")
    assert durable("show", "one", "--json").document["version"] == "2"
    assert "orchestrator 'checkout' version '2' on queue 'slow'" in durable("stack", "one").out
    refused = durable("start", "shop.py:checkout", "--version", "2")
    assert_refused(refused, 2, "UsageError", "durable start checkout --version 2")


# ---- worker ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("modules", "words"),
    [
        ([], ["Missing argument"]),
        (["nowhere"], ["there is no module nowhere"]),
        (["empty.py"], ["'empty' has no orchestrator, no activity and no entity"]),
        (["shop.py:plain"], ["not decorated"]),
        (["shop.py", "twice.py"], ["'checkout' is defined twice", "shop.py:", "twice.py:"]),
        (["shop.py", "--drain-timeout", "soon"], ["'soon' is no number of seconds", "15m"]),
        (["shop.py", "--drain-timeout", "99999999999w"], ["is no number of seconds"]),
        (["shop.py", "--max-activities", "0"], ["--max-activities"]),
        (["shop.py", "--url", "sqlite://"], ["kept in the memory of one process"]),
    ],
    ids=lambda value: " ".join(value)[:40] or "nothing",
)
def test_a_worker_refuses_what_it_could_not_run(
    modules: list[str], words: list[str], durable: Shop
) -> None:
    durable.write("empty.py", "")
    durable.write(
        "twice.py",
        "import durable_async as da\n@da.orchestrator\nasync def checkout() -> None: ...\n",
    )
    assert_refused(durable("worker", *modules), 2, "UsageError", *words)
    assert not (durable.folder / "durable.db").exists()


# ---- all -------------------------------------------------------------------------------------


def test_help_lists_the_commands_in_the_order_in_which_one_meets_them(durable: Shop) -> None:
    ended = durable("--help")
    assert ended.code == 0
    names = [line.split()[0] for line in ended.out.partition("Commands:")[2].splitlines() if line]
    assert names[: len(COMMANDS)] == list(COMMANDS)
    assert names[:3] == ["run", "worker", "start"]


def single_commands() -> dict[str, click.Command]:
    """Every command, those of a group by both names."""
    found: dict[str, click.Command] = {}
    for name, entry in COMMANDS.items():
        command = entry.load()
        if isinstance(command, click.Group):
            found |= {f"{name} {other}": each for other, each in command.commands.items()}
        else:
            found[name] = command
    return found


@pytest.mark.parametrize("name", single_commands())
def test_every_command_has_help_a_json_form_and_a_url(name: str, durable: Shop) -> None:
    ended = durable(*name.split(), "--help")
    assert ended.code == 0
    for option in ("--json", "--url", "DURABLE_URL", "--namespace", "--debug"):
        assert option in ended.out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_a_command_what_the_command_says_of_itself(name: str) -> None:
    command = COMMANDS[name].load()
    assert command.name == name
    assert command.help is not None
    assert command.help.startswith(COMMANDS[name].help)


def test_an_unknown_command_is_refused(durable: Shop) -> None:
    assert_refused(durable("lst"), 2, "UsageError", "No such command 'lst'. Did you mean list?")
    assert_refused(durable("schedules", "lst"), 2, "UsageError", "Did you mean list?")
    assert_refused(durable("entities", "shw"), 2, "UsageError", "Did you mean show?")
    assert_refused(durable("gibberish"), 2, "UsageError", "No such command 'gibberish'.")
    assert durable("lst", "--json").document["error"]["type_name"] == "UsageError"


def test_the_version_is_that_of_the_package(durable: Shop) -> None:
    assert durable("--version").out == f"durable, version {da.__version__}\n"


def test_the_page_names_every_command_and_option() -> None:
    page = Path(__file__).parents[2].joinpath("docs/howto/use-the-command-line.md").read_text()
    for name in COMMANDS:
        assert f"`durable {name}" in page
    for name, command in single_commands().items():
        for parameter in command.params:
            for option in parameter.opts:
                assert not option.startswith("--") or option in page, (name, option)
    for key in INSTANCE_KEYS:
        assert f"`{key}`" in page


def test_times_of_documents_are_utc(durable: Shop) -> None:
    document: dict[str, Any] = durable("start", "checkout", "--json").document
    created = document["created_at"]
    assert created.endswith("Z")
    assert datetime.fromisoformat(created).utcoffset() is not None
