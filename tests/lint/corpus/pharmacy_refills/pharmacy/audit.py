"""One auditor for the process."""

from __future__ import annotations

import logging
import os
from typing import ClassVar

log = logging.getLogger(__name__)
_current: Auditor | None = None


class Auditor:
    level: ClassVar[int] = 1

    def __init__(self, target: str) -> None:
        self.target = target
        self.lines: list[str] = []

    @staticmethod
    def default() -> Auditor:
        global _current
        if _current is None:  # expect: DUR141
            _current = Auditor(os.path.join("audit", "pharmacy.log"))  # expect: DUR141
        return _current  # expect: DUR141

    def note(self, verb: str, subject: str) -> None:
        if self.level > 0:
            log.info("%s %s in %s", verb, subject, self.target)

    def record(self, line: str) -> None:
        self.lines.append(line)

    def flush(self) -> None:
        """At the end of the working day, from the till."""
        with open(self.target, "a") as file:
            file.writelines(line + "\n" for line in self.lines)
            os.fsync(file.fileno())
