"""Pure arithmetic of a settlement, and the activities that pay it."""

import logging
import os.path
import random
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

import durable_async as da

from .schemas import Note

log = logging.getLogger(__name__)
BUCKET = PurePosixPath("/claims")


def sample_for_audit(claim_ids: Iterable[str], seed: int, share: float = 0.05) -> list[str]:
    rng = random.Random(seed)
    return [claim for claim in sorted(claim_ids) if rng.random() < share]


def stamp(time: float, zone: timezone = timezone.utc) -> str:
    # the epoch seconds come from the telephone system
    return datetime.fromtimestamp(time, zone).isoformat()


def folder(claim_id: str, name: str) -> str:
    stem, suffix = os.path.splitext(os.path.basename(name))
    return str(BUCKET / claim_id / f"{stem.lower()}{suffix}")


def split(amount: int, open: Callable[[str], int], parties: list[str]) -> dict[str, int]:
    """Share an amount by what is still open for each party."""
    weights = {party: open(party) for party in parties}
    total = sum(weights.values()) or 1
    return {party: amount * weight // total for party, weight in weights.items()}


def day_label(epoch: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(epoch))


@da.activity(retry=da.RetryPolicy(max_attempts=5))
async def pay(claim_id: str, party: str, cents: int) -> str:
    receipt = f"{claim_id}-{party}-{time.time_ns()}"
    Path("/var/spool/payouts", receipt).write_text(str(cents))
    return receipt


@da.activity
def note_for_file(claim_id: str, text: str) -> str:
    note = Note(f"{datetime.now():%H:%M} {text}")
    print("filed", claim_id, note.key)
    return str(note.key)


@da.orchestrator
async def settle_claim(claim_id: str, cents: int, parties: list[str], seed: int) -> dict[str, str]:
    shares = split(cents, lambda party: len(party), parties)
    receipts: dict[str, str] = {}
    for party in sorted(set(parties)):
        receipts[party] = await pay(claim_id, party, shares[party])
        log.info("paid %s of %s", party, claim_id)
    if claim_id in sample_for_audit({claim_id}, seed):
        await note_for_file(claim_id, f"audit {folder(claim_id, 'audit.PDF')} on {day_label(seed)}")
    await note_for_file(claim_id, stamp(float(seed)))
    return receipts
