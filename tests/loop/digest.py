"""What every construct comes to in this process, as one JSON object: name -> digest.

Invariant: two processes print the same, whatever their hash seeds and the addresses of their
objects are, and though the collector runs at every step. Run as `python -m tests.loop.digest`.
"""

import gc
import hashlib
import json
import os
import sys

from tests.loop.constructs import CONSTRUCTS
from tests.loop.durable import run_durable
from tests.loop.steps import Construct

__all__ = ["SEEDS", "digests"]

SEEDS: tuple[int | None, ...] = (None, 1, 2)


def digest(construct: Construct, *, collect: bool) -> str:
    """Kept and rebuilt runs in one; they differ in nothing, or the digest says so."""
    parts = []
    for seed in SEEDS:
        kept = run_durable(construct, seed=seed, collect=collect)
        rebuilt = run_durable(construct, seed=seed, rebuild=True, collect=collect)
        parts.append(repr(kept) if kept == rebuilt else "kept and rebuilt differ")
    return hashlib.blake2b("".join(parts).encode(), digest_size=12).hexdigest()


def digests(*, collect: bool) -> dict[str, str]:
    return {construct.name: digest(construct, collect=collect) for construct in CONSTRUCTS}


def main() -> None:
    # Holes in the heap: addresses, and with them the order of sets, differ from run to run.
    ballast = [bytearray(size % 500) for size in range(hash(os.urandom(8)) % 20_000)]
    del ballast[::2]
    # What was imported lives for ever; a collection then takes microseconds.
    gc.collect()
    gc.freeze()
    gc.set_threshold(1, 1, 1)
    json.dump(digests(collect=True), sys.stdout)


if __name__ == "__main__":
    main()
