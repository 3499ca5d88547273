"""How machines, volumes and networks are called."""

import getpass
import ipaddress
import os.path
import re
import socket
from collections.abc import Iterable

_VALID = re.compile(r"[a-z][a-z0-9-]{2,30}")
RESERVED: frozenset[str] = frozenset({"admin", "root", "gateway"})


def machine_name(tenant: str, index: int) -> str:
    name = f"{tenant}-{index:03d}".lower()
    if not _VALID.fullmatch(name) or name.split("-")[0] in RESERVED:
        raise ValueError(f"no valid machine name: {name!r}")
    return name


def owner_tag(explicit: str | None = None) -> str:
    return explicit or getpass.getuser()  # expect: DUR125


def volume_path(tenant: str, name: str) -> str:
    return os.path.normpath(os.path.join("/volumes", tenant, name))


def is_mounted(path: str) -> bool:
    return os.path.ismount(path)


def resolve(host: str) -> str:
    return socket.gethostbyname(host)  # expect: DUR121


def free_addresses(network: str, taken: Iterable[str], count: int) -> list[str]:
    used = set(taken)
    hosts = (str(address) for address in ipaddress.ip_network(network).hosts())
    return [host for _, host in zip(range(count), (h for h in hosts if h not in used))]


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    moved = [key for key in after.keys() - before.keys()]  # expect: DUR134
    return moved + [key for key in after if key in before and before[key] != after[key]]


def merge_labels(*groups: dict[str, str]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for key in sorted({key for group in groups for key in group}):
        merged[key] = next(group[key] for group in reversed(groups) if key in group)
    return merged
