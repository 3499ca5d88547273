import random
import time

import numpy as np
from durable_async import testing

from forecasting import frames, sources
from forecasting.flows import forecast_sku
from forecasting.functional import unique


def test_bootstrap_is_stable() -> None:
    values = list(np.random.normal(10, 1, 50))
    assert frames.bootstrap(values) == frames.bootstrap(values)


def test_unique() -> None:
    names = [f"sku-{random.randint(0, 9)}" for _ in range(100)]
    assert set(unique(names)) == set(names)


async def test_forecast() -> None:
    async with testing.environment([forecast_sku, sources.fetch_rows, sources.fit, sources.predict, sources.publish]) as env:
        env.replace(sources.fetch_rows, lambda sku, since: [])
        handle = await env.client.start(forecast_sku("sku-1", time.strftime("%Y-%m-%d")))
        assert isinstance(await handle.result(), list)
