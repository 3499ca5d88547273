"""One HTTP request, as the activity of a worker makes it. Invariant: what goes wrong is raised in
classes of Python's own, so that whoever waits for the answer need not have httpx.
"""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
from typing import Any, Final

import attrs

from durable_async.errors import PayloadTooLargeError

__all__ = ["BODY_LIMIT", "HttpAnswer", "HttpRequest", "send"]

BODY_LIMIT: Final = 1_500_000
"""Bytes that the body of an answer may have: in the store they take a third more."""

_AGENT: Final = "durable-async"


@attrs.frozen(kw_only=True)
class HttpRequest:
    """allow_private: whether addresses that are no public ones may be connected to."""

    method: str
    url: str
    headers: list[tuple[str, str]]
    body: bytes | None
    allow_private: bool


@attrs.frozen(kw_only=True)
class HttpAnswer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


async def send(request: HttpRequest) -> HttpAnswer:
    """Make the request. No redirect is followed, and no proxy used.

    Raises: OSError, in particular ConnectionError and PermissionError; PayloadTooLargeError;
    ImportError, saying what to install.
    """
    httpx = _httpx()
    from durable_async.dsl.transport import Transport

    headers = [("user-agent", _AGENT)] if not _has(request, "user-agent") else []
    transport = Transport(await _tls(), allow_private=request.allow_private)
    async with httpx.AsyncClient(
        transport=transport, trust_env=False, follow_redirects=False, timeout=None
    ) as client:
        try:
            async with client.stream(
                request.method,
                request.url,
                headers=[*headers, *request.headers],
                content=request.body,
            ) as response:
                body = await _body(response, request)
        except (httpx.HTTPError, httpx.InvalidURL, socket.gaierror) as error:
            raise _plain(request, error) from None
        kept = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name not in _OF_THE_WIRE
        ]
        return HttpAnswer(status=response.status_code, headers=kept, body=body)


_OF_THE_WIRE: Final = frozenset(("content-encoding", "transfer-encoding", "content-length"))
"""Said of the body as it was sent, and not of what is handed on."""


def _has(request: HttpRequest, name: str) -> bool:
    return any(each.lower() == name for each, _ in request.headers)


async def _body(response: Any, request: HttpRequest) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > BODY_LIMIT:
            raise PayloadTooLargeError(
                f"the body of {request.method} {_shown(request.url)} has more than "
                f"{BODY_LIMIT:,} bytes: fetch it in an activity that puts it into a file or an "
                "object store, and pass its name"
            )
        parts.append(part)
    return b"".join(parts)


def _plain(request: HttpRequest, error: Exception) -> OSError:
    return ConnectionError(
        f"{request.method} {_shown(request.url)}: {type(error).__name__}"
        f"{f': {error}' if str(error) else ''}"
    )


def _shown(url: str) -> str:
    """Without the query, which may hold secrets."""
    return url.partition("?")[0]


def _httpx() -> Any:
    try:
        import httpx
    except ImportError as error:
        raise ImportError(
            'da.call_http needs the extra `http` where its worker runs: pip install "durable-async'
            '[http]"'
        ) from error
    return httpx


async def _tls() -> ssl.SSLContext:
    # Reading the certificates takes tens of milliseconds: once, and not on the loop.
    return await asyncio.to_thread(_tls_context)


@functools.cache
def _tls_context() -> ssl.SSLContext:
    context: ssl.SSLContext = _httpx().create_ssl_context()
    return context
