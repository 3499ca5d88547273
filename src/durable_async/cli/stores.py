"""The store that a command works on. Invariant: a command that only looks never makes one.

A mistyped path would otherwise be an empty store, which answers every question with "nothing".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import unquote

import attrs
import click

from durable_async.app import Client
from durable_async.cli.documents import value_of
from durable_async.cli.refusals import CommandError, TargetError
from durable_async.cli.targets import load_given
from durable_async.convert.jsonform import to_json
from durable_async.errors import StoreError
from durable_async.model.payload import Payload
from durable_async.ports import Codec

__all__ = ["PLAIN", "Store"]

T = TypeVar("T")

FILE: Final = "sqlite:///"
PLAIN: Final = "json"
"""How a payload is encoded that no codec has written."""

IN_MEMORY: Final = frozenset(("sqlite:", "sqlite:/", "sqlite:///:memory:"))


@attrs.frozen(kw_only=True)
class Store:
    """Where the instances are: a URL and a namespace of it.

    codec_target: the codec of those who wrote the values, in words that another process
    understands; None if they are plain, or if it is not at hand.
    """

    url: str
    namespace: str
    codec_target: str | None = None

    def ask(self, question: Callable[[Client], Awaitable[T]]) -> T:
        """The answer of a store that exists.

        Raises: click.UsageError if the URL is none of a store that processes share; CommandError
        if there is no such store; StoreError if it cannot be used.
        """
        client = self._shared(self.codec() or SealedAsBytes())
        path = self._path()
        if path is not None and not path.exists():
            raise CommandError(
                f"there is no store at {path}: the URL is {self.url}. Give another --url, or set "
                "DURABLE_URL; a store is made by the first run, worker or start on it",
                kind="StoreError",
            )
        return asyncio.run(_answer(client, question))

    def tell(self, question: Callable[[Client], Awaitable[T]]) -> T:
        """The same, of a store that is made if it does not exist."""
        return asyncio.run(_answer(self._shared(self.codec() or SealedAsBytes()), question))

    def work(self, work: Callable[[Client], Awaitable[T]]) -> T:
        """The same, for code that must not be given a value which it could not read."""
        return asyncio.run(_answer(self._shared(self.codec()), work))

    def check(self) -> None:
        """Raises: click.UsageError if the URL, or the namespace, cannot be one."""
        self._client(None)

    def namespace_of(self, client: Client) -> str:
        """The one that an open client of this store is in. That of a Temporal cluster may be said
        in the URL, or where Temporal's own tools look."""
        found: str = getattr(client.host, "namespace", self.namespace)
        return found

    def codec(self) -> Codec | None:
        """Raises: TargetError if what was named is none."""
        if self.codec_target is None:
            return None
        codec: Any = load_given(self.codec_target)
        if not all(callable(getattr(codec, name, None)) for name in ("encode", "decode")):
            raise TargetError(
                f"{self.codec_target} is no codec: it has no methods encode and decode. Name the "
                "object that the code gives to Client(..., codec=...)"
            )
        found: Codec = codec
        return found

    def _shared(self, codec: Codec | None) -> Client:
        client = self._client(codec)
        if self.url.rstrip("/") in IN_MEMORY:
            raise click.UsageError(
                f"{self.url} is kept in the memory of one process: nobody else sees it. Give a "
                "file: --url sqlite:///durable.db"
            )
        return client

    def _client(self, codec: Codec | None) -> Client:
        try:
            return Client(self.url, namespace=self.namespace, codec=codec)
        except (StoreError, ValueError) as error:
            raise click.UsageError(str(error)) from error

    def _path(self) -> Path | None:
        """The file of the URL, if it is one."""
        return Path(unquote(self.url.removeprefix(FILE))) if self.url.startswith(FILE) else None


class SealedAsBytes:
    """For looking at a store whose values a codec has written, which only the user's code has.

    A value that it could not read does not hide the rest of the page: it is shown as
    {"encoding": ..., "base64": ...}.
    """

    def encode(self, payload: Payload) -> Payload:
        return payload

    def decode(self, payload: Payload) -> Payload:
        if payload.encoding == PLAIN:
            return payload
        return Payload(to_json(value_of(payload)))


async def _answer(client: Client, question: Callable[[Client], Awaitable[T]]) -> T:
    async with client:
        return await question(client)
