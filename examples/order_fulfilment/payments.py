"""A payment service, as a process of its own: HTTP on loopback, and a ledger on disk.

Invariant: a request is in the ledger before it is answered, and a key is charged at most once.

It is the kind of service that one has to live with. It takes its time, is unavailable now and
then, and sometimes takes the money and drops the connection, so that the caller cannot know
whether it was charged. Its one kindness is the `Idempotency-Key` header: a request with a key
that it has seen is not carried out again, but answered as it was the first time. It does not know
that an order must be paid only once: two keys for one order are two charges.

    POST /charges  {"order": "o-1", "cents": 1250, "card": "tok_visa_4242"}
        201 {"charge": "ch_000001"}, or 402 {"error": "insufficient funds"};
        409 if the payments of the order were called off.
    POST /refunds  {"order": "o-1"}
        200 {"cents": 1250}. Gives back what the order has paid, which may be nothing, and calls
        its payments off: a charge that arrives later is not made.

    python payments.py --ledger ledger.jsonl [--port 8088] [--seed 7] [--calm]
"""

from __future__ import annotations

import argparse
import random
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Final, assert_never

import attrs
import msgspec

from ledger import Entry, Kind, Ledger
from processes import end_with_parent

DECLINED: Final = "tok_declined_"
"""How the token of a card begins that will be declined; the rest of it is the reason."""

LARGEST_BODY: Final = 64 * 1024


@attrs.frozen(kw_only=True)
class ChargeRequest:
    order: str
    cents: int
    card: str


@attrs.frozen(kw_only=True)
class RefundRequest:
    order: str


PaymentRequest = ChargeRequest | RefundRequest

REQUESTS: Final[dict[str, type[ChargeRequest] | type[RefundRequest]]] = {
    "/charges": ChargeRequest,
    "/refunds": RefundRequest,
}


@attrs.frozen
class Answer:
    status: HTTPStatus
    body: dict[str, Any]


class RequestError(Exception):
    """A request that is wrong in itself, with the status that says so."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(status, message)
        self.answer = Answer(status, {"error": message})


class PaymentService:
    """What was charged and refunded, and under which key. Safe to share between threads.

    A service that is opened on the ledger of a former one goes on where that one ended.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._ledger = Ledger(path)
        self._decided: dict[str, Entry] = {}
        self._paid: Counter[str] = Counter()
        self._called_off: set[str] = set()
        for entry in self._ledger.entries:
            self._remember(entry)

    def handle(self, key: str, request: PaymentRequest) -> Answer:
        """Carry a request out, or answer it as it was answered before under the same key.

        Raises: RequestError if the key stands for another request.
        """
        with self._lock:
            known = self._decided.get(key)
            if known is not None:
                _check_same(key, known, request)
                self._ledger.append("repeated", request.order, key)
                return _answer(known)
            entry = self._decide(key, request)
            self._remember(entry)
            return _answer(entry)

    def note(self, kind: Kind, order: str, key: str) -> None:
        """Put into the ledger how a request fared on its way."""
        with self._lock:
            self._ledger.append(kind, order, key)

    def close(self) -> None:
        with self._lock:
            self._ledger.close()

    def _decide(self, key: str, request: PaymentRequest) -> Entry:
        match request:
            case ChargeRequest(order=order, cents=cents, card=card):
                if cents <= 0:
                    raise RequestError(
                        HTTPStatus.BAD_REQUEST, f"cents is {cents}; charge at least 1"
                    )
                if order in self._called_off:
                    raise RequestError(HTTPStatus.CONFLICT, f"payments of {order} are called off")
                if card.startswith(DECLINED):
                    reason = card.removeprefix(DECLINED).replace("_", " ")
                    return self._ledger.append("declined", order, key, cents=cents, reason=reason)
                return self._ledger.append("charged", order, key, cents=cents)
            case RefundRequest(order=order):
                return self._ledger.append("refunded", order, key, cents=self._paid[order])
            case _:
                assert_never(request)

    def _remember(self, entry: Entry) -> None:
        match entry.kind:
            case "charged":
                self._paid[entry.order] += entry.cents
            case "refunded":
                self._paid[entry.order] -= entry.cents
                self._called_off.add(entry.order)
            case "declined":
                pass
            case "repeated" | "unavailable" | "dropped":
                return  # nothing was decided
            case _:
                assert_never(entry.kind)
        self._decided[entry.key] = entry


def _answer(entry: Entry) -> Answer:
    """What the caller hears of an entry about money."""
    if entry.kind == "charged":
        return Answer(HTTPStatus.CREATED, {"charge": f"ch_{entry.number:06d}"})
    if entry.kind == "declined":
        return Answer(HTTPStatus.PAYMENT_REQUIRED, {"error": entry.reason})
    return Answer(HTTPStatus.OK, {"cents": entry.cents})


def _check_same(key: str, entry: Entry, request: PaymentRequest) -> None:
    """A key stands for one request: another one under it is the caller's mistake."""
    match request:
        case ChargeRequest(order=order, cents=cents):
            same = entry.kind != "refunded" and (entry.order, entry.cents) == (order, cents)
        case RefundRequest(order=order):
            same = entry.kind == "refunded" and entry.order == order
        case _:
            assert_never(request)
    if not same:
        raise RequestError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"key {key!r} was used for another request; take a new key for each",
        )


# ---------------------------------------------------------------- what goes wrong on the way


@attrs.frozen(kw_only=True)
class Fault:
    """delay: seconds before the request is looked at."""

    unavailable: bool
    dropped: bool
    delay: float


@attrs.frozen(kw_only=True)
class Faults:
    """The same seed gives each order the same bad luck, in whatever order requests come in.

    unavailable, dropped: the share of requests. fastest, slowest: seconds.
    """

    seed: int = 7
    unavailable: float = 0.08
    dropped: float = 0.06
    fastest: float = 0.005
    slowest: float = 0.040

    def of(self, order: str, nth: int) -> Fault:
        """The fault of the nth request about an order."""
        chance = random.Random(f"{self.seed}/{order}/{nth}")
        luck = chance.random()
        return Fault(
            unavailable=luck < self.unavailable,
            dropped=self.unavailable <= luck < self.unavailable + self.dropped,
            delay=chance.uniform(self.fastest, self.slowest),
        )


CALM: Final = Faults(unavailable=0, dropped=0, fastest=0, slowest=0)


# ---------------------------------------------------------------- HTTP


class PaymentServer(ThreadingHTTPServer):
    """Serves a PaymentService on loopback. port: 0 takes a free one."""

    request_queue_size = 256
    daemon_threads = True

    def __init__(self, service: PaymentService, faults: Faults, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), PaymentHandler)
        self.service = service
        self._faults = faults
        self._requests: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def next_fault(self, order: str) -> Fault:
        with self._lock:
            self._requests[order] += 1
            return self._faults.of(order, self._requests[order])

    def handle_error(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any
    ) -> None:
        # A caller that is gone before its answer is no error of the service.
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class PaymentHandler(BaseHTTPRequestHandler):
    """One request, on one connection, in a thread of its own."""

    timeout: ClassVar[float | None] = 10

    @property
    def payments(self) -> PaymentServer:
        assert isinstance(self.server, PaymentServer)
        return self.server

    def do_POST(self) -> None:
        try:
            key, request = self._read()
        except RequestError as error:
            self._send(error.answer)
            return
        fault = self.payments.next_fault(request.order)
        time.sleep(fault.delay)
        if fault.unavailable:
            self.payments.service.note("unavailable", request.order, key)
            self._send(Answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "try again later"}))
            return
        try:
            answer = self.payments.service.handle(key, request)
        except RequestError as error:
            answer = error.answer
        if fault.dropped:
            self.payments.service.note("dropped", request.order, key)
            self.close_connection = True
            return
        self._send(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the ledger tells it all."""

    def _read(self) -> tuple[str, PaymentRequest]:
        """The key and the request. Raises: RequestError if it is not one."""
        kind = REQUESTS.get(self.path)
        if kind is None:
            raise RequestError(HTTPStatus.NOT_FOUND, f"POST to one of {', '.join(REQUESTS)}")
        key = self.headers.get("Idempotency-Key", "")
        if not key:
            raise RequestError(HTTPStatus.BAD_REQUEST, "the header Idempotency-Key is missing")
        try:
            return key, msgspec.json.decode(self._body(), type=kind)
        except msgspec.DecodeError as error:
            raise RequestError(HTTPStatus.BAD_REQUEST, str(error)) from error

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise RequestError(HTTPStatus.LENGTH_REQUIRED, "the header Content-Length is missing")
        if int(length) > LARGEST_BODY:
            raise RequestError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"the body has {length} bytes; {LARGEST_BODY} are allowed",
            )
        return self.rfile.read(int(length))

    def _send(self, answer: Answer) -> None:
        body = msgspec.json.encode(answer.body)
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(ledger: Path, faults: Faults = CALM) -> Iterator[str]:
    """Serve in threads of this process, as a test does; the URL."""
    with closing(PaymentService(ledger)) as service, PaymentServer(service, faults) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.url
        finally:
            server.shutdown()
            thread.join()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="A payment service that fails now and then.")
    parser.add_argument("--ledger", type=Path, required=True, help="its file, made if missing")
    parser.add_argument("--port", type=int, default=0, help="on loopback; default: a free one")
    parser.add_argument("--seed", type=int, default=7, help="of what goes wrong")
    parser.add_argument("--calm", action="store_true", help="let nothing go wrong")
    parser.add_argument("--attached", action="store_true", help="end when standard input closes")
    options = parser.parse_args(arguments)
    faults = CALM if options.calm else Faults(seed=options.seed)
    with (
        closing(PaymentService(options.ledger)) as service,
        PaymentServer(service, faults, options.port) as server,
    ):
        if options.attached:
            end_with_parent()
        print(server.url, flush=True)  # whoever started it reads where it listens
        with suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
