"""Tags as a search attribute, where the cluster has it. Invariant: an instance that has it has all
of its tags in it, so one without says nothing; whoever looks for tags looks at those too.

It is made by whoever runs the cluster:
`temporal operator search-attribute create --name DurableAsyncTags --type KeywordList`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

__all__ = ["TAGS", "attributes_again", "attributes_for", "conditions_on"]

TAGS: Final = "DurableAsyncTags"

_KEY: Final = SearchAttributeKey.for_keyword_list(TAGS)
_NOTHING: Final = "-"
"""Of an instance without tags."""

_LONGEST: Final = 200
"""Characters of an entry: some stores refuse more than 255."""


def attributes_for(tags: Mapping[str, str]) -> TypedSearchAttributes:
    entries = [_entry(key, value) for key, value in sorted(tags.items())]
    return TypedSearchAttributes([SearchAttributePair(_KEY, entries or [_NOTHING])])


def attributes_again(tags: Mapping[str, str]) -> TypedSearchAttributes | None:
    """For what a workflow starts: as it has them itself, which is the same at replay."""
    own = workflow.info().typed_search_attributes
    return None if own.get(_KEY) is None else attributes_for(tags)


def conditions_on(tags: Mapping[str, str]) -> Iterator[str]:
    for key, value in sorted(tags.items()):
        yield f"({TAGS} = '{_entry(key, value)}' OR {TAGS} IS NULL)"


def _entry(key: str, value: str) -> str:
    text = f"{key}={value}"
    if len(text) <= _LONGEST and text.isprintable() and not {"'", '"', "\\"} & set(text):
        return text
    return f"#{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"
