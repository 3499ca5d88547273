"""Activities: everything that touches the outside world."""

from __future__ import annotations

import os
import time
from dataclasses import asdict

import requests

from .durable import step
from .models import DeliveryNote, Line

WAREHOUSE = os.environ.get("WAREHOUSE_URL", "http://warehouse.internal")


@step
def fetch_stock(store: str) -> list[str]:
    time.sleep(0.05)
    response = requests.get(f"{WAREHOUSE}/stores/{store}/stock", timeout=10)
    response.raise_for_status()
    return response.json()["skus"]


@step
def assign_courier(order_id: str, courier: str) -> bool:
    print("assigning", order_id, "to", courier)
    return requests.post(f"{WAREHOUSE}/couriers/{courier}", json={"order": order_id}, timeout=10).ok


@step
def print_note(order_id: str) -> dict[str, str]:
    note = DeliveryNote(order_id)
    with open(f"/var/spool/notes/{order_id}.txt", "w", encoding="utf-8") as out:
        out.write(note.serial)
    return {key: str(value) for key, value in asdict(note).items()}


@step
def release(order_id: str, lines: list[Line]) -> None:
    requests.delete(f"{WAREHOUSE}/orders/{order_id}", json=[line.sku for line in lines], timeout=10)
