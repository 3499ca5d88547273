"""Settings of the provisioning service."""

import os
from dataclasses import dataclass

from pydantic_settings import BaseSettings

REGION = os.environ.get("CLOUD_REGION", "eu-central-1")
DEFAULT_QUOTA = int(os.getenv("DEFAULT_QUOTA", "20"))


class CloudSettings(BaseSettings):
    project: str = "sandbox"
    dns_zone: str = "internal.example"
    api_url: str = "https://cloud.internal"


@dataclass(frozen=True)
class Limits:
    quota: int = DEFAULT_QUOTA
    parallel: int = 4

    @classmethod
    def from_env(cls) -> "Limits":
        return cls(int(os.environ["QUOTA"]), int(os.environ["PARALLEL"]))

    @property
    def batch(self) -> int:
        return max(1, self.quota // self.parallel)


def dns_zone() -> str:
    return CloudSettings().dns_zone  # expect: DUR124


def feature_enabled(name: str) -> bool:
    flags = os.getenv("CLOUDOPS_FEATURES", "")  # expect: DUR124
    return name in flags.split(",")


def state_dir() -> str:
    return os.path.expanduser("~/.cloudops")
