"""Scoring of bids as compositions."""

import operator
import os
import random
import time
from datetime import date, datetime
from functools import lru_cache, partial, reduce
from itertools import chain, starmap
from uuid import uuid4

from loguru import logger

from tenders.fp import compose, curry2, fold, ranked, tap, unless
from tenders.types import Bid

WEIGHTS = {"price": 0.6, "quality": 0.3, "green": 0.1}


def price_points(lowest: int, bid: Bid) -> float:
    return 100.0 * lowest / bid.amount


def quality_points(bid: Bid) -> float:
    spread = float(os.environ["QUALITY_SPREAD"])  # expect: DUR124
    return 50.0 + spread * len(bid.lots)


def green_points(rng, bid: Bid) -> float:
    return rng() * 10 + len(bid.bidder)


@lru_cache(maxsize=None)  # expect: DUR141
def exchange_rate(currency: str) -> float:
    with open(f"/srv/rates/{currency}") as handle:  # expect: DUR122
        return float(handle.read())


def age_penalty(bid: Bid) -> int:
    return min((date.today() - bid.received.date()).days, 10)  # expect: DUR101


def tie_break(left: tuple[float, Bid], right: tuple[float, Bid]) -> tuple[float, Bid]:
    if left[0] == right[0]:
        return random.choice((left, right))  # expect: DUR111
    return max(left, right, key=operator.itemgetter(0))


def with_reference(text: str) -> str:
    return f"{text} [{uuid4().hex[:6]}]"  # expect: DUR112


report = tap(lambda bid: logger.info("scored {}", bid.bidder))  # expect: DUR143
is_small = operator.methodcaller("late", datetime(2030, 1, 1))
discounted = unless(is_small, lambda bid: bid._replace(amount=bid.amount - age_penalty(bid)))
describe = compose(str.strip, str.title, with_reference)


def score(bids: list[Bid]) -> dict[str, float]:
    lowest = min(bid.amount for bid in bids)
    terms = (
        (WEIGHTS["price"], partial(price_points, lowest)),
        (WEIGHTS["quality"], quality_points),
        (WEIGHTS["green"], partial(green_points, random.random)),  # expect: DUR111
    )
    prepared = map(compose(discounted, report), bids)
    return {
        bid.bidder: reduce(operator.add, (weight * points(bid) for weight, points in terms)) for bid in prepared
    }


def winner(bids: list[Bid], scores: dict[str, float]) -> Bid:
    pairs = [(scores[bid.bidder], bid) for bid in bids]
    return reduce(tie_break, pairs)[1]


def lots_in_play(bids: list[Bid]) -> list[str]:
    everything = set(chain.from_iterable(bid.lots for bid in bids))
    return [lot.upper() for lot in everything]  # expect: DUR134


def in_euro(bids: list[Bid], currency: str) -> float:
    convert = curry2(operator.mul)(exchange_rate(currency))
    return fold(operator.add, map(convert, (bid.amount for bid in bids)), 0.0)


def benchmark(bids: list[Bid]) -> float:
    """Run by the performance job."""
    begun = time.perf_counter()
    list(starmap(score, [(bids,)] * 100))
    return time.perf_counter() - begun


def order_of(bids: list[Bid]) -> list[str]:
    return ranked(score(bids))
