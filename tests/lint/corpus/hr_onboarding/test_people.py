"""Unit tests of the onboarding flows."""

import asyncio
import datetime
import os
import pathlib
import secrets
from unittest import mock

import pytest
from durable_async import testing
from people import directory, flows, model


@pytest.fixture(autouse=True)
def fixed_environment(monkeypatch, tmp_path: pathlib.Path):
    monkeypatch.setattr(secrets, "choice", lambda seq: seq[0])
    monkeypatch.setattr(os, "getlogin", lambda: "ci")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "templates").mkdir()
    for step in {"contract", "tax", "badge"}:
        (tmp_path / "templates" / f"{step}.json").write_text('{"text": "hello {name}"}')
    yield
    directory._taken.clear()


def test_account_names() -> None:
    assert directory.AccountName("Ada Lovelace").value == "alovelace"
    assert directory.describe(pathlib.Path(__file__)).startswith("test_people.py")


async def test_onboard() -> None:
    hire = model.Hire("Ada Lovelace", "ada@example.com", datetime.date.today() + datetime.timedelta(days=3))
    async with testing.environment([flows]) as env:
        env.replace(flows.create_account, mock.AsyncMock(return_value="cn=ada"))
        handle = await env.client.start(flows.onboard(hire))
        await env.advance(datetime.timedelta(days=10))
        assert await handle.result(timeout=5)


def test_sync_entry() -> None:
    assert asyncio.run(flows.greet.fn("a@example.com", "hi")) is None
