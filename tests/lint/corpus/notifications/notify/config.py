"""Configuration, read from the environment and from .env."""

from __future__ import annotations

import os
import platform
import sys
import uuid
from datetime import datetime, timezone
from functools import lru_cache

from dotenv import load_dotenv
from pydantic_settings import BaseSettings

load_dotenv()

SENDER = os.environ.get("NOTIFY_SENDER", "hello@example.com")
QUIET_HOURS = range(22, 24)
DEPLOYED_AT = datetime.now(timezone.utc)
WORKER_ID = f"{platform.node()}-{uuid.uuid4().hex[:8]}"
WORKER_LABEL = f"notify/{WORKER_ID}"
TRACE_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "notify.example.com")


class Settings(BaseSettings):
    twilio_sid: str = ""
    twilio_token: str = ""
    daily_cap: int = 3


@lru_cache  # expect: DUR141
def get_settings() -> Settings:
    return Settings()  # expect: DUR124


def trace_id(*parts: str) -> str:
    return str(uuid.uuid5(TRACE_NAMESPACE, "/".join(parts)))


def envelope_headers(campaign: str) -> dict[str, str]:
    return {
        "from": SENDER,
        "x-trace": trace_id(campaign),
        "x-worker": WORKER_LABEL,  # expect: DUR112
    }


def is_new_deploy(moment: datetime) -> bool:
    return (moment - DEPLOYED_AT).total_seconds() < 600  # expect: DUR101


def debug_info() -> dict[str, str]:
    """Behind /debug."""
    return {"worker": WORKER_ID, "since": DEPLOYED_AT.isoformat(), "argv": " ".join(sys.argv)}
