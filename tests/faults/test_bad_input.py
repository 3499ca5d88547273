"""What is wrong is refused where it is said, by an error that tells what to do: through the public
API, on a SQLite file, as a user would meet it."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import durable_async as da

ROOT = Path(__file__).resolve().parents[2]
TOO_MANY = 3 * 1024 * 1024


@da.activity
async def double(value: int) -> int:
    return 2 * value


@da.orchestrator
async def doubled(value: int) -> int:
    return await double(value)


@da.orchestrator
async def anything(value: Any) -> Any:
    return value


@da.orchestrator
async def wait_for_number() -> int:
    return await da.wait_for_event("number", int)


class Counting:
    """Activities that count how often they ran."""

    def __init__(self) -> None:
        self.runs = 0

    @da.activity(retry=da.RetryPolicy(max_attempts=5, initial_interval=0.001))
    async def make_too_much(self) -> str:
        self.runs += 1
        return "x" * TOO_MANY

    @da.activity(retry=da.RetryPolicy(max_attempts=5, initial_interval=0.001))
    async def make_what_has_no_stored_form(self) -> object:
        self.runs += 1
        return object()

    @da.activity
    async def take(self, text: str) -> int:
        self.runs += 1
        return len(text)


@da.orchestrator
async def activity_gives_too_much() -> str:
    return await Counting.make_too_much()


@da.orchestrator
async def activity_gives_what_has_no_stored_form() -> object:
    return await Counting.make_what_has_no_stored_form()


@da.orchestrator
async def activity_is_given_too_much() -> str:
    try:
        await Counting.take("x" * TOO_MANY)
    except da.PayloadTooLargeError as error:
        return str(error)
    return "it was taken"


@da.orchestrator
async def gives_too_much() -> str:
    return "x" * TOO_MANY


@da.orchestrator
async def gives_what_has_no_stored_form() -> object:
    return object()


@da.orchestrator
async def sleeps_for(seconds: str) -> str:
    try:
        await asyncio.sleep(float(seconds))
    except ValueError as error:
        return str(error)
    return "it slept"


ORCHESTRATORS = [
    doubled,
    anything,
    wait_for_number,
    activity_gives_too_much,
    activity_gives_what_has_no_stored_form,
    activity_is_given_too_much,
    gives_too_much,
    gives_what_has_no_stored_form,
    sleeps_for,
]


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.db'}"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[da.Client]:
    async with da.Client(url_of(tmp_path)) as client:
        yield client


@asynccontextmanager
async def at_work(client: da.Client) -> AsyncIterator[Counting]:
    counting = Counting()
    async with da.Worker(client, [*ORCHESTRATORS, double, counting]):
        yield counting


async def nothing_was_stored(client: da.Client) -> bool:
    return await client.count() == 0


def says(error: BaseException, *words: str) -> None:
    """The message has these words, the values among them."""
    missing = [word for word in words if word not in str(error)]
    assert missing == [], str(error)


async def refusal_to_open(url: str) -> da.StoreError:
    with pytest.raises(da.StoreError) as raised:
        async with da.Client(url):
            pass
    return raised.value


# ---------------------------------------------------------------- stores


@pytest.mark.parametrize("url", ["mysql://localhost/shop", "file:///shop.db", "sqlit:///shop.db"])
async def test_an_unknown_scheme_is_named_with_those_that_exist(url: str) -> None:
    with pytest.raises((ValueError, da.StoreError)) as raised:
        async with da.Client(url):
            pass
    says(raised.value, url.partition(":")[0], "sqlite:///")


@pytest.mark.parametrize("url", ["shop.db", "", "sqlite:shop.db", "sqlite:/shop.db"])
async def test_a_url_that_is_none_is_answered_with_one(url: str) -> None:
    with pytest.raises((ValueError, da.StoreError)) as raised:
        async with da.Client(url):
            pass
    says(raised.value, repr(url), "sqlite:///")


async def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    file.write_text("Dear diary, today I learned about durable execution.\n" * 100)
    before = file.read_bytes()
    says(await refusal_to_open(url_of(tmp_path)), str(file), "not a SQLite database")
    assert file.read_bytes() == before


async def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "store.db").mkdir()
    says(await refusal_to_open(url_of(tmp_path)), str(tmp_path / "store.db"))


async def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    says(await refusal_to_open(url_of(folder)), str(folder))
    assert not folder.exists()


OPEN_WITHOUT_RIGHTS = """
import asyncio, os, sqlite3, sys
import durable_async as da
import durable_async.app, durable_async.engines.sqlite  # while modules may be read

async def main():
    try:
        async with da.Client(sys.argv[1]):
            print("opened")
    except da.StoreError as error:
        print(f"refused: {error}")

if os.geteuid() == 0:  # root may read everything
    os.setegid(65534)
    os.seteuid(65534)
asyncio.run(main())
"""


def open_without_rights(url: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", OPEN_WITHOUT_RIGHTS, url], capture_output=True, text=True, cwd=ROOT
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


async def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    async with da.Client(url_of(tmp_path)):
        pass
    file = tmp_path / "store.db"
    file.chmod(0o000)
    said = open_without_rights(url_of(tmp_path))
    assert said.startswith("refused: ")
    assert str(file) in said


async def test_a_store_of_a_newer_release_is_refused_and_left_alone(tmp_path: Path) -> None:
    async with da.Client(url_of(tmp_path)) as client:
        await client.start(doubled(1), id="kept")
    file = tmp_path / "store.db"
    version = schema_of(file)
    set_schema(file, version + 1, oldest_reader=version + 1)
    error = await refusal_to_open(url_of(tmp_path))
    says(error, str(file), str(version + 1), str(version), "Upgrade")
    set_schema(file, version, oldest_reader=version)
    async with da.Client(url_of(tmp_path)) as client:
        assert (await client.handle("kept").state()).name == "doubled"


async def test_a_newer_store_that_this_release_can_use_is_used(tmp_path: Path) -> None:
    async with da.Client(url_of(tmp_path)) as client:
        await client.start(doubled(1), id="kept")
    file = tmp_path / "store.db"
    version = schema_of(file)
    set_schema(file, version + 1, oldest_reader=version)
    async with da.Client(url_of(tmp_path)) as client:
        assert (await client.handle("kept").state()).name == "doubled"
    assert schema_of(file) == version + 1


def schema_of(file: Path) -> int:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        (version,) = connection.execute("pragma user_version").fetchone()
        return int(version)


def set_schema(file: Path, version: int, *, oldest_reader: int) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"pragma user_version = {version}")
        connection.execute("update meta set value = ? where key = 'oldest_reader'", [oldest_reader])


async def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("create table customer (id integer primary key, name text)")
    before = file.read_bytes()
    says(await refusal_to_open(url_of(tmp_path)), str(file), "another program")
    assert file.read_bytes() == before


async def test_a_client_that_is_not_open_says_how_to_open_it(tmp_path: Path) -> None:
    closed = da.Client(url_of(tmp_path))
    with pytest.raises(RuntimeError) as raised:
        await closed.start(doubled(1))
    says(raised.value, "async with")


# ---------------------------------------------------------------- calls


def test_arguments_that_do_not_fit_the_signature_are_refused_at_the_call() -> None:
    call: Callable[..., Any] = doubled
    with pytest.raises(TypeError) as raised:
        call()
    says(raised.value, "value")
    with pytest.raises(TypeError) as raised:
        call(1, 2)
    with pytest.raises(TypeError) as raised:
        call(1, amount=2)
    says(raised.value, "amount")


@pytest.mark.parametrize("value", ["1", 1.5, True, None, [1]])
async def test_an_argument_of_another_type_is_refused_and_nothing_is_stored(
    client: da.Client, value: Any
) -> None:
    with pytest.raises(da.SerializationError) as raised:
        await client.start(doubled(value))
    says(raised.value, "doubled", "value", "int")
    assert await nothing_was_stored(client)


@pytest.mark.parametrize(
    "value",
    [object(), lambda: None, float("nan"), float("inf"), [1, {"a": object()}], 1 + 2j],
    ids=["object", "function", "nan", "infinity", "nested", "complex"],
)
async def test_an_argument_without_a_stored_form_is_refused_and_nothing_is_stored(
    client: da.Client, value: Any
) -> None:
    with pytest.raises(da.SerializationError) as raised:
        await client.start(anything(value))
    says(raised.value, "anything", "value")
    assert await nothing_was_stored(client)


async def test_an_argument_over_the_limit_is_refused_and_nothing_is_stored(
    client: da.Client,
) -> None:
    with pytest.raises(da.PayloadTooLargeError) as raised:
        await client.start(anything("x" * TOO_MANY))
    says(raised.value, "anything", "value")
    assert await nothing_was_stored(client)


async def plain(value: int) -> int:
    return value


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (lambda: double(1), "double"),
        (lambda: doubled, "start(doubled(...))"),
        (lambda: plain(1), "@da.orchestrator"),
        (lambda: plain, "orchestrator"),
        (lambda: "doubled", "orchestrator"),
        (lambda: None, "orchestrator"),
    ],
    ids=["activity", "not called", "plain coroutine", "plain function", "a name", "None"],
)
async def test_what_is_no_call_of_an_orchestrator_is_refused_with_what_to_write(
    client: da.Client, make: Callable[[], Any], advice: str
) -> None:
    with pytest.raises(TypeError) as raised:
        await client.start(make())
    says(raised.value, advice)
    assert await nothing_was_stored(client)


@pytest.mark.parametrize("instance", ["", "x" * 256, "a\nb", "a\0b", "\x7f", 7, None])
async def test_an_id_that_cannot_be_one_is_refused(client: da.Client, instance: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        client.handle(instance)
    if instance is not None:  # which asks for a new id
        with pytest.raises((ValueError, TypeError)):
            await client.start(doubled(1), id=instance)
    assert await nothing_was_stored(client)


async def test_a_time_without_a_zone_is_refused_with_what_to_write(client: da.Client) -> None:
    with pytest.raises(ValueError) as raised:
        await client.start(doubled(1), start_at=datetime(2030, 1, 1))
    says(raised.value, "2030-01-01", "time zone", "tzinfo")
    assert await nothing_was_stored(client)


# ---------------------------------------------------------------- results


@pytest.mark.parametrize("orchestrator", [gives_too_much, activity_gives_too_much])
async def test_a_result_over_the_limit_fails_the_instance_and_is_not_tried_again(
    client: da.Client, orchestrator: da.Orchestrator[[], str]
) -> None:
    async with at_work(client) as counting:
        handle = await client.start(orchestrator())
        with pytest.raises(da.PayloadTooLargeError) as raised:
            await handle.result()
    says(raised.value, "gives_too_much" if orchestrator is gives_too_much else "make_too_much")
    assert (await handle.state()).status is da.RuntimeStatus.FAILED
    assert counting.runs == (0 if orchestrator is gives_too_much else 1)


@pytest.mark.parametrize(
    "orchestrator", [gives_what_has_no_stored_form, activity_gives_what_has_no_stored_form]
)
async def test_a_result_without_a_stored_form_fails_the_instance_and_is_not_tried_again(
    client: da.Client, orchestrator: da.Orchestrator[[], object]
) -> None:
    async with at_work(client) as counting:
        handle = await client.start(orchestrator())
        with pytest.raises(da.SerializationError) as raised:
            await handle.result()
    says(raised.value, "what_has_no_stored_form")
    assert counting.runs == (0 if orchestrator is gives_what_has_no_stored_form else 1)


async def test_an_activitys_argument_over_the_limit_is_refused_on_the_users_line(
    client: da.Client,
) -> None:
    async with at_work(client) as counting:
        handle = await client.start(activity_is_given_too_much())
        said = await handle.result()
    assert "take" in said
    assert "text" in said
    assert counting.runs == 0


@pytest.mark.parametrize("seconds", ["nan", "inf"])
async def test_a_sleep_that_would_never_end_is_refused(client: da.Client, seconds: str) -> None:
    async with at_work(client):
        handle = await client.start(sleeps_for(seconds))
        assert seconds in (await handle.result()).lower()


# ---------------------------------------------------------------- names taken twice


async def test_an_id_that_is_taken_is_named_with_the_ways_out(client: da.Client) -> None:
    await client.start(doubled(1), id="order-1")
    with pytest.raises(da.InstanceAlreadyExistsError) as raised:
        await client.start(doubled(2), id="order-1")
    says(raised.value, "order-1", "doubled", "attach")
    assert await client.count() == 1


async def test_an_ended_instance_may_be_replaced_and_the_error_says_so(client: da.Client) -> None:
    async with at_work(client):
        handle = await client.start(doubled(1), id="order-1")
        assert await handle.result() == 2
        with pytest.raises(da.InstanceAlreadyExistsError) as raised:
            await client.start(doubled(2), id="order-1")
        says(raised.value, "order-1", "COMPLETED", "replace")
        handle = await client.start(doubled(2), id="order-1", if_exists="replace")
        assert await handle.result() == 4


async def test_attaching_to_an_instance_of_another_orchestrator_names_both(
    client: da.Client,
) -> None:
    await client.start(doubled(1), id="order-1")
    with pytest.raises(da.InstanceAlreadyExistsError) as raised:
        await client.start(anything(1), id="order-1", if_exists="attach")
    says(raised.value, "order-1", "doubled", "anything")


async def test_a_live_instance_is_not_replaced(client: da.Client) -> None:
    await client.start(doubled(1), id="order-1")
    with pytest.raises(da.InstanceAlreadyExistsError) as raised:
        await client.start(doubled(2), id="order-1", if_exists="replace")
    says(raised.value, "order-1")


async def test_of_concurrent_starts_of_one_id_exactly_one_wins(client: da.Client) -> None:
    starts = [client.start(doubled(value), id="order-1") for value in range(20)]
    ends = await asyncio.gather(*starts, return_exceptions=True)
    errors = [end for end in ends if isinstance(end, BaseException)]
    assert {type(error) for error in errors} == {da.InstanceAlreadyExistsError}
    assert len(errors) == 19
    assert await client.count() == 1


async def test_two_definitions_of_one_name_are_refused_with_both_lines(client: da.Client) -> None:
    def once() -> Any:
        @da.orchestrator(name="checkout")
        async def first() -> None: ...

        return first

    def again() -> Any:
        @da.orchestrator(name="checkout")
        async def second() -> None: ...

        return second

    with pytest.raises(ValueError) as raised:
        da.Worker(client, [once(), again()])
    says(raised.value, "checkout")
    assert str(raised.value).count(f"{Path(__file__).name}:") == 2


@pytest.mark.parametrize(
    "make",
    [lambda: plain, lambda: 7, lambda: "doubled", lambda: None, lambda: double(1)],
    ids=["plain function", "number", "name", "None", "call"],
)
async def test_a_worker_says_what_it_cannot_run(client: da.Client, make: Callable[[], Any]) -> None:
    given = make()
    with pytest.raises((TypeError, ValueError)):
        da.Worker(client, [given])
    if asyncio.iscoroutine(given):
        given.close()


# ---------------------------------------------------------------- events


async def test_an_event_for_nobody_is_refused(client: da.Client) -> None:
    with pytest.raises(da.InstanceNotFoundError) as raised:
        await client.handle("order-1").raise_event("number", 1)
    says(raised.value, "order-1")


async def test_an_event_for_an_ended_instance_is_refused(client: da.Client) -> None:
    async with at_work(client):
        handle = await client.start(doubled(1), id="order-1")
        assert await handle.result() == 2
        with pytest.raises(da.InstanceFinishedError) as raised:
            await handle.raise_event("number", 1)
    says(raised.value, "order-1", "COMPLETED")


@pytest.mark.parametrize(
    "data", [object(), float("nan"), "x" * TOO_MANY], ids=["object", "nan", "too much"]
)
async def test_an_event_that_cannot_be_stored_is_refused_where_it_is_raised(
    client: da.Client, data: Any
) -> None:
    async with at_work(client):
        handle = await client.start(wait_for_number())
        with pytest.raises(da.SerializationError) as raised:
            await handle.raise_event("number", data)
        says(raised.value, "number")
        await handle.raise_event("number", 1)
        assert await handle.result() == 1


async def test_an_event_without_a_name_is_refused(client: da.Client) -> None:
    handle = await client.start(wait_for_number())
    with pytest.raises(ValueError):
        await handle.raise_event("", 1)


async def test_an_event_that_does_not_fit_the_awaited_type_fails_the_await(
    client: da.Client,
) -> None:
    async with at_work(client):
        handle = await client.start(wait_for_number())
        await handle.raise_event("number", "seven")
        with pytest.raises(da.SerializationError) as raised:
            await handle.result()
    says(raised.value, "number", "int")


@pytest.mark.parametrize("ask", ["state", "history", "result", "stack"])
async def test_an_instance_that_is_not_there_is_named(client: da.Client, ask: str) -> None:
    with pytest.raises(da.InstanceNotFoundError) as raised:
        await getattr(client.handle("order-1"), ask)()
    says(raised.value, "order-1")
