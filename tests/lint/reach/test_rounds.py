"""A loop over a set minds its order when one round hands something to the next."""

import textwrap
from collections.abc import Callable

import pytest

from durable_lint.reach.analysis import Result

Analyse = Callable[..., Result]

HEAD = """\
import array, csv, hashlib, hmac, io, itertools, random, zlib
import xml.etree.ElementTree as ET
import durable_async as da


def feed(digest, name):
    digest.update(name.encode())


@da.activity
async def note(text: str) -> None: ...


class Dice:
    def __init__(self, seed: int):
        self.rng = random.Random(seed)

    def roll(self) -> float:
        return self.rng.random()


@da.orchestrator
async def flow(names: set[str], sizes: dict[str, int], budget: int) -> int:
    taken, kept = set(), {1}
"""
FOLDS = [
    "digest = hashlib.sha256()\nfor n in names:\n    digest.update(n.encode())",
    "digest = hmac.new(b'k', digestmod='sha1')\nfor n in names:\n    digest.update(n.encode())",
    "digest = hashlib.sha256()\nfor n in names:\n    feed(digest, n)",
    "text = io.StringIO()\nfor n in names:\n    text.write(n)",
    "rows = csv.writer(io.StringIO())\nfor n in names:\n    rows.writerow([n])",
    "data = bytearray()\nfor n in names:\n    data += n.encode()",
    "data = array.array('I')\nfor n in names:\n    data.append(len(n))",
    "crc = 0\nfor n in names:\n    crc = zlib.crc32(n.encode(), crc)",
    "code = 7\nfor n in names:\n    code = (code * 31 + len(n)) & 0xFFFF",
    "mean = 0.0\nfor n in names:\n    size = sizes[n]\n    mean = 0.9 * mean + 0.1 * size",
    "h = ''\nfor n in names:\n    h = hashlib.sha1((h + n).encode()).hexdigest()",
    "text = ''\nfor n in names:\n    text = f'{text}/{n}'",
    "root = ET.Element('r')\nfor n in names:\n    ET.SubElement(root, n)",
    "dice = Dice(3)\nfor n in names:\n    if dice.roll() > 0.5:\n        taken.add(n)",
    "rng = da.random()\nfor n in names:\n    if rng.random() > 0.5:\n        taken.add(n)",
    "seats = [4, 9]\nfor n in names:\n    if seats.pop() > len(n):\n        taken.add(n)",
    "ids = itertools.count()\nfor n in names:\n    taken.add((n, next(ids)))",
    "for n in names:\n    if len(taken) >= 3:\n        break\n    taken.add(n)",
    (
        "for n in names:\n    if sizes[n] > budget:\n        continue\n    budget -= sizes[n]\n"
        "    taken.add(n)"
    ),
    (
        "left = budget\nfor n in names:\n    if left >= sizes[n]:\n        left -= sizes[n]\n"
        "        taken.add(n)"
    ),
]
HARMLESS = [
    (
        "for n in names:\n    digest = hashlib.sha256()\n    digest.update(n.encode())\n"
        "    taken.add(digest.hexdigest())"
    ),
    "for n in names:\n    rng = random.Random(n)\n    if rng.random() > 0.5:\n        taken.add(n)",
    "for n in names:\n    if random.Random(n).random() > 0.5:\n        taken.add(n)",
    (
        "rngs = {n: random.Random(n) for n in sorted(names)}\nfor n in names:\n"
        "    if rngs[n].random() > 0.5:\n        taken.add(n)"
    ),
    "for n in names:\n    todo = [n]\n    while todo:\n        taken.add(todo.pop())",
    "crc = 0\nfor n in names:\n    crc ^= zlib.crc32(n.encode())",
    "code = 0\nfor n in names:\n    code = code + len(n) * 31",
    "code = 1\nfor n in names:\n    code = code * len(n) % 97",
    "best = ''\nfor n in names:\n    best = max(best, n)",
    (
        "total = 0\nfor n in names:\n    total += sizes[n]\n    if total > budget:\n"
        "        raise ValueError(budget)"
    ),
    "for n in names:\n    if n in taken:\n        continue\n    taken.add(n)",
    "for n in names:\n    if len(kept) > 3:\n        taken.add(n)",
    "total = 0\nfor n in names:\n    total += len(n)\n    if len(n) < 3:\n        taken.add(n)",
    (
        "def fold(code, n):\n    code = code * 31 + n\n    return code\nfor n in names:\n"
        "    taken.add(fold(7, len(n)))"
    ),
]


def _lines(analyse: Analyse, body: str) -> list[int]:
    text = HEAD + textwrap.indent(body, "    ") + "\n    return len(taken)\n"
    shift = HEAD.count("\n")
    found = analyse(text).findings
    assert {finding.code for finding in found} <= {"DUR134"}
    return [finding.span.line - shift for finding in found]


@pytest.mark.parametrize("body", FOLDS)
def test_what_is_worked_on_from_round_to_round_takes_the_order(analyse: Analyse, body: str) -> None:
    line = body[: body.index("in names:")].count("\n") + 1
    assert _lines(analyse, body) == [line]


@pytest.mark.parametrize("body", HARMLESS)
def test_what_comes_out_alike_in_any_order_takes_none(analyse: Analyse, body: str) -> None:
    assert _lines(analyse, body) == []


@pytest.mark.parametrize(
    "text",
    ['"%s" % names', '"%s of %d" % (names, budget)', '"{}".format(names)', '"{x}".format(x=names)'],
)
def test_a_set_that_is_written_into_a_text_takes_its_order_with_it(
    analyse: Analyse, text: str
) -> None:
    assert _lines(analyse, f"await note({text})") == [1]
    assert _lines(analyse, f"taken.add(len({text}))") == []
    assert _lines(analyse, f"await note({text.replace('names', 'sizes')})") == []


def test_a_pattern_of_a_sequence_takes_the_order_of_what_it_is_matched_with(
    analyse: Analyse,
) -> None:
    matched = "match tuple(names):\n    case [{}]:\n        taken.add(1)"
    assert _lines(analyse, matched.format("first, *_")) == [1]
    assert _lines(analyse, matched.format("only")) == [1]
    assert _lines(analyse, "match len(names):\n    case 1:\n        taken.add(1)") == []
