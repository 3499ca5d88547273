"""Settings come from the environment and, in development, from a .env file."""
from __future__ import annotations

import functools

from pydantic import Field
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    warehouse: str = "postgresql://localhost/ads"
    top_n: int = Field(20, ge=1)
    currency: str = "EUR"
    attach_csv: bool = True


@functools.cache  # expect: DUR141
def settings() -> Settings:
    return Settings()  # expect: DUR124
