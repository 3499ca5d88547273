"""The form in which knowledge of libraries is written down: plain literals, nothing computed.

Names are grouped by owner (a module or a class) and separated by blanks, because that is how they
are read and compared with a library's documentation: `{"os": "getpid getppid"}`. A name `*` stands
for all that the owner has, at any depth.
"""

from collections.abc import Mapping
from typing import NamedTuple

from durable_lint.vocabulary.entry import When

__all__ = ["Family"]

_NONE: Mapping[str, str] = {}


class Family(NamedTuple):
    """What is known about some libraries.

    calls: by category, what counts when it is called or handed on.
    attributes: by category, what counts when it is read.
    conditions: of calls, those that count under a condition only; `*` patterns are not allowed.
    pure: what is known to be deterministic; it takes names out of a `*` pattern.
    results: by owner, the type that a call gives, in the language of `Vocabulary`; that of an
    attribute has `=` before it. `~0` is the first argument of the owner's type, `~` the type
    itself. gives: the same the other way round: by owner and type, the names.
    bases: of each class that is known, separated by `; `, none for most.
    aliases: prefix -> canonical prefix. advice: what to use instead.
    safe: awaited, it is durable.
    """

    calls: Mapping[str, Mapping[str, str]] = {}
    attributes: Mapping[str, Mapping[str, str]] = {}
    conditions: Mapping[str, When] = {}
    pure: Mapping[str, str] = _NONE
    results: Mapping[str, Mapping[str, str]] = {}
    gives: Mapping[str, Mapping[str, str]] = {}
    bases: Mapping[str, str] = _NONE
    aliases: Mapping[str, str] = _NONE
    advice: Mapping[str, str] = _NONE
    safe: Mapping[str, str] = _NONE
