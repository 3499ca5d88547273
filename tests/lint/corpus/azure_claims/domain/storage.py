"""Names of blobs and access to them (from activities)."""

import os
import posixpath

from azure.storage.blob import BlobServiceClient


def connection_string() -> str:
    return os.environ["DOCUMENTS_STORAGE"]  # expect: DUR124


def blob_name(claim: str, kind: str) -> str:
    return posixpath.join("claims", claim, f"{kind}.pdf")


def kind_of(key: str) -> str:
    return posixpath.splitext(posixpath.basename(key))[0]


def exists(key: str) -> bool:
    service = BlobServiceClient.from_connection_string(connection_string())
    return service.get_blob_client("docs", key).exists()  # expect: DUR121
