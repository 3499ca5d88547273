"""Small things shared by collection, review and production."""
from .digest import *
from .digest import bates as number_page
from .files import Folder, read_manifest
from .plugins import load_redactor

__all__ = ["Folder", "fingerprint", "load_redactor", "number_page", "read_manifest", "shard_of"]
