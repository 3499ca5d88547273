"""Names and sizes of what is provisioned."""

import functools
import os
import random
import re
import socket
import string
import uuid

SAFE = re.compile(r"[^a-z0-9-]+")
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "tenants.example.com")


def slug(name):
    return SAFE.sub("-", name.lower()).strip("-")


def database_name(tenant):
    suffix = "".join(random.choices(string.ascii_lowercase, k=4))  # expect: DUR111
    return f"{slug(tenant)}-{suffix}"


def tenant_key(tenant):
    return str(uuid.uuid5(NAMESPACE, tenant))


def one_time_token():
    return uuid.uuid4().hex  # expect: DUR112


def endpoint(tenant, domain="tenants.example.com"):
    host = f"{slug(tenant)}.{domain}"
    return host, socket.gethostbyname(domain)  # expect: DUR121


@functools.lru_cache(maxsize=None)  # expect: DUR141
def size_of(plan):
    return {"small": 1, "medium": 4}.get(plan, 16)


def shard(tenant, shards=None):
    shards = shards or int(os.getenv("SHARDS", "8"))  # expect: DUR124
    return hash(tenant) % shards  # expect: DUR125


def stable_shard(tenant, shards=8):
    return int(tenant_key(tenant)[:8], 16) % shards
