"""How a cluster is connected with: by URL, by what is set for Temporal's own tools, by a client of
temporalio's; through TLS, and without a secret in a message."""

import asyncio
import dataclasses
import json
import logging
import socket
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
from tests.temporal.conftest import HAS_EXTRA
from tests.temporal.gate import Authority, huffman, open_gate

import durable_async as da
from durable_async.cli.main import main

if HAS_EXTRA:
    import temporalio.client
    import temporalio.converter
    from temporalio.service import TLSConfig

    from durable_async.engines.temporal.access import access_to
    from durable_async.engines.temporal.address import Address, address_of
else:
    pytest.skip("needs the extra 'temporal'", allow_module_level=True)

KEY = "Bare 0120 aaBB"
SECRET = "a-key-that-nobody-sees"


@da.orchestrator
async def double(number: int) -> int:
    return number * 2


SHOP = """
import durable_async as da

@da.orchestrator
async def checkout() -> str:
    return "done"
"""


# ---- the URL ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("temporal://host:1234/shop", Address("host:1234", "shop")),
        ("temporal://host", Address("host:7233")),
        ("temporal://[::1]:1/a", Address("[::1]:1", "a")),
        ("temporal://", Address()),
        ("temporal:///shop", Address(None, "shop")),
        ("temporal://host/a%20b?profile=prod", Address("host:7233", "a b", "prod")),
        ("temporal://?profile=prod", Address(None, None, "prod")),
    ],
)
def test_a_url_says_as_much_as_it_likes(url: str, address: Address) -> None:
    assert address_of(url, namespace="default") == address


def test_a_namespace_is_said_once() -> None:
    assert address_of("temporal://h", namespace="shop") == Address("h:7233", "shop")
    with pytest.raises(ValueError, match="one of the two places"):
        address_of("temporal://h/a", namespace="shop")


@pytest.mark.parametrize(
    "url",
    [
        f"temporal://user:{SECRET}@host/shop",
        f"temporal://host/shop?api_key={SECRET}",
        f"temporal://host/shop?profile=a&key={SECRET}",
        f"temporal://host/shop?{SECRET}",
        "temporal://host/shop?profile=",
        "temporal://host/a/b",
        "temporal://host:port/a",
        "temporal://:7233/a",
        "temporal://host/a#b",
    ],
)
def test_what_is_no_address_is_refused_and_no_secret_repeated(url: str) -> None:
    with pytest.raises(da.StoreError, match="no address of a Temporal cluster") as caught:
        da.Client(url)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


# ---- what is set for Temporal's own tools ----------------------------------------------------


def test_what_the_url_lacks_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "there:1")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "shop")
    found = access_to(Address())
    assert (found.target, found.namespace, found.is_encrypted) == ("there:1", "shop", False)
    found = access_to(Address("here:2", "other"))
    assert (found.target, found.namespace) == ("here:2", "other")


def test_nothing_at_all_is_a_server_on_this_computer() -> None:
    found = access_to(Address())
    assert (found.target, found.namespace, dict(found.settings)) == (
        "localhost:7233",
        "default",
        {},
    )


def test_a_key_brings_tls_and_an_empty_one_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", SECRET)
    found = access_to(Address("there:1"))
    assert found.is_encrypted
    assert found.settings["api_key"] == SECRET
    assert SECRET not in repr(found)
    monkeypatch.setenv("TEMPORAL_TLS", "false")
    assert not access_to(Address("there:1")).is_encrypted
    monkeypatch.delenv("TEMPORAL_TLS")
    monkeypatch.setenv("TEMPORAL_API_KEY", "")
    found = access_to(Address("there:1"))
    assert "api_key" not in found.settings
    assert not found.is_encrypted


@pytest.fixture
def profiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "profiles.toml"
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(path))
    return path


def test_a_profile_is_taken_by_name(profiles: Path) -> None:
    profiles.write_text(
        '[profile.default]\naddress = "a:1"\n'
        f'[profile.prod]\naddress = "b:2"\nnamespace = "shop"\napi_key = "{SECRET}"\n'
        '[profile.prod.grpc_meta]\nteam = "orders"\n'
    )
    assert access_to(Address()).target == "a:1"
    found = access_to(Address(profile="prod"))
    assert (found.target, found.namespace, found.is_encrypted) == ("b:2", "shop", True)
    assert found.settings["rpc_metadata"] == {"team": "orders"}
    with pytest.raises(da.StoreError, match="nosuch"):
        access_to(Address(profile="nosuch"))


def test_a_file_that_cannot_be_read_is_named_and_not_repeated(profiles: Path) -> None:
    with pytest.raises(da.StoreError, match="no such file"):
        access_to(Address())
    profiles.write_text(f"[profile.default]\napi_key = {SECRET}\n")
    with pytest.raises(da.StoreError, match="line 2") as caught:
        access_to(Address())
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    profiles.write_text('[profile.default.tls]\nclient_cert_path = "nowhere.pem"\n')
    with pytest.raises(da.StoreError, match=r"nowhere\.pem"):
        access_to(Address())


# ---- TLS -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


def _behind(temporal_url: str) -> tuple[str, str]:
    target, _, namespace = temporal_url.removeprefix("temporal://").partition("/")
    return target, namespace


async def _work(client: da.Client) -> int:
    async with client, da.Worker(client, [double]):
        return await (await client.start(double(21))).result()


async def test_a_key_is_sent_through_tls(
    temporal_url: str,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    target, namespace = _behind(temporal_url)
    monkeypatch.setenv("TEMPORAL_API_KEY", KEY)
    monkeypatch.setenv("TEMPORAL_TLS_SERVER_CA_CERT_PATH", str(authority.certificate))
    async with open_gate(target, authority) as gate:
        client = da.Client(f"temporal://{gate.target}/{namespace}")
        assert await _work(client) == 42
        assert huffman(f"Bearer {KEY}") in gate.seen
    assert KEY not in caplog.text + repr(client)


async def test_a_cluster_may_want_a_certificate(
    temporal_url: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, namespace = _behind(temporal_url)
    monkeypatch.setenv("TEMPORAL_TLS_SERVER_CA_CERT_PATH", str(authority.certificate))
    async with open_gate(target, authority, wants_certificates=True) as gate:
        client = da.Client(f"temporal://{gate.target}/{namespace}")
        with pytest.raises(da.StoreError, match="with TLS"):
            await client.__aenter__()
        mine = authority.issue("orders")
        monkeypatch.setenv("TEMPORAL_TLS_CLIENT_CERT_PATH", str(mine.certificate))
        monkeypatch.setenv("TEMPORAL_TLS_CLIENT_KEY_PATH", str(mine.key))
        assert await _work(client) == 42
        assert gate.clients == {"orders"}


async def test_who_forgets_tls_hears_of_it(temporal_url: str, authority: Authority) -> None:
    target, namespace = _behind(temporal_url)
    async with open_gate(target, authority) as gate:
        with pytest.raises(da.StoreError, match=r"without TLS.*TEMPORAL_TLS"):
            await da.Client(f"temporal://{gate.target}/{namespace}").__aenter__()


# ---- a client of temporalio's ----------------------------------------------------------------


async def test_a_connected_client_is_used_and_stays_open(
    temporal_url: str, authority: Authority
) -> None:
    target, namespace = _behind(temporal_url)
    async with open_gate(target, authority) as gate:
        connected = await temporalio.client.Client.connect(
            gate.target,
            namespace=namespace,
            api_key=KEY,
            tls=TLSConfig(server_root_ca_cert=authority.certificate.read_bytes()),
        )
        client = da.Client(temporal=connected)
        assert repr(client) == f"Client('temporal://{gate.target}/{namespace}')"
        assert await _work(client) == 42
        assert await _work(client) == 42
        assert await connected.service_client.check_health()
        assert huffman(f"Bearer {KEY}") in gate.seen


class Count(temporalio.client.Interceptor):
    def __init__(self) -> None:
        self.starts = 0

    def intercept_client(
        self, next: temporalio.client.OutboundInterceptor
    ) -> temporalio.client.OutboundInterceptor:
        return Counting(next, self)


class Counting(temporalio.client.OutboundInterceptor):
    def __init__(self, next: temporalio.client.OutboundInterceptor, count: Count) -> None:
        super().__init__(next)
        self._count = count

    async def start_workflow(self, input: Any) -> Any:
        self._count.starts += 1
        return await super().start_workflow(input)


async def test_its_interceptors_see_what_is_started(temporal_url: str) -> None:
    target, namespace = _behind(temporal_url)
    count = Count()
    connected = await temporalio.client.Client.connect(
        target, namespace=namespace, interceptors=[count]
    )
    assert await _work(da.Client(temporal=connected)) == 42
    assert count.starts == 1


async def test_a_codec_of_its_own_is_refused(temporal_url: str) -> None:
    class Seals(temporalio.converter.PayloadCodec):
        async def encode(self, payloads: Any) -> Any:
            return payloads

        async def decode(self, payloads: Any) -> Any:
            return payloads

    target, namespace = _behind(temporal_url)
    plain = temporalio.converter.DataConverter.default
    connected = await temporalio.client.Client.connect(
        target,
        namespace=namespace,
        data_converter=dataclasses.replace(plain, payload_codec=Seals()),
    )
    with pytest.raises(ValueError, match="codec"):
        da.Client(temporal=connected)
    with pytest.raises(ValueError, match="one of the two"):
        da.Client(temporal_url, temporal=connected)


# ---- the command line ------------------------------------------------------------------------


async def test_the_command_line_connects_in_the_same_way(
    temporal_url: str,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target, namespace = _behind(temporal_url)
    monkeypatch.setenv("TEMPORAL_TLS_SERVER_CA_CERT_PATH", str(authority.certificate))
    monkeypatch.setenv("TEMPORAL_API_KEY", KEY)
    async with open_gate(target, authority) as gate:
        monkeypatch.setenv("TEMPORAL_ADDRESS", gate.target)
        async with da.Client(f"temporal:///{namespace}") as client:
            await client.start(double(1), id="seen")
        command = ["show", "seen", "--url", f"temporal:///{namespace}", "--json"]
        assert await asyncio.to_thread(main, command) == 0
        assert json.loads(capsys.readouterr().out)["status"] == "PENDING"
    assert await asyncio.to_thread(main, command) == 1
    printed = capsys.readouterr()
    assert "no Temporal cluster answers" in printed.err
    assert KEY not in printed.out + printed.err


DURABLE = [
    sys.executable,
    "-c",
    "from durable_async.cli.main import main; raise SystemExit(main())",
]


@pytest.mark.parametrize("how", ["url", "option", "environment"])
def test_a_worker_names_the_namespace_that_it_is_in(
    temporal_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    target, namespace = _behind(temporal_url)
    command = [*DURABLE, "worker", "shop.py", "--json", "--url"]
    match how:
        case "url":
            command += [temporal_url]
        case "option":
            command += [f"temporal://{target}", "--namespace", namespace]
        case _:
            monkeypatch.setenv("TEMPORAL_NAMESPACE", namespace)
            command += [f"temporal://{target}"]
    (tmp_path / "shop.py").write_text(SHOP)
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as worker:
        try:
            assert worker.stdout is not None
            assert json.loads(worker.stdout.readline())["namespace"] == namespace
        finally:
            worker.kill()


def test_a_command_that_finds_no_server_says_so_and_ends_in_order() -> None:
    """The library's threads must not meet the end of the interpreter: that aborts the process."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # so that nobody else has the port
        ended = subprocess.run(
            [*DURABLE, "list", "--url", f"temporal://127.0.0.1:{deaf.getsockname()[1]}/shop"],
            capture_output=True,
            text=True,
        )
    assert ended.returncode == 1, ended.stderr
    assert "no Temporal cluster answers" in ended.stderr
    assert "Fatal" not in ended.stderr
