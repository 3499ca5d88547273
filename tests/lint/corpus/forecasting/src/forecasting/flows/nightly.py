"""The nightly forecast."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from operator import itemgetter

import durable_async as da

from forecasting import frames, sources
from forecasting.functional import compose, group_by, pipe, stable_unique, tap, unique
from forecasting.functional.collections import by_identity
from forecasting.functional.pipes import always, guarded, settle
from forecasting.registry import ModelRegistry

logger = logging.getLogger(__name__)

clean = compose(frames.seasonal, frames.jittered)
ROUNDED = partial(round, ndigits=2)


@da.orchestrator
async def forecast_sku(sku: str, since: str, days: int = 28, overrides: str = "") -> list[float]:
    rows = await sources.fetch_rows(sku, since)
    frame = frames.with_calendar(frames.to_frame(rows))
    if overrides:
        frame = frames.from_csv_text(overrides)
    values = await pipe([float(v) for v in frame["units"]], clean, tap(sku))
    low, high = frames.bootstrap(values)
    registry = da.entity_ref(ModelRegistry, "all")
    kind = await registry.call(ModelRegistry.model_of, sku)
    model = await guarded(sources.fit(sku, values), partial(forget, sku))
    predicted = await always(sources.predict(model, frames.horizon(days)), [])
    logger.info("%s: %s, between %.1f and %.1f", sku, kind, low, high)
    bounded = [min(max(value, low), high) for value in predicted]
    await sources.publish(sku, bounded)
    return list(map(ROUNDED, bounded))


async def forget(sku: str) -> None:
    await da.entity_ref(ModelRegistry, "all").call(ModelRegistry.assign, sku, "none")


@da.orchestrator
async def nightly(skus: list[str], since: str, width: int = 20) -> dict[str, int]:
    da.set_custom_status({"skus": len(skus)})
    skus = unique(skus)
    families = group_by(skus, itemgetter(0))
    done: dict[str, int] = {}
    for family, members in families.items():
        calls = [forecast_sku.options(id=f"{da.info().instance_id}/{sku}")(sku, since) for sku in members]
        results = await settle(by_identity(calls))
        done[family] = len(results)
        if len(results) < len(members):
            sources.publish(family, [0.0])  # expect: DUR133
    await asyncio.sleep(1)
    return done


async def preview(skus: list[str]) -> list[float]:
    """From a notebook: plain asyncio, nothing durable."""
    return await asyncio.to_thread(frames.permuted, [float(len(sku)) for sku in stable_unique(skus)])
