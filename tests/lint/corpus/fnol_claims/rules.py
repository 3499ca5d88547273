"""Coverage rules. Each looks at the report and the policy and votes."""

import abc
import json
import os
from pathlib import Path

from .schemas import LossReport, Peril, Policy

TABLES = Path(__file__).parent / "tables"
DEFAULT_CEILING = int(os.environ.get("CLAIMS_CEILING_CENTS", "500000"))


class Rule(abc.ABC):
    name = "rule"

    @abc.abstractmethod
    def check(self, report: LossReport, policy: Policy) -> str | None:
        """The objection, or None."""

    def __call__(self, report: LossReport, policy: Policy) -> list[str]:
        objection = self.check(report, policy)
        return [f"{self.name}: {objection}"] if objection else []


class CoveredPeriod(Rule):
    name = "period"

    def check(self, report, policy):
        if not policy.covers(report.happened_on):
            return "outside the insured period"
        return None if policy.in_force() else "lapsed"


class NoticePeriod(Rule):
    name = "notice"

    def check(self, report, policy):
        return "late notice" if Peril(report.peril).overdue(report.happened_on) else None


class PostcodeExclusion(Rule):
    name = "postcode"

    def __init__(self, table: str = "flood_zones.json") -> None:
        self._path = TABLES / table

    @property
    def zones(self) -> list[str]:
        return json.loads(self._path.read_text())  # expect: DUR122

    def check(self, report, policy):
        if os.getenv("SKIP_POSTCODES"):  # expect: DUR124
            return None
        return "flood zone" if any(zone in report.description for zone in self.zones) else None


RULES: list[Rule] = [CoveredPeriod(), NoticePeriod(), PostcodeExclusion()]


def objections(report: LossReport, policy: Policy) -> list[str]:
    found: list[str] = []
    for rule in RULES:
        found += rule(report, policy)
    return found


def rebuild_tables(source: str) -> None:
    """Run by hand after the yearly update of the flood map."""
    rows = json.loads(Path(source).read_text())
    TABLES.mkdir(exist_ok=True)
    (TABLES / "flood_zones.json").write_text(json.dumps(sorted(rows)))
