"""What can be mended without asking; a check that finds nothing imports none of it."""

from durable_lint.fixing.edits import TextEdit
from durable_lint.fixing.fix import Fixed, edits, fix, offered
from durable_lint.fixing.stable import Stable, fix_until_stable

__all__ = ["Fixed", "Stable", "TextEdit", "edits", "fix", "fix_until_stable", "offered"]
