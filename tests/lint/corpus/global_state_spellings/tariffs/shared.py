"""State of the process that tariffs are kept in."""

import collections

RATES: dict[str, int] = {}
PENDING: collections.deque[str] = collections.deque()
VISITED: set[str] = set()
JOURNAL: list[str] = []
COUNTERS = collections.Counter()
BY_ZONE: dict[str, list[str]] = collections.defaultdict(list)
last_zone = "none"
STANDARD = {"peak": 30, "night": 12}
