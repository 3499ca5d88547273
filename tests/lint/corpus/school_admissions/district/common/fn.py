"""Small functional helpers."""
import operator
from functools import lru_cache, reduce


def pipe(value, *stages):
    return reduce(lambda acc, stage: stage(acc), stages, value)


def each(action, items):
    for item in items:
        action(item)


def group(items, key):
    out = {}
    for item in items:
        out.setdefault(key(item), []).append(item)
    return out


@lru_cache(maxsize=128)
def getter(name):
    return operator.attrgetter(name)
