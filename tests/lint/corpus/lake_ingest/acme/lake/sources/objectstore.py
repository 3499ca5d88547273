from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import boto3

from acme.lake import activities

from .base import Source, batched

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class DurableS3Source(Source):
    scheme = "s3"

    async def batches(self, size: int) -> AsyncIterator[list[str]]:
        token: str | None = None
        while True:
            page = await activities.list_page(self.location, token, size)
            yield page["keys"]
            token = page["next"]
            if token is None:
                return


class EagerS3Source(Source):
    """Lists everything at once; kept for small buckets."""

    scheme = "s3-small"

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self._client: S3Client = boto3.client("s3")  # expect: DUR121

    async def batches(self, size: int) -> AsyncIterator[list[str]]:
        listing = self._client.list_objects_v2(Bucket=self.location)  # expect: DUR121
        async for batch in batched((item["Key"] for item in listing["Contents"]), size):
            yield batch
