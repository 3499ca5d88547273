"""The demo's payment service: it may fail in every way but one, which is to charge a key twice."""

import http.client
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import payments
from ledger import Entry, Ledger, read_ledger
from payments import CALM, Faults, PaymentService, serving

GOOD, BAD = "tok_visa_4242", "tok_declined_expired_card"


class Caller:
    """What a client sees: a status and a JSON body, or a connection that breaks."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc

    def post(
        self, path: str, body: object, key: str | None = "k", raw: bytes | None = None
    ) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(self._address, timeout=10)
        try:
            headers = {} if key is None else {"Idempotency-Key": key}
            connection.request("POST", path, json.dumps(body) if raw is None else raw, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def charge(
        self, key: str, order: str = "o-1", cents: int = 12_50, card: str = GOOD
    ) -> tuple[int, Any]:
        return self.post("/charges", {"order": order, "cents": cents, "card": card}, key)

    def refund(self, key: str, order: str = "o-1") -> tuple[int, Any]:
        return self.post("/refunds", {"order": order}, key)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


@pytest.fixture
def caller(path: Path) -> Iterator[Caller]:
    with serving(path) as url:
        yield Caller(url)


def kinds(path: Path) -> list[str]:
    return [entry.kind for entry in read_ledger(path)]


def test_a_charge_is_in_the_ledger_with_its_order_key_and_cents(caller: Caller, path: Path) -> None:
    assert caller.charge("k1") == (201, {"charge": "ch_000001"})
    (entry,) = read_ledger(path)
    assert (entry.kind, entry.order, entry.key, entry.cents) == ("charged", "o-1", "k1", 12_50)


def test_the_same_key_is_charged_once_and_answered_alike(caller: Caller, path: Path) -> None:
    answers = [caller.charge("k1") for _ in range(3)]
    assert answers == [(201, {"charge": "ch_000001"})] * 3
    assert kinds(path) == ["charged", "repeated", "repeated"]


def test_another_key_is_another_charge_even_for_the_same_order(caller: Caller, path: Path) -> None:
    caller.charge("k1")
    caller.charge("k2")
    assert kinds(path) == ["charged", "charged"]


def test_a_key_that_many_send_at_once_is_charged_once(caller: Caller, path: Path) -> None:
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: caller.charge("k1"), range(16)))
    assert answers == [(201, {"charge": "ch_000001"})] * 16
    assert Counter(kinds(path)) == {"charged": 1, "repeated": 15}


def test_a_bad_card_is_declined_with_its_reason_and_stays_so(caller: Caller, path: Path) -> None:
    answers = [caller.charge("k1", card=BAD) for _ in range(2)]
    assert answers == [(402, {"error": "expired card"})] * 2
    assert kinds(path) == ["declined", "repeated"]


@pytest.mark.parametrize("other", [{"cents": 99}, {"order": "o-2"}])
def test_a_key_used_for_another_request_is_refused(
    caller: Caller, path: Path, other: dict[str, Any]
) -> None:
    caller.charge("k1")
    status, body = caller.charge("k1", **other)
    assert status == 422
    assert "'k1' was used for another request" in body["error"]
    assert caller.refund("k1")[0] == 422
    assert kinds(path) == ["charged"]


def test_a_refund_gives_back_all_that_the_order_has_paid_once(caller: Caller, path: Path) -> None:
    caller.charge("k1", cents=10_00)
    caller.charge("k2", cents=2_50)
    caller.charge("k3", order="o-2", cents=1_00)
    assert caller.refund("r1") == (200, {"cents": 12_50})
    assert caller.refund("r1") == (200, {"cents": 12_50})
    assert caller.refund("r2") == (200, {"cents": 0})
    refunds = [entry.cents for entry in read_ledger(path) if entry.kind == "refunded"]
    assert refunds == [12_50, 0]


def test_a_charge_that_comes_after_its_refund_is_not_made(caller: Caller, path: Path) -> None:
    assert caller.refund("r1") == (200, {"cents": 0})
    assert caller.charge("k1") == (409, {"error": "payments of o-1 are called off"})
    assert kinds(path) == ["refunded"]


@pytest.mark.parametrize(
    ("path_of_request", "body", "key", "status", "says"),
    [
        ("/charge", {}, "k", 404, "/charges, /refunds"),
        ("/charges", {"order": "o-1", "cents": 1, "card": GOOD}, None, 400, "Idempotency-Key"),
        ("/charges", {"order": "o-1", "cents": 1}, "k", 400, "card"),
        ("/charges", {"order": "o-1", "cents": "1", "card": GOOD}, "k", 400, "$.cents"),
        ("/charges", {"order": "o-1", "cents": 0, "card": GOOD}, "k", 400, "cents is 0"),
        ("/charges", {"order": "o-1", "cents": -5, "card": GOOD}, "k", 400, "cents is -5"),
        ("/refunds", ["o-1"], "k", 400, "object"),
        ("/refunds", {"order": "x" * 70_000}, "k", 413, "65536 are allowed"),
    ],
)
def test_a_request_that_is_wrong_is_refused_with_the_reason(
    caller: Caller,
    path: Path,
    path_of_request: str,
    body: object,
    key: str | None,
    status: int,
    says: str,
) -> None:
    got, answer = caller.post(path_of_request, body, key)
    assert got == status
    assert says in answer["error"]
    assert kinds(path) == []


def test_a_body_that_is_no_json_is_refused(caller: Caller) -> None:
    status, answer = caller.post("/charges", None, raw=b'{"order": ')
    assert status == 400
    assert "truncated" in answer["error"]


def test_when_it_is_unavailable_nothing_is_done(path: Path) -> None:
    faults = Faults(unavailable=1, dropped=0, fastest=0, slowest=0)
    with serving(path, faults) as url:
        assert Caller(url).charge("k1") == (503, {"error": "try again later"})
    assert kinds(path) == ["unavailable"]


def test_a_dropped_connection_hides_a_charge_that_was_made(path: Path) -> None:
    faults = Faults(unavailable=0, dropped=1, fastest=0, slowest=0)
    with serving(path, faults) as url, pytest.raises(ConnectionError):
        Caller(url).charge("k1")
    assert kinds(path) == ["charged", "dropped"]
    with serving(path, CALM) as url:
        assert Caller(url).charge("k1") == (201, {"charge": "ch_000001"})
    assert kinds(path) == ["charged", "dropped", "repeated"]


def test_the_same_seed_brings_each_order_the_same_bad_luck() -> None:
    plan = [Faults(seed=3).of(f"o-{order}", nth) for order in range(50) for nth in range(1, 5)]
    again = [Faults(seed=3).of(f"o-{order}", nth) for order in range(50) for nth in range(1, 5)]
    other = [Faults(seed=4).of(f"o-{order}", nth) for order in range(50) for nth in range(1, 5)]
    assert plan == again
    assert plan != other
    assert any(fault.unavailable for fault in plan)
    assert any(fault.dropped for fault in plan)
    assert not any(fault.unavailable and fault.dropped for fault in plan)
    assert all(0.005 <= fault.delay <= 0.040 for fault in plan)


def test_a_service_started_again_on_its_ledger_answers_as_before(path: Path) -> None:
    with serving(path) as url:
        Caller(url).charge("k1", order="o-1")
        Caller(url).charge("k2", order="o-2", card=BAD)
        Caller(url).charge("k3", order="o-3", cents=5_00)
        Caller(url).refund("r3", order="o-3")
    with serving(path) as url:
        assert Caller(url).charge("k1", order="o-1") == (201, {"charge": "ch_000001"})
        assert Caller(url).charge("k2", order="o-2", card=BAD)[0] == 402
        assert Caller(url).refund("r3", order="o-3") == (200, {"cents": 5_00})
        assert Caller(url).refund("r1", order="o-1") == (200, {"cents": 12_50})
        assert Caller(url).charge("k4", order="o-3")[0] == 409
        assert Caller(url).charge("k5", order="o-5") == (201, {"charge": "ch_000009"})


def test_a_line_cut_short_by_a_crash_is_no_entry_and_does_not_spoil_the_next(path: Path) -> None:
    ledger = Ledger(path)
    ledger.append("charged", "o-1", "k1", cents=1)
    ledger.close()
    with path.open("ab") as file:
        file.write(b'{"number":2,"at":"2025-')
    assert len(read_ledger(path)) == 1
    service = PaymentService(path)
    service.note("unavailable", "o-2", "k2")
    service.close()
    assert [(entry.number, entry.order) for entry in read_ledger(path)] == [(1, "o-1"), (2, "o-2")]


def test_as_a_process_it_says_where_it_listens_and_keeps_its_ledger_through_a_kill(
    path: Path,
) -> None:
    command = [sys.executable, payments.__file__, "--ledger", str(path), "--calm"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert Caller(url).charge("k1") == (201, {"charge": "ch_000001"})
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert kinds(path) == ["charged"]


def test_as_an_attached_process_it_ends_with_the_one_that_started_it(path: Path) -> None:
    command = [sys.executable, payments.__file__, "--ledger", str(path), "--attached"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        process.stdin.close()  # as the kernel does when a process ends
        assert process.wait(timeout=30) == -signal.SIGTERM


def test_entries_are_numbered_from_one_without_a_gap(caller: Caller, path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: caller.charge(f"k{n % 5}", order=f"o-{n % 5}"), range(40)))
    entries: list[Entry] = read_ledger(path)
    assert [entry.number for entry in entries] == list(range(1, 41))
