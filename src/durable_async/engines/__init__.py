"""Stores that keep history and hand out work. Invariant: whoever uses an engine knows its URL, and
never its class.

To find your way: `memory` is the reference, read first. `turns` and `thread` drive an engine,
whichever it is, for those who ask at the `desk`. What engines have in common is in `refusals`,
`ends`, `continuations`, `names`, `news`, `turntaking`, `pages`, `clock` and `limits`.
"""

from __future__ import annotations

from urllib.parse import unquote

from durable_async.errors import EngineLimitError, StoreError
from durable_async.ports import Clock, Engine

__all__ = ["open_engine"]

_LATER = ("postgresql", "postgres")


def open_engine(url: str, *, namespace: str, clock: Clock | None = None) -> Engine:
    """The engine of a URL; call its `open` before anything else.

    url: "sqlite:///relative/path.db", "sqlite:////absolute/path.db", or "sqlite://" for a store
    in memory that nobody else sees. namespace: a part of the store with names of its own.
    clock: the computer's, unless a test brings one.
    Raises: StoreError if the URL names no engine.
    """
    if not namespace or not namespace.isprintable():
        raise StoreError(
            f"namespace {namespace!r} is no name: give printable characters, at least one"
        )
    scheme, separator, rest = url.partition("://")
    if not separator:
        path = url.removeprefix("sqlite:") or "path.db"
        raise StoreError(
            f"{url!r} is no URL of a store. For a SQLite file write 'sqlite:///{path}'"
        )
    if scheme in _LATER:
        raise EngineLimitError(
            f"{scheme} is not among the engines of this release. Use 'sqlite:///path.db', or "
            f"'sqlite://' for memory, or a cluster: 'temporal://host:7233/namespace'"
        )
    if scheme == "temporal":
        raise EngineLimitError(
            "a URL 'temporal://...' is that of a Temporal cluster, which is no store that this can "
            "open: use it with da.Client(...) and da.Worker(...), and its own tools, or "
            "'sqlite:///path.db'"
        )
    if scheme != "sqlite":  # what follows the scheme may be a password
        raise StoreError(
            f"a URL '{scheme}://...' names no engine that is known: the scheme {scheme!r} is not "
            "'sqlite'. Use 'sqlite:///path.db', or 'sqlite://' for memory"
        )
    return _open_sqlite(url, rest, namespace, clock)


def _open_sqlite(url: str, rest: str, namespace: str, clock: Clock | None) -> Engine:
    if rest in ("", "/:memory:"):
        from durable_async.engines.memory import MemoryEngine

        return MemoryEngine(clock, namespace)
    if not rest.startswith("/"):
        raise StoreError(
            f"{url!r} has two slashes; a path comes after three: 'sqlite:///{rest}' for a path "
            f"relative to the working folder, four for an absolute one"
        )
    if rest == "/":
        raise StoreError(
            f"{url!r} names no file, as an empty setting does. Write 'sqlite:///path.db', or "
            f"'sqlite://' for a store in memory, which is gone with the process"
        )
    if "?" in rest:
        raise StoreError(
            f"{url!r} has parameters, and a SQLite file takes none. Leave them out, or write %3F "
            f"for the question mark in the name of a file"
        )
    from durable_async.engines.sqlite import SqliteEngine

    return SqliteEngine(unquote(rest[1:]), namespace=namespace, clock=clock)
