"""SOAP gateway of the clearing house, and the fakes for the test bed."""

import asyncio
import http
import os
import socket
import ssl
import time
import xml.etree.ElementTree as ET
from typing import Protocol

import durable_async as da


class Transport(Protocol):
    async def send(self, body: bytes) -> int: ...


class TlsTransport:
    def __init__(self, host: str) -> None:
        self.host = host
        self.context = ssl.create_default_context()

    async def send(self, body: bytes) -> int:
        reader, writer = await asyncio.open_connection(self.host, 443, ssl=self.context)
        writer.write(body)
        await writer.drain()
        status = int((await reader.readline()).split()[1])
        writer.close()
        return status


class FakeTransport:
    def __init__(self) -> None:
        self.sent: list[tuple[float, bytes]] = []

    async def send(self, body: bytes) -> int:
        self.sent.append((time.time(), body))
        return http.HTTPStatus.OK


class Gateway:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @da.activity(retry=da.RetryPolicy(max_attempts=6, initial_interval=2), on_lost="fail")
    async def announce(self, number: str, carrier: str) -> int:
        root = ET.Element("port", number=number, carrier=carrier, host=socket.gethostname(), pid=str(os.getpid()))
        status = await self._transport.send(ET.tostring(root))
        if status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ConnectionError(status)
        return status


def retryable(error: Exception) -> bool:
    match error:
        case socket.gaierror() | TimeoutError():
            return True
        case ConnectionError(args=(int(status), *_)):
            return status != http.HTTPStatus.NOT_IMPLEMENTED
    return isinstance(error, ssl.SSLError) and error.errno == ssl.SSL_ERROR_EOF
