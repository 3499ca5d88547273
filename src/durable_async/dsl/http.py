"""HTTP requests that are durable. Invariant: each request is an activity, each wait between two is
a durable timer; what an answer leads to next depends on nothing but that answer.

The activity is one of our own, `durable_async.http`; every worker has it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Coroutine, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

import attrs

from durable_async.convert.durations import Duration, optional_seconds, seconds
from durable_async.convert.values import Converter
from durable_async.dsl.calls import ActivityCall
from durable_async.dsl.context import converter_of, refuse_in_operation, required
from durable_async.dsl.decorators import activity
from durable_async.dsl.definitions import Activity
from durable_async.dsl.durables import now
from durable_async.dsl.policy import RetryPolicy
from durable_async.dsl.sending import HttpAnswer, HttpRequest, send
from durable_async.lines import Place, user_place
from durable_async.model.work import INTERNAL

__all__ = ["Headers", "HttpResponse", "call_http", "http_activity"]

DEFAULT_TIMEOUT: Final = 60.0
"""Seconds that one request may take, if nothing else is said."""

_ACCEPTED: Final = 202
_PORTS: Final = {"http": 80, "https": 443}
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_GO_ANYWHERE: Final = frozenset(("accept", "accept-language", "user-agent"))
"""Headers that go to another origin as well. No list of credentials would do: each API has its
own."""

_OF_A_BODY: Final = frozenset(
    ("content-type", "content-length", "content-encoding", "transfer-encoding")
)


class Headers(dict[str, str]):
    """Headers of an answer, by names in any case. A header that came several times stands once,
    joined with commas; `set-cookie`, which has commas of its own, with newlines."""

    def __init__(self, headers: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        super().__init__()
        for name, value in headers.items() if isinstance(headers, Mapping) else headers:
            name = name.lower()
            before = super().get(name)
            joint = "\n" if name == "set-cookie" else ", "
            super().__setitem__(name, value if before is None else f"{before}{joint}{value}")

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


def _plain(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> dict[str, str]:
    return dict(Headers(headers))


@attrs.frozen
class HttpResponse:
    """An answer to `call_http`.

    status: of HTTP, whatever it is. headers: by names in any case. body: as it was meant, that is
    not compressed."""

    status: int
    _headers: dict[str, str] = attrs.field(converter=_plain)
    body: bytes = b""

    @property
    def headers(self) -> Headers:
        # Made when asked for: what is stored is a dict like any other.
        return Headers(self._headers)

    def json(self) -> Any:
        """What the body holds, in plain JSON types. Raises: ValueError if that is no JSON."""
        return json.loads(self.body)


http_activity: Final[Activity[[HttpRequest], HttpAnswer]] = activity(name=f"{INTERNAL}http")(send)
"""One request. Give it to `env.replace` to have tests answer."""


def call_http(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    poll: bool = True,
    timeout: Duration | None = None,
    allow_private: bool = False,
    poll_interval: Duration = 1.0,
    retry: RetryPolicy | None = None,
) -> Coroutine[Any, Any, HttpResponse]:
    """Make an HTTP request, and wait for what becomes of it.

    An answer 202 with a Location is a promise: that URL is asked again, after the time in its
    Retry-After (seconds, or a date by the orchestrator's clock) or else `poll_interval`, until
    the answer is another one. Each wait is a durable timer. All other answers are returned, also
    redirects and errors; only what gives no answer raises.

    method: e.g. "POST". url: of http or https. headers: as they are to be sent; they are recorded
    as well. body: bytes; text, sent as UTF-8; or a value that is sent as JSON. poll: False to
    have a 202 as it is. timeout: for one request (seconds or a timedelta), 60 s if None.
    allow_private: whether addresses that are no public ones may be asked: those of this machine,
    of private and local networks. Without it they are refused, whatever name leads there, so that
    a URL that a stranger made cannot reach into your network. poll_interval: see above. retry: for
    each request that gives no answer, or takes too long.
    To another origin (scheme, host, port) only the headers Accept, Accept-Language and User-Agent
    are sent on: no credentials. Proxies of the environment are not used.

    Raises: ValueError or TypeError for arguments that make no request; ConnectionError, or
    another OSError; PermissionError for an address that is refused; ActivityTimeoutError;
    PayloadTooLargeError for a body over 1,500,000 bytes; ImportError where the extra `http` is
    not installed; OutsideOrchestratorError; NotDurableError inside an operation of an entity.
    Records: ActivityScheduled, then ActivityCompleted or ActivityFailed, for each request;
    TimerStarted and TimerFired between two.
    Known elsewhere as: Azure call_http.
    """
    refuse_in_operation("da.call_http is used")
    runtime = required("call_http")
    request = _request(method, url, headers or {}, body, allow_private, converter_of(runtime))
    limit = optional_seconds(timeout, "the timeout of da.call_http")
    sending = http_activity.options(
        retry=retry, timeout=DEFAULT_TIMEOUT if limit is None else limit
    )
    interval = seconds(poll_interval, what="the poll_interval of da.call_http")
    return _call(request, sending, poll=poll, interval=interval, place=user_place(2))


async def _call(
    request: HttpRequest,
    sending: Activity[[HttpRequest], HttpAnswer],
    *,
    poll: bool,
    interval: float,
    place: Place | None,
) -> HttpResponse:
    promised = False
    while True:
        answer = await ActivityCall(sending, (request,), {}, place)
        response = HttpResponse(answer.status, answer.headers, answer.body)
        location = response.headers.get("location")
        if not poll or response.status != _ACCEPTED or not (location or promised):
            return response
        promised = True
        await asyncio.sleep(_wait_of(response, interval))
        if location is not None:
            request = _next_request(request, location)
        else:
            request = _next_request(request, request.url)


def _wait_of(response: HttpResponse, interval: float) -> float:
    """Seconds until the next request."""
    text = (response.headers.get("retry-after") or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    when = _date_of(text)
    return interval if when is None else max(0.0, (when - now()).total_seconds())


def _date_of(text: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when


# ---- requests --------------------------------------------------------------------------------


def _request(
    method: object,
    url: object,
    headers: Mapping[str, str],
    body: Any,
    allow_private: bool,
    converter: Converter,
) -> HttpRequest:
    if not isinstance(method, str) or not _TOKEN.fullmatch(method):
        raise ValueError(f'{method!r} is no method of HTTP: write "GET" or the like')
    parts = _checked_url(url)
    pairs = _checked_headers(headers)
    names = {name.lower() for name, _ in pairs}
    if parts.username is not None and "authorization" not in names:
        pairs.append(("authorization", _basic(parts)))
    data, kind = _body(body, converter)
    if kind is not None and "content-type" not in names:
        pairs.append(("content-type", kind))
    return HttpRequest(
        method=method.upper(),
        url=_without_user(parts),
        headers=pairs,
        body=data,
        allow_private=allow_private,
    )


def _checked_url(url: object) -> SplitResult:
    if not isinstance(url, str):
        raise TypeError(f"the URL of da.call_http is a str, not {type(url).__name__}")
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no number
    except ValueError as error:
        raise ValueError(f"{url!r} is no URL: {error}") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(
            f"da.call_http takes URLs of http and https, with a host, not {url!r}. For anything "
            "else write an activity"
        )
    return parts


def _checked_headers(headers: Mapping[Any, Any]) -> list[tuple[str, str]]:
    for name, value in headers.items():
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a header")
        if not isinstance(value, str):
            raise TypeError(f"the header {name!r} is a str, not {type(value).__name__}")
        if any(character in value for character in "\r\n\0"):
            raise ValueError(f"the header {name!r} has a line break: it would begin another one")
    return list(headers.items())


def _body(body: Any, converter: Converter) -> tuple[bytes | None, str | None]:
    """The bytes, and what they are if nothing else is said."""
    match body:
        case None:
            return None, None
        case bytes() | bytearray() | memoryview():
            return bytes(body), None
        case str():
            return body.encode(), "text/plain; charset=utf-8"
        case _:
            plain = converter.with_codec(None)
            return plain.encode(body, what="the body of da.call_http").data, "application/json"


def _basic(parts: SplitResult) -> str:
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _without_user(parts: SplitResult) -> str:
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()


def _next_request(request: HttpRequest, location: str) -> HttpRequest:
    """Raises: ValueError for a location that is no URL of http or https."""
    parts = _checked_url(urljoin(request.url, location.strip()))
    stays = _origin(parts) == _origin(urlsplit(request.url))
    kept = [
        (name, value)
        for name, value in request.headers
        if name.lower() not in _OF_A_BODY and (stays or name.lower() in _GO_ANYWHERE)
    ]
    return attrs.evolve(request, method="GET", url=_without_user(parts), headers=kept, body=None)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
