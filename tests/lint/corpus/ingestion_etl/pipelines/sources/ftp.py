"""Nightly drops of the partners' FTP servers."""

from __future__ import annotations

import asyncio
import gzip
import io
import threading
from concurrent import futures
from ftplib import FTP, all_errors

import durable_async as da

from pipelines.sources.base import Partition, Reader

PARTNER_HOSTS = {"acme": "drops.acme.example", "globex": "ftp.globex.example"}


@da.activity
def fetch_drop(host: str, name: str) -> int:
    buffer = io.BytesIO()
    with FTP(host) as server:
        server.login()
        server.retrbinary(f"RETR {name}", buffer.write)
    buffer.seek(0)
    with gzip.open(buffer, "rt") as text:
        return sum(1 for _ in text)


def manifest_size(body: bytes) -> int:
    header = io.BytesIO(body).readline()
    return int(header.split(b"=")[1])


class FtpReader(Reader):
    def row_count(self, table: str) -> int:
        done = threading.Event()  # expect: DUR131
        pool = futures.ThreadPoolExecutor(1)  # expect: DUR131
        future = pool.submit(manifest_size, b"rows=100\n")
        done.set()
        return future.result(timeout=30)  # expect: DUR102

    async def load(self, partition: Partition) -> int:
        host = PARTNER_HOSTS[self.config.name]
        try:
            return await fetch_drop(host, str(partition))
        except all_errors:
            return 0
        except asyncio.CancelledError:
            da.get_logger(__name__).warning("cancelled while reading %s", partition)
            raise


def list_drops(host: str) -> list[str]:
    with FTP(host) as server:
        server.login()
        return server.nlst()
