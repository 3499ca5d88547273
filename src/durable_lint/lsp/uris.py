"""Paths of ours and addresses of the protocol. Invariant: what is no file on a disk is no path."""

import os

from pygls import uris

__all__ = ["path_of", "uri_of"]


def path_of(uri: str) -> str | None:
    """The absolute path, with forward slashes; None for what an editor holds without a file."""
    if not uri.startswith("file:"):
        return None
    path = uris.to_fs_path(uri)
    return None if path is None else os.path.abspath(path).replace(os.sep, "/")


def uri_of(path: str) -> str:
    """The address of a file."""
    uri: str | None = uris.from_fs_path(path)
    return uri or f"file://{path}"
