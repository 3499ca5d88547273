"""Names of stacks and hosts."""

import hashlib
import ipaddress
import re
import socket
import uuid
from random import Random

VALID = re.compile(r"[a-z][a-z0-9-]{2,40}")
ADJECTIVES = ["amber", "brisk", "calm", "dusty", "eager"]
reserved: set = set()


def stack_slug(team: str, project: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", f"{team}-{project}".lower()).strip("-")
    if not VALID.fullmatch(slug):
        slug = f"stack-{hashlib.md5(slug.encode()).hexdigest()[:8]}"
    reserved.add(slug)  # expect: DUR141
    return slug


def friendly_name(stack: str, index: int) -> str:
    generator = Random(f"{stack}/{index}")
    return f"{generator.choice(ADJECTIVES)}-{index}"


def node_id() -> str:
    return f"{uuid.getnode():012x}"  # expect: DUR112


def subnet_for(index: int) -> str:
    network = ipaddress.ip_network("10.0.0.0/8")
    return str(list(network.subnets(new_prefix=24))[index])


def resolves(host):
    try:
        socket.getaddrinfo(host, 443)  # expect: DUR121
    except socket.gaierror:
        return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
