"""Whether mypy is there. A check without types imports this module, so this imports nothing."""

__all__ = ["MypyMissingError", "must_be_installed"]


class MypyMissingError(Exception):
    """Types were asked for, and mypy is not there; the message says what to do."""


def must_be_installed() -> None:
    """Raises: MypyMissingError."""
    from importlib.util import find_spec

    if find_spec("mypy") is None:
        raise MypyMissingError(
            "types are asked for (--types, or `types = true` in the settings), but mypy is not "
            "installed beside durable-lint: pip install 'durable-async[types]', or do without "
            "types (--no-types)"
        )
