"""How `call_http` connects. Invariant: a connection is made to an address that was looked at, and
to no other.

A name is looked up once, each address that it has is looked at, and one of them is connected to,
so that a name that leads elsewhere a moment later leads nowhere. httpx does not let its own
transport be told how to connect; the layer below it does. This module needs the extra `http`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

import httpcore
import httpx

__all__ = ["Transport"]

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")

_ERRORS: Final = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
)


class Transport(httpx.AsyncBaseTransport):
    """For one request. Raises: httpx.TransportError; what `_addresses` raises."""

    def __init__(self, tls: ssl.SSLContext, *, allow_private: bool) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls, max_connections=1, network_backend=_Backend(allow_private)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = await self._pool.handle_async_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        except _ERRORS as error:
            raise httpx.TransportError(_text(error)) from None
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Stream(answer.stream),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Stream(httpx.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._stream:
                yield part
        except _ERRORS as error:
            raise httpx.TransportError(_text(error)) from None

    async def aclose(self) -> None:
        await self._stream.aclose()


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


# ---- addresses -------------------------------------------------------------------------------


class _Backend(httpcore.AsyncNetworkBackend):
    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        last: Exception | None = None
        for address in await _addresses(host, port, allow_private=self._allow_private):
            try:
                stream = await self._plain.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
                continue
            await self._look_again(stream, host)
            return stream
        raise last or httpcore.ConnectError(f"{host} has no address")

    async def _look_again(self, stream: httpcore.AsyncNetworkStream, host: str) -> None:
        """At where the connection really leads."""
        peer = stream.get_extra_info("server_addr")
        if self._allow_private or peer is None:
            return
        try:
            _check(str(peer[0]), host)
        except PermissionError:
            await stream.aclose()
            raise

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def _addresses(host: str, port: int, *, allow_private: bool) -> list[str]:
    """Where a name leads. Raises: PermissionError if one of the addresses is refused: a name that
    leads here and there is not to be trusted; OSError if it leads nowhere."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not allow_private:
        for address in addresses:
            _check(address, host)
    return addresses


def _check(address: str, host: str) -> None:
    why = _why_refused(ipaddress.ip_address(address.partition("%")[0]))
    if why:
        raise PermissionError(
            f"{host} leads to {address}, {why}, and da.call_http does not connect there, so that a "
            "URL from outside cannot reach into this network. If it is meant: allow_private=True"
        )


def _why_refused(address: _Address) -> str:
    """ "" for a public address."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return _why_refused(inner)
    if address.is_loopback:
        return "this machine itself"
    if address.is_link_local:
        return "a link-local address"
    if address.is_multicast:
        return "a multicast address"
    if address.is_private:
        return "a private address"
    if not address.is_global or address.is_reserved or address.is_unspecified:
        return "which is no public address"
    return ""


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address only wraps."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    return None
