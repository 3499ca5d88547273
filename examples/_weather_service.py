"""A weather service and a slow print shop, for examples that call HTTP: on loopback, made of the
standard library, on a thread of its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar


class Handler(BaseHTTPRequestHandler):
    """GET /weather?place: the weather; it clears up after some calls. POST /print: 202 and a
    Location, where the answer is 202 until the print is done."""

    calls: ClassVar[dict[str, int]] = {}

    def do_GET(self) -> None:
        calls = self._count()
        if self.path.startswith("/weather"):
            self._answer(200, {"sky": "clear" if calls >= 3 else "rain"})
        elif calls < 3:
            self._answer(202, {"state": "printing"}, Location=self.path)
        else:
            self._answer(200, {"state": "printed", "pages": 12})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(202, {"state": "accepted"}, Location="/print/7")

    def _count(self) -> int:
        self.calls[self.path] = self.calls.get(self.path, 0) + 1
        return self.calls[self.path]

    def _answer(self, status: int, data: object, **headers: str) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the examples print what matters."""


@contextmanager
def weather_service() -> Iterator[str]:
    """Its address, while it runs."""
    Handler.calls.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
