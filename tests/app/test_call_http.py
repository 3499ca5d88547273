"""HTTP requests of orchestrators, to a real server of this machine; time is the environment's."""

from __future__ import annotations

import gzip
import http.server
import json
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import durable_async as da
from durable_async import testing
from durable_async.dsl import sending, transport
from durable_async.dsl.http import Headers
from durable_async.testing import HttpAnswer, HttpRequest, http_activity

START = datetime(2026, 1, 31, 12, tzinfo=UTC)


@attrs.define
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Reply = tuple[int, dict[str, str], bytes]


class Server:
    """Answers as the test says, in a thread, on a port of its own; remembers what was asked."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.replies: dict[str, list[Reply]] = {}
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                size = int(self.headers.get("content-length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                path = self.path
                server.seen.append(Seen(self.command, path, headers, self.rfile.read(size)))
                planned = server.replies[path]
                status, sent, body = planned.pop(0) if len(planned) > 1 else planned[0]
                self.send_response(status)
                for name, value in sent.items():
                    for each in value.split("\n"):
                        self.send_header(name, each)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

            def log_message(self, *args: object) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def plan(self, path: str, *replies: Reply | int) -> None:
        self.replies[path] = [
            (reply, {}, b"") if isinstance(reply, int) else reply for reply in replies
        ]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def other() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@attrs.frozen
class Told:
    response: da.HttpResponse
    took: float


@da.orchestrator
async def ask(
    method: str,
    url: str,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    poll: bool = True,
    interval: float = 1.0,
) -> Told:
    began = da.now()
    response = await da.call_http(
        method,
        url,
        headers=headers,
        body=body,
        poll=poll,
        poll_interval=interval,
        allow_private=True,
    )
    return Told(response, (da.now() - began).total_seconds())


@pytest.fixture(params=["kept", "rebuilt"])
def rebuild(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "rebuilt")


async def _told(rebuild: bool, *args: Any, **kwargs: Any) -> Told:
    async with testing.environment([ask], rebuild=rebuild, start_time=START) as env:
        handle = await env.client.start(ask(*args, **kwargs))
        return await handle.result()


# ---- one request -------------------------------------------------------------------------------


async def test_a_request_is_sent_and_its_answer_returned(server: Server, rebuild: bool) -> None:
    server.plan("/orders?x=1", (201, {"X-Made": "yes", "ETag": '"1"'}, b'{"id": 7}'))
    told = await _told(rebuild, "post", f"{server.url}/orders?x=1#top", {"X-Who": "me"}, b"data")
    assert told.response.status == 201
    assert told.response.json() == {"id": 7}
    assert told.response.headers["x-made"] == told.response.headers.get("X-MADE") == "yes"
    (seen,) = server.seen
    assert (seen.method, seen.path, seen.body) == ("POST", "/orders?x=1", b"data")
    assert seen.headers["x-who"] == "me"
    assert seen.headers["user-agent"] == "durable-async"


@pytest.mark.parametrize("status", [204, 301, 302, 304, 307, 404, 409, 429, 500, 503])
async def test_whatever_the_status_it_is_returned_and_not_raised(
    server: Server, status: int
) -> None:
    server.plan("/x", (status, {"Location": "/elsewhere"}, b""))
    told = await _told(False, "GET", f"{server.url}/x")
    assert told.response.status == status
    assert len(server.seen) == 1


async def test_a_header_that_comes_twice_stands_once(server: Server) -> None:
    server.plan("/x", (200, {"Link": "a\nb", "Set-Cookie": "a=1, 2\nb=2"}, b""))
    headers = (await _told(True, "GET", f"{server.url}/x")).response.headers
    assert headers["LINK"] == "a, b"
    assert headers["Set-Cookie"].split("\n") == ["a=1, 2", "b=2"]


async def test_a_compressed_body_arrives_as_it_was_meant(server: Server) -> None:
    body = b"text " * 1_000
    server.plan("/x", (200, {"Content-Encoding": "gzip"}, gzip.compress(body)))
    response = (await _told(False, "GET", f"{server.url}/x")).response
    assert response.body == body
    assert "content-encoding" not in response.headers


@da.orchestrator
async def send_json(url: str) -> int:
    first = await da.call_http("POST", url, body={"n": [1, None]}, allow_private=True)
    second = await da.call_http("POST", url, body="text \u00e4", allow_private=True)
    third = await da.call_http(
        "POST", url, body=b"{}", headers={"content-type": "own/type"}, allow_private=True
    )
    return first.status + second.status + third.status


async def test_bodies_say_what_they_are(server: Server) -> None:
    server.plan("/x", 200)
    async with testing.environment([send_json]) as env:
        assert await (await env.client.start(send_json(f"{server.url}/x"))).result() == 600
    assert json.loads(server.seen[0].body) == {"n": [1, None]}
    assert server.seen[0].headers["content-type"] == "application/json"
    assert server.seen[1].body.decode() == "text \u00e4"
    assert server.seen[1].headers["content-type"] == "text/plain; charset=utf-8"
    assert server.seen[2].headers["content-type"] == "own/type"


async def test_who_is_named_in_the_url_is_sent_as_a_header_and_not_with_it(server: Server) -> None:
    server.plan("/x", 200)
    await _told(False, "GET", server.url.replace("//", "//ada:love%20lace@") + "/x")
    assert server.seen[0].headers["authorization"] == "Basic YWRhOmxvdmUgbGFjZQ=="


# ---- polling ---------------------------------------------------------------------------------


async def test_a_202_with_a_location_is_polled_by_durable_timers(
    server: Server, rebuild: bool
) -> None:
    server.plan("/start", (202, {"Location": "/status/1"}, b""))
    pending = (202, {"location": "/status/1"}, b"")
    server.plan("/status/1", pending, pending, (200, {}, b"done"))
    told = await _told(rebuild, "POST", f"{server.url}/start", body=b"x", interval=86_400)
    assert told.response.body == b"done"
    assert told.took == 3 * 86_400
    assert [(each.method, each.path) for each in server.seen] == [
        ("POST", "/start"),
        *[("GET", "/status/1")] * 3,
    ]
    assert all(each.body == b"" for each in server.seen[1:])
    assert all("content-type" not in each.headers for each in server.seen[1:])


async def test_retry_after_in_seconds_says_when(server: Server, rebuild: bool) -> None:
    server.plan("/x", (202, {"LOCATION": "/y", "RETRY-AFTER": "3600"}, b""))
    server.plan("/y", (202, {"location": "/z", "retry-after": "0"}, b""))
    server.plan("/z", 200)
    assert (await _told(rebuild, "GET", f"{server.url}/x")).took == 3_600


async def test_retry_after_as_a_date_is_meant_by_the_orchestrators_clock(
    server: Server, rebuild: bool
) -> None:
    date = format_datetime(START + timedelta(hours=5), usegmt=True)
    past = format_datetime(START - timedelta(hours=5), usegmt=True)
    server.plan("/x", (202, {"Location": "/y", "Retry-After": date}, b""))
    server.plan("/y", (202, {"Location": "/z", "Retry-After": past}, b""))
    server.plan("/z", 200)
    assert (await _told(rebuild, "GET", f"{server.url}/x")).took == 5 * 3_600


@pytest.mark.parametrize("text", ["soon", "-5", "1.5", "\u0663", ""])
async def test_a_retry_after_that_says_nothing_leaves_the_interval(
    server: Server, text: str
) -> None:
    async with testing.environment([ask], start_time=START) as env:
        answers = [
            HttpAnswer(status=202, headers=[("Location", "/y"), ("Retry-After", text)], body=b""),
            HttpAnswer(status=200, headers=[], body=b""),
        ]
        env.replace(http_activity, lambda request: answers.pop(0))
        handle = await env.client.start(ask("GET", "http://shop.example/x", interval=7))
        assert (await handle.result()).took == 7


async def test_a_202_without_a_location_is_the_answer(server: Server) -> None:
    server.plan("/x", (202, {"Retry-After": "5"}, b"accepted"))
    told = await _told(False, "POST", f"{server.url}/x")
    assert (told.response.status, told.response.body, told.took) == (202, b"accepted", 0)


async def test_a_promise_that_names_its_place_once_is_asked_there_until_it_is_kept(
    server: Server,
) -> None:
    server.plan("/x", (202, {"Location": "y"}, b""))
    server.plan("/y", 202, 202, 200)
    told = await _told(False, "GET", f"{server.url}/x")
    assert (told.response.status, told.took) == (200, 3)


async def test_without_poll_a_202_is_returned_as_it_is(server: Server) -> None:
    server.plan("/x", (202, {"Location": "/y"}, b""))
    told = await _told(False, "GET", f"{server.url}/x", poll=False)
    assert (told.response.status, told.response.headers["location"]) == (202, "/y")


async def test_what_polling_ends_with_is_returned_also_when_it_is_an_error(server: Server) -> None:
    server.plan("/x", (202, {"Location": "/y"}, b""))
    server.plan("/y", (500, {}, b"broken"))
    assert (await _told(False, "GET", f"{server.url}/x")).response.body == b"broken"


SECRETS = {"Authorization": "Bearer t", "Cookie": "c=1", "X-Api-Key": "k", "Accept": "text/plain"}


async def test_credentials_stay_with_their_origin(server: Server, other: Server) -> None:
    server.plan("/x", (202, {"Location": "/same"}, b""))
    server.plan("/same", (202, {"Location": f"{other.url}/there"}, b""))
    other.plan("/there", (202, {"Location": f"{server.url}/back"}, b""))
    server.plan("/back", 200)
    await _told(False, "GET", f"{server.url}/x", SECRETS)
    names = {name.lower() for name in SECRETS}
    assert names <= server.seen[0].headers.keys()
    assert names <= server.seen[1].headers.keys()
    for seen in (other.seen[0], server.seen[2]):  # once dropped, they do not come back
        assert seen.headers["accept"] == "text/plain"
        assert seen.headers.keys() & {"authorization", "cookie", "x-api-key"} == set()


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://x/y", "http://[::1"])
async def test_a_location_that_is_no_url_of_http_fails_the_call(location: str) -> None:
    async with testing.environment([ask]) as env:
        answer = HttpAnswer(status=202, headers=[("Location", location)], body=b"")
        env.replace(http_activity, lambda request: answer)
        handle = await env.client.start(ask("GET", "http://shop.example/"))
        with pytest.raises(ValueError, match="URL"):
            await handle.result()


# ---- what gives no answer ----------------------------------------------------------------------


@da.orchestrator
async def try_twice(url: str) -> int:
    retry = da.RetryPolicy(max_attempts=2, initial_interval=60)
    response = await da.call_http("GET", url, retry=retry, allow_private=True)
    return response.status


async def test_no_answer_is_a_connection_error_in_a_class_that_everybody_has() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # so that nobody else has the port
        port = deaf.getsockname()[1]
        async with testing.environment([ask]) as env:
            handle = await env.client.start(ask("GET", f"http://127.0.0.1:{port}/x?token=t"))
            with pytest.raises(ConnectionError, match=f"127.0.0.1:{port}/x: ") as caught:
                await handle.result()
            assert type(caught.value) is ConnectionError
            assert "token" not in str(caught.value)


async def test_requests_that_give_no_answer_are_tried_again_as_the_policy_says() -> None:
    tries: list[int] = []

    def shaky(request: HttpRequest) -> HttpAnswer:
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionError("gone")
        return HttpAnswer(status=200, headers=[], body=b"")

    async with testing.environment([try_twice]) as env:
        env.replace(http_activity, shaky)
        handle = await env.client.start(try_twice("http://shop.example/"))
        assert await handle.result() == 200
    assert len(tries) == 2


@da.orchestrator
async def impatient(url: str) -> None:
    await da.call_http("GET", url, timeout=0.05, allow_private=True)


async def test_a_request_that_takes_too_long_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        async with testing.environment([impatient]) as env:
            handle = await env.client.start(impatient(url))
            with pytest.raises(da.ActivityTimeoutError):
                await handle.result()


async def test_a_body_that_is_too_large_is_refused_while_it_comes(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BODY_LIMIT", 1_000)
    server.plan("/big", (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(1_001))))
    server.plan("/fits", (200, {}, bytes(1_000)))
    assert len((await _told(False, "GET", f"{server.url}/fits")).response.body) == 1_000
    with pytest.raises(da.PayloadTooLargeError, match="/big has more than 1,000 bytes"):
        await _told(False, "GET", f"{server.url}/big")


async def test_the_largest_body_fits_into_the_store() -> None:
    body = bytes(sending.BODY_LIMIT)
    async with testing.environment([ask]) as env:
        answer = HttpAnswer(status=200, headers=[("X", "y" * 60_000)], body=body)
        env.replace(http_activity, lambda request: answer)
        handle = await env.client.start(count_bytes("http://shop.example/"))
        with pytest.raises(da.NotRegisteredError):
            await handle.result()
    async with testing.environment([count_bytes]) as env:
        env.replace(http_activity, lambda request: answer)
        handle = await env.client.start(count_bytes("http://shop.example/"))
        assert await handle.result() == sending.BODY_LIMIT


@da.orchestrator
async def count_bytes(url: str) -> int:
    return len((await da.call_http("GET", url)).body)


# ---- where it does not go ----------------------------------------------------------------------

REFUSED = [
    "127.0.0.1",
    "127.8.8.8",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "239.1.1.1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::10.0.0.1",
    "2002:7f00:1::",
    "2001:db8::1",
]
PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    with pytest.raises(PermissionError, match="allow_private=True"):
        transport._check(address, "host.example")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_not_refused(address: str) -> None:
    transport._check(address, "host.example")


@given(st.ip_addresses(v=4))
def test_an_address_is_refused_in_all_its_disguises_or_in_none(address: Any) -> None:
    def refused(text: str) -> bool:
        try:
            transport._check(text, "host")
        except PermissionError:
            return True
        return False

    plain = refused(str(address))
    assert refused(f"::ffff:{address}") == plain
    assert refused(f"64:ff9b::{address}") == plain


@da.orchestrator
async def fetch(url: str) -> int:
    return (await da.call_http("GET", url)).status


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]"])
async def test_this_machine_is_refused_however_it_is_written(server: Server, host: str) -> None:
    server.plan("/x", 200)
    url = f"{server.url}/x".replace("127.0.0.1", host)
    async with testing.environment([fetch]) as env:
        handle = await env.client.start(fetch(url))
        with pytest.raises(OSError, match=r"leads to|address|Name or service|not known"):
            await handle.result()
    assert server.seen == []


def _resolving(*answers: list[str]) -> Callable[..., Any]:
    left = list(answers)

    async def getaddrinfo(self: Any, host: str, port: int, **kwargs: Any) -> list[Any]:
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    return getaddrinfo


async def _refused(monkeypatch: pytest.MonkeyPatch, url: str, *answers: list[str]) -> None:
    import asyncio

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", _resolving(*answers))
    async with testing.environment([fetch]) as env:
        handle = await env.client.start(fetch(url))
        with pytest.raises(PermissionError, match=r"shop\.example leads to 127\.0\.0\.1"):
            await handle.result()


async def test_a_name_that_leads_to_this_machine_is_refused(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{server.url}/x".replace("127.0.0.1", "shop.example")
    await _refused(monkeypatch, url, ["127.0.0.1"])
    assert server.seen == []


async def test_a_name_that_leads_here_and_there_is_refused(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{server.url}/x".replace("127.0.0.1", "shop.example")
    await _refused(monkeypatch, url, ["93.184.216.34", "127.0.0.1"])
    assert server.seen == []


async def test_a_name_is_looked_up_once_and_its_address_connected_to(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is public when it is looked at, and private when it is connected to."""
    import asyncio

    import httpcore

    lookups: list[str] = []
    connected: list[str] = []

    async def getaddrinfo(self: Any, host: str, port: int, **kwargs: Any) -> list[Any]:
        lookups.append(host)
        address = "93.184.216.34" if len(lookups) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    async def connect(self: Any, host: str, *args: Any) -> Any:
        connected.append(host)
        raise httpcore.ConnectError("nobody there")

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    async with testing.environment([fetch]) as env:
        handle = await env.client.start(fetch("http://shop.example/"))
        with pytest.raises(ConnectionError):
            await handle.result()
    assert lookups == ["shop.example"]
    assert connected == ["93.184.216.34"]


async def test_a_name_that_leads_nowhere_is_said_with_the_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import asyncio

    async def getaddrinfo(self: Any, host: str, port: int, **kwargs: Any) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    async with testing.environment([fetch]) as env:
        handle = await env.client.start(fetch("http://shop.example/x?key=secret"))
        with pytest.raises(ConnectionError, match=r"^GET http://shop.example/x: gaierror: .*known"):
            await handle.result()


async def test_a_connection_that_ends_up_elsewhere_is_refused(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    import httpcore

    connect = httpcore.AnyIOBackend.connect_tcp
    port = int(server.url.rpartition(":")[2])

    async def diverted(self: Any, host: str, *args: Any) -> Any:
        return await connect(self, "127.0.0.1", *args)

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", _resolving(["93.184.216.34"]))
    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", diverted)
    server.plan("/", 200)
    async with testing.environment([fetch]) as env:
        handle = await env.client.start(fetch(f"http://shop.example:{port}/"))
        with pytest.raises(PermissionError, match=r"127\.0\.0\.1"):
            await handle.result()
    assert server.seen == []


async def test_proxies_of_the_environment_are_not_used(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server.plan("/x", 200)
    assert (await _told(False, "GET", f"{server.url}/x")).response.status == 200


# ---- arguments ---------------------------------------------------------------------------------


@da.orchestrator
async def wrongly(which: int) -> str:
    given: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "ftp://x/y", {}),
        ("GET", "/relative", {}),
        ("GET", "http://", {}),
        ("GET", "http://x:port/", {}),
        ("GE T", "http://x/", {}),
        ("", "http://x/", {}),
        ("GET", "http://x/", {"headers": {"a b": "c"}}),
        ("GET", "http://x/", {"headers": {"a": "b\r\nc: d"}}),
        ("GET", "http://x/", {"headers": {"a": 1}}),
        ("GET", "http://x/", {"timeout": -1}),
        ("GET", "http://x/", {"poll_interval": float("nan")}),
        ("GET", "http://x/", {"body": object()}),
    ]
    method, url, more = given[which]
    try:
        await da.call_http(method, url, **more)
    except (ValueError, TypeError, da.SerializationError) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("which", range(12))
async def test_what_makes_no_request_is_refused_at_the_call(which: int) -> None:
    async with testing.environment([wrongly]) as env:
        handle = await env.client.start(wrongly(which))
        assert await handle.result()
        assert "ActivityScheduled" not in {type(e).__name__ for e in await handle.history()}


def test_outside_an_orchestrator_it_says_where_it_belongs() -> None:
    with pytest.raises(da.OutsideOrchestratorError, match="call_http"):
        da.call_http("GET", "http://x/")


@da.entity
@attrs.define
class Impatient:
    asked: int = 0

    async def ask(self) -> None:
        self.asked += 1
        await da.call_http("GET", "http://example.com/")


@da.orchestrator
async def asks_impatient() -> None:
    await da.entity_ref(Impatient, "i").call(Impatient.ask)


async def test_inside_an_operation_it_is_refused_as_all_that_waits_is() -> None:
    async with testing.environment([Impatient, asks_impatient]) as env:
        with pytest.raises(da.NotDurableError, match=r"operation cannot wait: da\.call_http"):
            await (await env.client.start(asks_impatient())).result()
        assert await env.client.read_entity(Impatient, "i") is None


def test_headers_are_found_in_any_case() -> None:
    headers = Headers({"Content-Type": "a/b"})
    assert headers["CONTENT-type"] == headers.get("content-TYPE") == "a/b"
    assert "Content-Type" in headers
    assert headers.get("missing") is None
    assert 5 not in headers


def test_a_body_that_is_no_json_says_so() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        da.HttpResponse(200, {}, b"<html>").json()


async def test_the_line_of_the_call_is_the_users(server: Server) -> None:
    async with testing.environment([fetch]) as env:
        env.replace(http_activity, lambda r: HttpAnswer(status=200, headers=[], body=b""))
        handle = await env.client.start(fetch("http://shop.example/"))
        await handle.result()
        lines = [e.line for e in await handle.history() if hasattr(e, "line")]
    assert lines == [f"{__file__}:{fetch.fn.__code__.co_firstlineno + 2}"]


def test_without_the_extra_the_error_says_what_to_install() -> None:
    script = """
        import asyncio, sys
        sys.modules["httpx"] = None
        import durable_async.dsl.sending as sending
        request = sending.HttpRequest(
            method="GET", url="http://x/", headers=[], body=None, allow_private=False
        )
        try:
            asyncio.run(sending.send(request))
        except ImportError as error:
            print(error)
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )
    assert 'pip install "durable-async[http]"' in done.stdout
