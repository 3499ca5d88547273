"""Replays yesterday's auctions against a bidder; run by hand."""

import random
import sys

from rtb.bidders import OfflineBidder
from rtb.settings import PAUSED


def main() -> int:
    PAUSED.clear()
    bidder = OfflineBidder([])
    total = sum(bidder.bid({"id": f"{n:x}"}) for n in range(random.randint(10, 100)))
    print(f"{total:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
