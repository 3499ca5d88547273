"""Where a cluster is, as a URL says it. Invariant: what the URL leaves out is None, to be looked up
elsewhere; what is no address is refused, and what may be a secret in it is not repeated.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import attrs

from durable_async.errors import StoreError

__all__ = ["SCHEME", "Address", "address_of"]

SCHEME: Final = "temporal"

_DEFAULT_NAMESPACE: Final = "default"
_DEFAULT_PORT: Final = 7233
_PROFILE: Final = "profile"


@attrs.frozen
class Address:
    """target: "host:port". profile: of Temporal's file of profiles."""

    target: str | None = None
    namespace: str | None = None
    profile: str | None = None


def address_of(url: str, *, namespace: str) -> Address:
    """Read `temporal://host:7233/namespace?profile=name`, of which each part may be left out.

    namespace: as it was given beside the URL.
    Raises: ValueError if it is given in both; StoreError if the URL is no address.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or _DEFAULT_PORT
    except ValueError as error:
        raise _no_address(parts) from error
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    path = unquote(parts.path.strip("/"))
    profile = options.pop(_PROFILE, None)
    if (
        options
        or (parts.query and not profile)
        or "/" in path
        or parts.fragment
        or "@" in parts.netloc
    ):
        raise _no_address(parts)
    if parts.netloc and not parts.hostname:
        raise _no_address(parts)
    if path and namespace != _DEFAULT_NAMESPACE:
        raise ValueError(
            f"{url!r} names namespace {path!r}, and namespace={namespace!r} is given beside it: "
            "say it in one of the two places"
        )
    beside = None if namespace == _DEFAULT_NAMESPACE else namespace
    return Address(_target(parts.hostname, port), path or beside, profile)


def _target(host: str | None, port: int) -> str | None:
    if host is None:
        return None
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _no_address(parts: SplitResult) -> StoreError:
    # What stands before an @, or in a query, may be a password.
    host = parts.netloc.rpartition("@")[2]
    url = f"{parts.scheme}://{host}{parts.path}{'?...' if parts.query else ''}"
    return StoreError(
        f"{url!r} is no address of a Temporal cluster: write "
        "'temporal://host:7233/namespace', or 'temporal://host:7233/namespace?profile=name'. A "
        "key, or a certificate, has no place in it: set TEMPORAL_API_KEY or TEMPORAL_TLS_..., as "
        "for Temporal's own tools, or write them into a profile"
    )
