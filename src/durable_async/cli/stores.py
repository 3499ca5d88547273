"""The store that a command works on. Invariant: a command that only looks never makes one.

A mistyped path would otherwise be an empty store, which answers every question with "nothing".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import unquote

import attrs
import click

from durable_async.app import Client
from durable_async.cli.refusals import CommandError
from durable_async.errors import StoreError

__all__ = ["Store"]

T = TypeVar("T")

FILE: Final = "sqlite:///"
IN_MEMORY: Final = frozenset(("sqlite:", "sqlite:/", "sqlite:///:memory:"))


@attrs.frozen(kw_only=True)
class Store:
    """Where the instances are: a URL and a namespace of it."""

    url: str
    namespace: str

    def ask(self, question: Callable[[Client], Awaitable[T]]) -> T:
        """The answer of a store that exists.

        Raises: click.UsageError if the URL is none of a store that processes share; CommandError
        if there is no such store; StoreError if it cannot be used.
        """
        client = self.shared()
        path = self._path()
        if path is not None and not path.exists():
            raise CommandError(
                f"there is no store at {path}: the URL is {self.url}. Give another --url, or set "
                "DURABLE_URL; a store is made by the first run, worker or start on it",
                kind="StoreError",
            )
        return asyncio.run(_answer(client, question))

    def use(self, question: Callable[[Client], Awaitable[T]]) -> T:
        """The same, of a store that is made if it does not exist."""
        return asyncio.run(_answer(self.shared(), question))

    def shared(self) -> Client:
        """A client of a store that other processes see, too; not opened yet."""
        client = self.client()
        if self.url.rstrip("/") in IN_MEMORY:
            raise click.UsageError(
                f"{self.url} is kept in the memory of one process: nobody else sees it. Give a "
                "file: --url sqlite:///durable.db"
            )
        return client

    def client(self) -> Client:
        """Raises: click.UsageError if the URL, or the namespace, cannot be one."""
        try:
            return Client(self.url, namespace=self.namespace)
        except (StoreError, ValueError) as error:
            raise click.UsageError(str(error)) from error

    def _path(self) -> Path | None:
        """The file of the URL, if it is one."""
        return Path(unquote(self.url.removeprefix(FILE))) if self.url.startswith(FILE) else None


async def _answer(client: Client, question: Callable[[Client], Awaitable[T]]) -> T:
    async with client:
        return await question(client)
