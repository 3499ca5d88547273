"""Programs that nobody would write, and such as somebody broke, are analysed to their end."""

import random
import tokenize
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import hypothesmith
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CORPUS = Path(__file__).parents[1] / "corpus"
# Files that hold something worth breaking.
_FILES = sorted(path for path in CORPUS.rglob("*.py") if path.stat().st_size > 200)
Reach = Callable[..., object]
_DIALECTS = ("temporalio", "durabletask")
_slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def _analysed(reach_all: Reach, text: str) -> None:
    outcome = reach_all({"flow.py": text.encode("utf-8", "surrogatepass")}, _DIALECTS)
    assert outcome.defects == []
    assert outcome.work <= 100 * len(text) + 1000


# ------------------------------------------------------------------ from the grammar


@settings(max_examples=25, suppress_health_check=_slow, deadline=None)
@given(hypothesmith.from_node())
def test_any_program_of_the_grammar_is_analysed(reach_all: Reach, text: str) -> None:
    _analysed(reach_all, text)


@pytest.mark.soak
@settings(max_examples=5000, suppress_health_check=_slow, deadline=None)
@given(st.one_of(hypothesmith.from_node(), hypothesmith.from_grammar()))
def test_very_many_programs_of_the_grammar_are_analysed(reach_all: Reach, text: str) -> None:
    _analysed(reach_all, text)


# ------------------------------------------------------------------ broken ones


def _tokens(text: str) -> list[tokenize.TokenInfo]:
    return [
        token
        for token in tokenize.generate_tokens(StringIO(text).readline)
        if token.type in (tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING)
        and token.start[0] == token.end[0]
    ]


def _broken(text: str, seed: int) -> str:
    """A text with lines left out, twice there or exchanged, and with tokens exchanged."""
    chance = random.Random(seed)
    tokens = _tokens(text)
    lines = text.splitlines(keepends=True)
    for _ in range(chance.randint(0, 4) if len(tokens) > 1 else 0):
        one, other = chance.sample(tokens, 2)
        line = lines[one.start[0] - 1]
        # Of two exchanges in one line the second may meet what the first has moved: all the better.
        lines[one.start[0] - 1] = line[: one.start[1]] + other.string + line[one.end[1] :]
    for _ in range(chance.randint(0, 4) if len(tokens) > 1 else 0):
        place, other_place = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(3):
            case 0:
                lines[place] = ""
            case 1:
                lines.insert(place, lines[place])
            case _:
                lines[place], lines[other_place] = lines[other_place], lines[place]
    return "".join(lines)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(_FILES), st.integers(0, 2**32))
def test_broken_files_of_the_corpus_are_analysed(reach_all: Reach, path: Path, seed: int) -> None:
    _analysed(reach_all, _broken(path.read_text(encoding="utf-8"), seed))


@pytest.mark.soak
@settings(max_examples=20_000, deadline=None)
@given(st.sampled_from(_FILES), st.integers(0, 2**32))
def test_very_many_broken_files_are_analysed(reach_all: Reach, path: Path, seed: int) -> None:
    _analysed(reach_all, _broken(path.read_text(encoding="utf-8"), seed))


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_analysed_or_refused(reach_all: Reach, data: bytes) -> None:
    outcome = reach_all({"flow.py": data})
    assert outcome.defects == []
