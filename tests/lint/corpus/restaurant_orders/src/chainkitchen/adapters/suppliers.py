"""Suppliers behind the `Supplier` port; one class for each kind of contract."""

from __future__ import annotations

import abc
import asyncio
import ftplib
import importlib
import os
import subprocess
import tempfile
import threading
import time
from typing import ClassVar

import nats
import tenacity
from aiobreaker import CircuitBreaker

from .kitchen_activities import print_slip

breaker = CircuitBreaker(fail_max=3)


class Supplier(abc.ABC):
    orders: ClassVar[list[str]] = []

    def __init__(self, code: str) -> None:
        self.code = code

    @abc.abstractmethod
    async def order(self, sku: str, count: int) -> str: ...

    def book(self, text: str) -> int:
        Supplier.orders.append(f"{self.code} {text}")  # expect: DUR141
        return len(Supplier.orders)  # expect: DUR141


class FtpSupplier(Supplier):
    async def order(self, sku: str, count: int) -> str:
        host = os.environ[f"FTP_{self.code}"]  # expect: DUR124
        server = ftplib.FTP(host)  # expect: DUR121
        handle, name = tempfile.mkstemp(prefix=sku)  # expect: DUR122
        text = f"{sku};{count};{handle};{server}"
        return f"{name}-{self.book(text)}"


class PaperSupplier(Supplier):
    async def order(self, sku: str, count: int) -> str:
        slip = await print_slip("office", f"{count} x {sku}")
        status = subprocess.call(["faxsend", self.code, slip])  # expect: DUR123
        if status:
            time.sleep(10)  # expect: DUR102
        return slip


class BusSupplier(Supplier):
    async def order(self, sku: str, count: int) -> str:
        link = await nats.connect("nats://orders.internal")  # expect: DUR121
        threading.Thread(target=self.book, args=(sku,)).start()  # expect: DUR131
        return f"{link}/{sku}/{count}"


class GuardedSupplier(Supplier):
    async def order(self, sku: str, count: int) -> str:
        return await breaker.call_async(self._order, sku, count)  # expect: DUR132

    async def _order(self, sku: str, count: int) -> str:
        await asyncio.sleep(5)
        return f"{self.code}/{sku}/{count}"


class RetryingFax:
    """The accountants' tool; no flow knows it."""

    @tenacity.retry(stop=tenacity.stop_after_attempt(3))
    def send(self, number: str) -> None:
        subprocess.run(["faxsend", number], check=True)


def supplier(kind: str, code: str) -> Supplier:
    match kind:
        case "ftp":
            return FtpSupplier(code)
        case "paper":
            return PaperSupplier(code)
        case "bus":
            return BusSupplier(code)
        case "guarded":
            return GuardedSupplier(code)
    module = importlib.import_module(f"chainkitchen_{kind}")  # expect: DUR142
    return module.make(code)
