from __future__ import annotations

import functools
import typing as t

if t.TYPE_CHECKING:
    from ..documents import Manifest


class Outcome(t.NamedTuple):
    name: str
    passed: bool
    detail: str = ""


class Check(t.Protocol):
    def __call__(self, manifest: Manifest) -> Outcome: ...


CHECKS: list[Check] = []


def check(name: str, *, severity: int = 1) -> t.Callable[[t.Callable[[Manifest], bool | str]], Check]:
    """Makes a check of a function that gives True, or what is wrong."""

    def decorate(fn: t.Callable[[Manifest], bool | str]) -> Check:
        @functools.wraps(fn)
        def run(manifest: Manifest) -> Outcome:
            result = fn(manifest)
            if result is True:
                return Outcome(name, True)
            return Outcome(name, severity < 2, str(result))

        CHECKS.append(run)
        return run

    return decorate
