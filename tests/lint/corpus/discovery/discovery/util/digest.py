from __future__ import annotations

import hashlib
import uuid

__all__ = ["fingerprint", "shard_of", "shard_of_page", "dedupe_key"]

NAMESPACE = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def shard_of(custodian: str, shards: int = 8) -> int:
    return hash(custodian) % shards  # expect: DUR125


def shard_of_page(page: int, shards: int = 8) -> int:
    return hash(page) % shards


def dedupe_key(document: object) -> str:
    return f"doc-{id(document)}"  # expect: DUR125


def bates(matter: str, page: int) -> str:
    return f"{matter}-{page:08d}-{uuid.uuid5(NAMESPACE, matter).hex[:4]}"


def _local_key() -> str:
    return f"{uuid.getnode():012x}"
