"""The public client: from a URL to an engine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import durable_async as da
from durable_async.convert.values import Converter
from durable_async.model.payload import Payload


class Reversing:
    """A codec, after a fashion."""

    def encode(self, payload: Payload) -> Payload:
        return Payload(payload.data[::-1], "reversed")

    def decode(self, payload: Payload) -> Payload:
        if payload.encoding != "reversed":
            return payload
        return Payload(payload.data[::-1])


@da.orchestrator
async def echo(text: str) -> str:
    return text


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://host/db", "'mysql' is not 'sqlite'"),
        ("shop.db", "sqlite:///shop.db"),
        ("sqlite://shop.db", "sqlite:///shop.db"),
    ],
)
def test_a_wrong_url_is_refused_at_once_with_the_right_one(url: str, says: str) -> None:
    with pytest.raises(da.StoreError, match=says):
        da.Client(url)


async def test_a_client_that_was_opened_before_a_fork_is_refused_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with da.Client("sqlite://") as client:
        handle = client.handle("x")
        with monkeypatch.context() as child:
            child.setattr(os, "getpid", lambda: 1)
            with pytest.raises(
                RuntimeError, match=r"forked from it: open a Client of its own here"
            ):
                await handle.state()
            with pytest.raises(RuntimeError, match="forked from it"):
                await da.Worker(client, [echo]).__aenter__()
        with pytest.raises(da.InstanceNotFoundError):
            await handle.state()


def test_a_path_is_no_url(tmp_path: Path) -> None:
    path: Any = tmp_path / "shop.db"
    with pytest.raises(TypeError, match=r"must be a str, not PosixPath.*f.sqlite:///{path}"):
        da.Client(path)
    with pytest.raises(TypeError, match="For a SQLite file"):
        da.run(echo("x"), url=path)


def test_a_url_of_an_engine_that_comes_later_says_so() -> None:
    with pytest.raises(da.EngineLimitError, match="postgresql"):
        da.Client("postgresql://localhost/db")


async def test_a_store_in_memory_lasts_as_long_as_its_client() -> None:
    client = da.Client("sqlite://")
    async with client, da.Worker(client, [echo]):
        await (await client.start(echo("hello"), id="one")).result()
    async with client:
        assert await client.handle("one", str).result() == "hello"
    async with da.Client("sqlite://") as other:
        with pytest.raises(da.InstanceNotFoundError):
            await other.handle("one").state()


async def test_a_codec_stands_between_values_and_the_store() -> None:
    async with (
        da.Client("sqlite://", codec=Reversing()) as client,
        da.Worker(client, [echo]),
    ):
        handle = await client.start(echo("hello"), id="one")
        assert await handle.result() == "hello"
        record = await client.connection.record("one")
        assert record.output == Payload(b'"olleh"'[::1], "reversed")


async def test_a_codec_may_be_given_with_a_converter_or_in_it_but_not_twice() -> None:
    codec = Reversing()
    assert da.Client("sqlite://", converter=Converter(), codec=codec).converter.codec is codec
    assert da.Client("sqlite://", converter=Converter(codec=codec)).converter.codec is codec
    with pytest.raises(ValueError, match="one of them"):
        da.Client("sqlite://", converter=Converter(codec=codec), codec=Reversing())


async def test_clients_of_different_namespaces_do_not_meet() -> None:
    with pytest.raises(da.StoreError, match="namespace"):
        da.Client("sqlite://", namespace="")
