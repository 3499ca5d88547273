import secrets
from dataclasses import dataclass, field
from functools import total_ordering
from itertools import count
from operator import attrgetter

_numbers = count(1)


@total_ordering
@dataclass(eq=False)
class Bid:
    bidder: str
    cents: int
    nonce: str = ""

    def __eq__(self, other):
        return isinstance(other, Bid) and self.cents == other.cents

    def __lt__(self, other):
        return self.cents < other.cents

    def __hash__(self):
        return self.cents

    def sealed(self):
        return Bid(self.bidder, self.cents, secrets.token_urlsafe(8))  # expect: DUR111


@dataclass
class Lot:
    name: str
    reserve: int
    bids: list = field(default_factory=list)
    watchers: set = field(default_factory=set)

    def __len__(self):
        return len(self.bids)

    def __iadd__(self, bid):
        self.bids.append(bid)
        self.watchers.add(bid.bidder)
        return self

    def __contains__(self, bidder):
        return bidder in self.watchers

    def best(self):
        return max(self.bids, key=attrgetter("cents"), default=None)

    def announce(self, sink):
        for watcher in self.watchers:  # expect: DUR134
            sink(watcher, self.name)

    def paddle(self):
        return next(_numbers)  # expect: DUR141
