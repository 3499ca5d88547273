from collections import Counter, deque

import structlog

_counts = Counter()
_recent = deque(maxlen=100)
LIMITS = {"reset": 5, "strike": 3}
log = structlog.stdlib.get_logger("metrics")


def bump(name):
    _counts[name] += 1  # expect: DUR141
    if _counts[name] > LIMITS.get(name, 10):  # expect: DUR141
        log.warning("over the limit", name=name)  # expect: DUR143


def remember(text):
    _recent.append(text)  # expect: DUR141
    return len(text)


def snapshot():
    return dict(_counts), list(_recent)
