"""Load forecast."""
from __future__ import annotations

import socket
from decimal import Decimal

import numpy as np
from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync
from entsolink import AsyncEntsoClient, stream_prices
from sklearn.linear_model import LinearRegression


class Forecaster:
    def __init__(self, area: str) -> None:
        self.area = area
        self.model = LinearRegression()
        self.entso = AsyncEntsoClient(area)

    async def delta(self) -> Decimal:
        load = await self.entso.query_load()  # expect: DUR132
        async for price in stream_prices(self.area):  # expect: DUR132
            load += price
            break
        async with self.entso.transaction() as transaction:  # expect: DUR132
            transaction.note(load)
        return Decimal(str(load)) + self._noise()

    def _noise(self) -> Decimal:
        rng = np.random.default_rng(len(self.area))
        return Decimal(str(rng.normal() + np.random.standard_normal()))  # expect: DUR111

    async def history(self, bucket: str) -> list[float]:
        async with InfluxDBClientAsync(url="http://influx") as client:
            return await client.query_api().query(f'from(bucket:"{bucket}")')


def position_of(area: str) -> Decimal:
    try:
        address = socket.gethostbyname("positions.internal")  # expect: DUR121
    except socket.gaierror:
        address = ""
    return Decimal(len(address) + len(area))
