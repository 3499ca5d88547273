import itertools


def choice(names, stream):
    return stream.choice(names)


def cycle(names):
    return next(itertools.cycle(names))
