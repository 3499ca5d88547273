"""Keys of rows, and merging what several partitions report."""

import hashlib
import json
import uuid

from ulid import ULID

NAMESPACE = uuid.UUID(int=0x5EED)


def row_key(row, columns):
    payload = json.dumps([row.get(column) for column in sorted(columns)], default=str)
    return hashlib.blake2b(payload.encode(), digest_size=12).hexdigest()


def fast_key(table, value):
    return hash((table, value)) & 0xFFFF_FFFF  # expect: DUR125


def bucket_of(number: int, buckets: int) -> int:
    return hash(number) % buckets


def dedupe_keys(table, reports):
    """One key for each distinct report, stable enough to be used as file name."""
    seen = set()
    keys = []
    for report in reports:
        key = fast_key(table, report)
        if key in seen:
            continue
        seen.add(key)
        keys.append(f"{key:08x}-{uuid.uuid3(NAMESPACE, report)}")
    return keys


def merge_columns(*groups: list[str]) -> list[str]:
    columns: set[str] = set()
    for group in groups:
        columns |= set(group)
    return [column for column in columns if not column.startswith("_")]  # expect: DUR134


def load_id() -> str:
    return str(ULID())  # expect: DUR112


def legacy_load_id() -> str:
    return f"{uuid.uuid1()}"
