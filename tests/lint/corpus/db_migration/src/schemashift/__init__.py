"""Online schema changes over many shards."""

from .plans import Plan, Step, parse_plan
from .runner import MigrationFlow, migrate_fleet, migrate_shard

__all__ = ["MigrationFlow", "Plan", "Step", "migrate_fleet", "migrate_shard", "parse_plan"]
