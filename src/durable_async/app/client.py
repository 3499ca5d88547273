"""Opens engines by their URLs for clients. Invariant: a wrong URL shows when the client is made."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from durable_async.client.client import Client as EngineClient
from durable_async.client.client import OpenEngine
from durable_async.convert.values import Converter
from durable_async.engines import open_engine
from durable_async.engines.thread import EngineThread
from durable_async.ports import Codec

if TYPE_CHECKING:
    from temporalio.client import Client as TemporalClient

__all__ = ["DEFAULT_URL", "Client", "is_cluster"]

DEFAULT_URL: Final = "sqlite:///durable.db"

_CLUSTER: Final = "temporal://"


def is_cluster(url: str) -> bool:
    """Whether the URL is that of an engine which hands out work in a way of its own.

    Raises: TypeError if it is no text.
    """
    if not isinstance(url, str):
        raise TypeError(
            f"the URL of a store must be a str, not {url!r} of type {type(url).__name__}. For a "
            "SQLite file write f'sqlite:///{path}'"
        )
    return url.startswith(_CLUSTER)


class Client(EngineClient):
    """Starts instances in a store, and finds them again: `async with Client(url) as client:`.

    url: "sqlite:///relative/path.db", "sqlite:////absolute/path.db", "sqlite://" for a store in
    memory that belongs to this object alone, or "temporal://host:7233/namespace" for a Temporal
    cluster; what such a URL leaves out, and keys and certificates, are looked up where Temporal's
    own tools look. namespace: a part of the store with names of its own. converter: value <->
    payload, by type hint. codec: payload <-> payload (encrypt, compress); every process that reads
    the same instances needs the same. temporal: a connected client of temporalio's, instead of a
    URL; its connection, namespace and interceptors are used, and it stays open.
    Raises: StoreError if the URL names no engine, and, when entered, if the store cannot be used;
    ValueError if `temporal` is not the only one that says where, or has a codec of its own.
    Known elsewhere as: Temporal's Client, Azure's durable client, DBOSClient.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        namespace: str = "default",
        converter: Converter | None = None,
        codec: Codec | None = None,
        temporal: TemporalClient | None = None,
    ) -> None:
        if temporal is None:
            connect = _connection(url, namespace)
        else:
            _refuse_both(url, namespace)
            connect, url = _connected(temporal)
        super().__init__(connect, converter=_converter(converter, codec), name=url)


def _connection(
    url: str, namespace: str
) -> Callable[[], contextlib.AbstractAsyncContextManager[OpenEngine]]:
    """How to open the engine of a URL. A wrong one shows now."""
    if is_cluster(url):
        from durable_async.engines.temporal import TemporalEngine, address_of

        address = address_of(url, namespace=namespace)
        return lambda: TemporalEngine(address)
    # Made here, once: a store in memory outlives the `async with`.
    engine = open_engine(url, namespace=namespace)
    return lambda: EngineThread(engine)


def _connected(
    temporal: TemporalClient,
) -> tuple[Callable[[], contextlib.AbstractAsyncContextManager[OpenEngine]], str]:
    """How to open the engine, and the URL that it would have."""
    from durable_async.engines.temporal import TemporalEngine

    engine = TemporalEngine(temporal)
    target = temporal.service_client.config.target_host
    return lambda: engine, f"temporal://{target}/{temporal.namespace}"


def _refuse_both(url: str, namespace: str) -> None:
    if (url, namespace) != (DEFAULT_URL, "default"):
        raise ValueError(
            "temporal=... is a client of one namespace of one cluster, and a url or a namespace is "
            "given beside it: give da.Client one of the two"
        )


def _converter(converter: Converter | None, codec: Codec | None) -> Converter:
    if codec is None:
        return converter or Converter()
    if converter is None:
        return Converter(codec=codec)
    if converter.codec is not None:
        raise ValueError(
            "the converter has a codec of its own, and Client(..., codec=...) brings another: "
            "give it to one of them"
        )
    return converter.with_codec(codec)
