import os
import random
import shutil
import sqlite3
from pathlib import Path

import requests

from .durable import RetryPolicy, step


@step(retry=RetryPolicy(max_attempts=5))
def read_odometer(vin: str) -> int:
    return int(requests.get(f"{os.environ['TELEMATICS']}/{vin}/odometer", timeout=5).text)


@step
def book_bay(vin: str, garage: str) -> str:
    with sqlite3.connect("/var/lib/fleet/bays.db") as db:
        row = db.execute("select bay from bays where garage = ? order by random()", (garage,)).fetchone()
    return row[0] if row else f"yard-{random.randint(1, 9)}"


@step
def order_part(sku: str, count: int) -> str:
    return requests.post("https://parts.example.com/orders", json={"sku": sku, "n": count}, timeout=9).json()["id"]


@step
def file_report(vin: str, text: str) -> None:
    target = Path("/srv/reports") / f"{vin}.txt"
    target.write_text(text)
    shutil.copy(target, "/srv/archive")
