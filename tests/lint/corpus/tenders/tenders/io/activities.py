"""The impure edge."""

from __future__ import annotations

import os
import random
import subprocess
from datetime import datetime, timezone

import durable_async as da
import requests

from tenders.types import Bid, Cents

http = requests.Session()


@da.activity(retry=da.RetryPolicy(max_attempts=3))
def fetch_bids(tender: str) -> list[Bid]:
    rows = http.get(f"{os.environ['PORTAL']}/tenders/{tender}/bids", timeout=10).json()
    received = datetime.now(timezone.utc)
    return [Bid(row["bidder"], Cents(row["amount"]), received, frozenset(row["lots"])) for row in rows]


@da.activity
def notify(to: str, text: str) -> None:
    subprocess.run(["sendmail", to], input=text.encode(), check=True)


@da.activity
async def sanction_list() -> set[str]:
    return {f"firm-{random.randint(1, 9)}" for _ in range(3)}


@da.activity
async def publish(tender: str, lines: list[str]) -> str:
    print(tender, *lines, sep="\n")
    return f"OJ-{tender}"
