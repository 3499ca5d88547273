"""Configuration of the shop, from the process environment."""

from __future__ import annotations

import os
import time
from functools import lru_cache

from pydantic_settings import BaseSettings

LOADED_AT = time.time()
REGION = os.environ.get("SHOP_REGION", "eu-west-1")


class ShopSettings(BaseSettings):
    currency: str = "EUR"
    free_shipping_cents: int = 5_000
    carrier: str = "dhl"

    def is_free(self, cents: int) -> bool:
        return cents >= self.free_shipping_cents


@lru_cache(maxsize=1)  # expect: DUR141
def get_settings() -> ShopSettings:
    return ShopSettings()  # expect: DUR124


def feature_enabled(name: str) -> bool:
    flags = os.environ.get("SHOP_FLAGS", "")  # expect: DUR124
    return name in flags.split(",")


def worker_url() -> str:
    """Only the worker's start script wants this."""
    return os.environ["DURABLE_URL"]
