"""Folds over iterables."""

from collections import Counter
from itertools import accumulate, groupby, islice, tee
from operator import itemgetter

first, second = itemgetter(0), itemgetter(1)


def fold(function, items, start):
    result = start
    for item in items:
        result = function(result, item)
    return result


def scan(function, items, start):
    return list(accumulate(items, function, initial=start))


def count_by(key, items):
    counts = Counter(map(key, items))
    return {name: counts[name] for name in sorted(counts)}


def group(key, items):
    return {name: list(members) for name, members in groupby(sorted(items, key=key), key=key)}


def ranked(scores):
    return [first(pair) for pair in sorted(scores.items(), key=second, reverse=True)]


def windowed(items, size):
    streams = tee(items, size)
    for skip, stream in enumerate(streams):
        next(islice(stream, skip, skip), None)
    return zip(*streams)
