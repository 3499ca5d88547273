"""The settings that a check goes by, as TOML that could stand in pyproject.toml.

Invariant: what is printed, put into a file, gives the same settings again.
"""

import json
from collections.abc import Iterator, Sequence

from durable_lint.config import Config

__all__ = ["described"]


def described(config: Config) -> Iterator[str]:
    """Lines of TOML; where they come from is a comment."""
    yield f"# project: {config.root}"
    yield f"# settings: {config.file or 'none, these are the defaults'}"
    yield "[tool.durable-lint]"
    if config.select:  # an empty list is refused: it would select nothing
        yield f"select = {_strings(config.select)}"
    for key in ("extend_select", "ignore", "roots", "dialects", "activities"):
        yield f"{_key(key)} = {_strings(getattr(config, key))}"
    for key in ("deterministic", "exclude"):
        yield f"{_key(key)} = {_strings(getattr(config, key))}"
    yield f"strict-logging = {'true' if config.strict_logging else 'false'}"
    yield f"types = {'true' if config.types else 'false'}"
    if config.baseline is not None:
        yield f"baseline = {_string(config.baseline)}"
    yield ""
    if config.per_file_ignores:
        yield "[tool.durable-lint.per-file-ignores]"
        for pattern, codes in config.per_file_ignores:
            yield f"{_string(pattern)} = {_strings(codes)}"
        yield ""
    if config.nondeterministic:
        yield "[tool.durable-lint.nondeterministic]"
        by_category: dict[str, list[str]] = {}
        for name, category in config.nondeterministic:
            by_category.setdefault(category, []).append(name)
        for category, names in by_category.items():
            yield f"{category} = {_strings(names)}"
        yield ""


def _key(field: str) -> str:
    return field.replace("_", "-")


def _strings(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_string, values))}]"


def _string(value: str) -> str:
    # A string of JSON is one of TOML; but TOML wants DEL escaped, and JSON does not.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
