"""The language server, started. Invariant: who lacks its libraries is told what to install."""

from durable_lint.cli.refusal import Refused

__all__ = ["serve"]

_LIBRARIES = frozenset({"pygls", "lsprotocol", "cattrs"})


def serve() -> int:
    """Talk to an editor until it goes. Raises: Refused without the libraries for it."""
    try:
        from durable_lint.lsp.server import serve as talk
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in _LIBRARIES:
            raise
        raise Refused(
            f"the language server needs {error.name}: pip install 'durable-async[lsp]'"
        ) from None
    return talk()
