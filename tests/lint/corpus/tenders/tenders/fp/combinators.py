"""Combinators. They call what they are given and nothing else."""

from collections.abc import Callable
from functools import reduce, wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


def compose(*functions: Callable) -> Callable:
    return lambda value: reduce(lambda accumulated, function: function(accumulated), functions, value)


def pipe(value, *functions):
    return compose(*functions)(value)


def curry2(function: Callable[[A, B], C]) -> Callable[[A], Callable[[B], C]]:
    return lambda first: lambda second: function(first, second)


def tap(effect: Callable[[A], object]) -> Callable[[A], A]:
    def through(value: A) -> A:
        effect(value)
        return value

    return through


def unless(test: Callable[[A], bool], function: Callable[[A], A]) -> Callable[[A], A]:
    return lambda value: value if test(value) else function(value)


def named(name: str) -> Callable[[Callable[P, A]], Callable[P, A]]:
    def decorate(function: Callable[P, A]) -> Callable[P, A]:
        @wraps(function)
        def inner(*args: P.args, **kwargs: P.kwargs) -> A:
            return function(*args, **kwargs)

        inner.__name__ = name
        return inner

    return decorate
