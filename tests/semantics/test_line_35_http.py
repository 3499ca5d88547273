"""HTTP calls: line 35. The answers are a test's own; the wire is in tests/app/test_call_http.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime

import attrs
import pytest

import durable_async as da
from durable_async.model.history import ActivityScheduled, TimerFired
from durable_async.testing import Environment, HttpAnswer, HttpRequest, http_activity

from .worlds import START, World, after, kinds_of

URL = "https://shop.example/orders"


@attrs.frozen
class Outcome:
    status: int
    body: bytes
    took: float


@da.orchestrator
async def order(headers: dict[str, str] | None = None, url: str = URL) -> Outcome:
    began = da.now()
    response = await da.call_http("POST", url, headers=headers, body={"n": 1}, poll_interval=60)
    return Outcome(response.status, response.body, (da.now() - began).total_seconds())


def _answering(env: Environment, *answers: HttpAnswer) -> list[HttpRequest]:
    """Have these answered, one after the other; what was asked."""
    asked: list[HttpRequest] = []
    left = list(answers)

    def answer(request: HttpRequest) -> HttpAnswer:
        asked.append(request)
        return left.pop(0)

    env.replace(http_activity, answer)
    return asked


def _answer(status: int, *headers: tuple[str, str], body: bytes = b"") -> HttpAnswer:
    return HttpAnswer(status=status, headers=list(headers), body=body)


async def test_a_202_with_a_location_is_polled_until_another_status(world: World) -> None:
    """Line 35: by durable timers."""
    async with world([order]) as env:
        asked = _answering(
            env,
            _answer(202, ("Location", "/status/7")),
            _answer(202, ("Location", "/status/7")),
            _answer(200, body=b"done"),
        )
        handle = await env.client.start(order())
        assert await handle.result() == Outcome(200, b"done", 120)
        assert [(each.method, each.url) for each in asked] == [
            ("POST", URL),
            ("GET", "https://shop.example/status/7"),
            ("GET", "https://shop.example/status/7"),
        ]
        history = await handle.history()
        assert len(kinds_of(history, TimerFired)) == 2
        assert {each.name for each in kinds_of(history, ActivityScheduled)} == {
            "durable_async.http"
        }


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3600", 3_600),
        ("0", 0),
        (format_datetime(after(7_200), usegmt=True), 7_200),
        (format_datetime(START - timedelta(days=1), usegmt=True), 0),
        ("some day", 60),
    ],
)
async def test_retry_after_says_when(world: World, text: str, seconds: float) -> None:
    """Line 35: in seconds or as a date, on orchestration time; header names in any case."""
    async with world([order]) as env:
        _answering(env, _answer(202, ("LOCATION", "/x"), ("rEtRy-AfTeR", text)), _answer(200))
        assert (await (await env.client.start(order())).result()).took == seconds


async def test_a_202_without_a_location_is_returned(world: World) -> None:
    """Line 35: no Location returns the 202."""
    async with world([order]) as env:
        _answering(env, _answer(202, ("Retry-After", "5"), body=b"later"))
        assert await (await env.client.start(order())).result() == Outcome(202, b"later", 0)


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_what_is_no_2xx_is_returned_and_not_raised(world: World, status: int) -> None:
    """Line 35: non-2xx is returned."""
    async with world([order]) as env:
        asked = _answering(env, _answer(status, ("Location", "/x"), body=b"no"))
        assert await (await env.client.start(order())).result() == Outcome(status, b"no", 0)
        assert len(asked) == 1


@pytest.mark.parametrize(
    ("location", "kept"),
    [
        ("/status", True),
        ("https://SHOP.example:443/status", True),
        ("https://other.example/status", False),
        ("http://shop.example/status", False),
        ("https://shop.example:8443/status", False),
        ("//other.example/status", False),
    ],
)
async def test_credentials_are_dropped_on_a_cross_origin_hop(
    world: World, location: str, kept: bool
) -> None:
    """Line 35: origin is scheme, host and port."""
    secrets = {"Authorization": "Bearer t", "Cookie": "c", "X-Api-Key": "k"}
    async with world([order]) as env:
        asked = _answering(env, _answer(202, ("Location", location)), _answer(200))
        await (await env.client.start(order({**secrets, "Accept": "*/*"}))).result()
        names = {name for name, _ in asked[1].headers}
        assert names == ({*secrets, "Accept"} if kept else {"Accept"})


@pytest.mark.parametrize("url", ["ftp://shop.example/", "file:///etc/passwd", "shop.example"])
async def test_only_http_and_https_are_called(world: World, url: str) -> None:
    """Line 35: another scheme is refused, also as a Location."""
    async with world([order]) as env:
        with pytest.raises(ValueError, match="http and https"):
            await (await env.client.start(order(url=url))).result()
        if ":" in url:
            _answering(env, _answer(202, ("Location", url)))
            with pytest.raises(ValueError, match="http and https"):
                await (await env.client.start(order())).result()


@da.orchestrator
async def fetch(url: str) -> int:
    return (await da.call_http("GET", url)).status


@da.orchestrator
async def fetch_inside(url: str) -> int:
    return (await da.call_http("GET", url, allow_private=True)).status


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "192.168.0.1", "169.254.169.254", "[::1]", "[fe80::1]"]
)
async def test_private_and_link_local_targets_are_refused(world: World, host: str) -> None:
    """Line 35: unless allowed."""
    async with world([fetch]) as env:
        with pytest.raises(PermissionError, match="allow_private=True"):
            await (await env.client.start(fetch(f"http://{host}:9/"))).result()


async def test_private_targets_are_connected_to_where_that_is_allowed(
    world: World, unused_tcp_port_factory: Callable[[], int]
) -> None:
    """Line 35: nobody listens there, but it is tried."""
    async with world([fetch_inside]) as env:
        handle = await env.client.start(
            fetch_inside(f"http://127.0.0.1:{unused_tcp_port_factory()}/")
        )
        with pytest.raises(ConnectionError):
            await handle.result()
