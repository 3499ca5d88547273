from __future__ import annotations

import os
import secrets
import socket
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from pydantic_settings import BaseSettings

HOST = socket.gethostname()
NETWORK = os.getenv("CUSTODY_NETWORK", "testnet")
STARTED = datetime.now(timezone.utc)
WARM_UNTIL = STARTED + timedelta(minutes=5)
SESSION = secrets.token_hex(8)
PROCESS_TAG = f"proc-{SESSION}"
CONFIRMATIONS = 6
EPOCH = datetime(2009, 1, 3, tzinfo=timezone.utc)


class Limits(BaseSettings):
    daily: int = 100
    cold_share: float = 0.95


@dataclass(frozen=True)
class Fees:
    slow: int = 1
    fast: int = 20
    read_at: float = time.monotonic()


FEES = Fees()
