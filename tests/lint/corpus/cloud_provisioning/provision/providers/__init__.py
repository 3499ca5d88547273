"""Cloud providers; chosen lazily so that a worker needs only the SDKs it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provision.providers.base import Provider, Quota

if TYPE_CHECKING:
    from provision.providers.aws import AwsProvider
    from provision.providers.gcp import GcpProvider

__all__ = ["Provider", "Quota", "provider_for"]


def provider_for(cloud: str, region: str) -> AwsProvider | GcpProvider:
    if cloud == "aws":
        from provision.providers.aws import AwsProvider

        return AwsProvider(region)
    if cloud == "gcp":
        from provision.providers.gcp import GcpProvider

        return GcpProvider(region)
    raise ValueError(f"no provider named {cloud!r}")
