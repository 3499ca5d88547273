"""What every provider can answer without being asked over the network."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass
from typing import ClassVar

import durable_async as da

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Quota:
    cpus: int
    volumes_gb: int

    def __sub__(self, other: Quota) -> Quota:
        return Quota(self.cpus - other.cpus, self.volumes_gb - other.volumes_gb)

    def __bool__(self) -> bool:
        return self.cpus >= 0 and self.volumes_gb >= 0


class Provider:
    """Base of the providers; keeps the tags that every resource carries."""

    cloud: ClassVar[str] = "none"
    instances_made: ClassVar[int] = 0
    default_quota: ClassVar[Quota] = Quota(64, 4_096)

    def __init__(self, region: str) -> None:
        self.region = region
        self.owner = os.environ["PROVISION_OWNER"]  # expect: DUR124
        Provider.instances_made += 1  # expect: DUR141

    def tags(self, stack: str) -> dict[str, str]:
        return {"stack": stack, "owner": self.owner, "created": str(int(time.time()))}  # expect: DUR101

    def quota(self) -> Quota:
        return self.default_quota

    def resource_name(self, stack: str, kind: str, index: int) -> str:
        return f"{stack}-{kind}-{self.region}-{index:02d}"

    async def settle(self, seconds: float) -> None:
        logger.info("waiting %.0fs for %s to settle", seconds, self.region)
        await da.sleep(seconds)


def describe(provider: Provider) -> str:
    return f"{provider.cloud}/{provider.region}"


def log_host(provider: Provider) -> None:
    logger.info("%s served by %s", describe(provider), os.uname().nodename)
