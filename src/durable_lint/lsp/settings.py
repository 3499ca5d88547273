"""What the user says in the editor. Invariant: what cannot be understood is told, never guessed.

What a project says of itself stays in its pyproject.toml: an editor decides only how it is shown.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from lsprotocol.types import DiagnosticSeverity

from durable_lint.config import CODES

__all__ = ["SECTION", "Settings", "read"]

SECTION: Final = "durable-lint"
_LEVELS: Final = {
    "error": DiagnosticSeverity.Error,
    "warning": DiagnosticSeverity.Warning,
    "information": DiagnosticSeverity.Information,
    "hint": DiagnosticSeverity.Hint,
}
_USUAL: Final = {"DUR000": DiagnosticSeverity.Error, "DUR190": DiagnosticSeverity.Hint}
_KEYS: Final = ("severity", "debounce", "documentation")
_LONGEST_WAIT: Final = 10_000


class Settings(NamedTuple):
    """severities: of codes or their beginnings, the longest counts; "" is for all others.

    debounce: how long, in seconds, typing has to pause. documentation: the address below which the
    pages of the rules are, with a slash at its end; without it there are no links.
    """

    severities: Mapping[str, DiagnosticSeverity] = {}
    debounce: float = 0.15
    documentation: str = ""

    def severity(self, code: str) -> DiagnosticSeverity:
        """How a finding is shown: as the user says, else a warning."""
        chosen = [start for start in self.severities if start and code.startswith(start)]
        if chosen:
            return self.severities[max(chosen, key=len)]
        usual = _USUAL.get(code)
        return usual or self.severities.get("", DiagnosticSeverity.Warning)

    def page(self, code: str) -> str | None:
        """The address of the page about a code."""
        if not self.documentation or code == "DUR000":
            return None
        return f"{self.documentation}{code.lower()}.html"


def read(given: object) -> tuple[Settings, list[str]]:
    """The settings as an editor sent them, and what is wrong with them.

    given: the section itself, or an object that holds it under `durable-lint`. What is wrong keeps
    its usual value.
    """
    table = _mapping(given)
    for name in (SECTION, "durableLint", "settings"):
        if isinstance(inner := table.get(name), Mapping):
            table = inner
    settings, wrong = Settings(), []
    for key, value in table.items():
        if value is None:
            continue
        try:
            settings = _with(settings, str(key), value)
        except ValueError as error:
            wrong.append(f"durable-lint: setting {key!r} {error}")
    return settings, wrong


def _with(settings: Settings, key: str, value: object) -> Settings:
    match key:
        case "severity":
            return settings._replace(severities=_severities(value))
        case "debounce":
            return settings._replace(debounce=_milliseconds(value) / 1000)
        case "documentation":
            if not isinstance(value, str):
                raise ValueError(f"must be an address, not {value!r}")
            address = value.rstrip("/")
            return settings._replace(documentation=f"{address}/" if address else "")
        case _:
            raise ValueError(f"does not exist; there is: {', '.join(_KEYS)}")


def _severities(value: object) -> dict[str, DiagnosticSeverity]:
    if isinstance(value, str):
        return {"": _level(value)}
    table = _mapping(value)
    if not table:
        raise ValueError(f"must be one of {', '.join(_LEVELS)}, or a table of codes, not {value!r}")
    found = {}
    for code, level in table.items():
        if code != "ALL" and not (code and any(known.startswith(code) for known in CODES)):
            raise ValueError(f"names {code!r}, which is not a code")
        found["" if code == "ALL" else str(code)] = _level(level)
    return found


def _level(value: object) -> DiagnosticSeverity:
    level = _LEVELS.get(value.lower()) if isinstance(value, str) else None
    if level is None:
        raise ValueError(f"must be one of {', '.join(_LEVELS)}, not {value!r}")
    return level


def _milliseconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"must be a number of milliseconds, not {value!r}")
    if not 0 <= value <= _LONGEST_WAIT:
        raise ValueError(f"must be between 0 and {_LONGEST_WAIT} milliseconds, not {value!r}")
    return float(value)


def _mapping(value: object) -> Mapping[str, object]:
    """A JSON object, however the protocol's library hands it over; anything else is empty."""
    if isinstance(value, Mapping):
        return value
    fields = getattr(value, "_asdict", None)
    return fields() if fields is not None else {}
