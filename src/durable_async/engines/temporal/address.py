"""Where a cluster is. Invariant: an address that was read names a host, a port and a namespace."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote, urlsplit

import attrs

from durable_async.errors import StoreError

__all__ = ["SCHEME", "Address", "address_of"]

SCHEME: Final = "temporal"

_DEFAULT_NAMESPACE: Final = "default"
_DEFAULT_PORT: Final = 7233


@attrs.frozen
class Address:
    """target: "host:port"."""

    target: str
    namespace: str


def address_of(url: str, *, namespace: str) -> Address:
    """Read `temporal://host:7233/namespace`; the port and the namespace may be left out.

    namespace: as it was given beside the URL.
    Raises: ValueError if it is given in both; StoreError if the URL names no cluster.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or _DEFAULT_PORT
    except ValueError as error:
        raise _no_cluster(url) from error
    path = unquote(parts.path.strip("/"))
    if not parts.hostname or "/" in path or parts.query or parts.fragment or "@" in parts.netloc:
        raise _no_cluster(url)
    if path and namespace != _DEFAULT_NAMESPACE:
        raise ValueError(
            f"{url!r} names namespace {path!r}, and namespace={namespace!r} is given beside it: "
            "say it in one of the two places"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Address(f"{host}:{port}", path or namespace)


def _no_cluster(url: str) -> StoreError:
    return StoreError(
        f"{url!r} is no address of a Temporal cluster: write 'temporal://host:7233/namespace'"
    )
