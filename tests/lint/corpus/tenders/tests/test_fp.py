import random
from datetime import datetime

from tenders.fp import pipe, ranked, scan
from tenders.stages.checks import virus_scan
from tenders.types import Bid, Cents


def test_pipe():
    assert pipe(" a ", str.strip, str.upper) == "A"


def test_ranked_is_stable():
    names = [random.choice("abc") for _ in range(10)]
    scores = {name: random.random() for name in names}
    assert set(ranked(scores)) == set(names)


def test_late():
    bid = Bid("AT12345678", Cents(100), datetime.now())
    assert not bid.late(datetime.now())
    assert scan(max, [1, 3, 2], 0) == [0, 1, 3, 3]


def test_scan(monkeypatch):
    monkeypatch.setattr("subprocess.call", lambda *_: 0)
    assert virus_scan(Bid("X", Cents(1), datetime.today()))
