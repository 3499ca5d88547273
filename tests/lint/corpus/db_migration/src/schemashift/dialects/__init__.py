"""What differs between the database products."""

from .base import Dialect, registry
from .mysql import MySql
from .postgres import Postgres


def dialect(name: str) -> Dialect:
    return registry[name]()


__all__ = ["Dialect", "MySql", "Postgres", "dialect", "registry"]
