"""Checks on single bids: a list of predicates, and what they need."""

import asyncio
import contextlib
import itertools
import pathlib
import platform
import re
import socket
import subprocess
import time
from functools import partial
from operator import attrgetter, not_

import requests
import trio
from starlette.concurrency import run_in_threadpool

from tenders.io.activities import fetch_bids, notify, sanction_list

VAT = re.compile(r"^[A-Z]{2}\w{8,12}$")
REGISTERS = {"AT": "fn.example.at", "DE": "hr.example.de"}


def has_vat(bid) -> bool:
    return bool(VAT.match(bid.bidder))


def resolvable(suffix, bid) -> bool:
    try:
        return bool(socket.getaddrinfo(f"{bid.bidder.lower()}.{suffix}", 443))  # expect: DUR121
    except socket.gaierror:
        return False


def in_register(country, bid) -> bool:
    reply = requests.head(f"https://{REGISTERS[country]}/{bid.bidder}")  # expect: DUR121
    time.sleep(0.2)  # expect: DUR102
    return reply.ok


def signature_ok(bid) -> bool:
    folder = pathlib.Path("/srv/bids") / bid.bidder
    newest = max(folder.iterdir(), key=attrgetter("name"))  # expect: DUR122
    done = subprocess.run(["gpg", "--verify", newest.as_posix()], check=False)  # expect: DUR123
    return done.returncode == 0 and platform.system() != ""  # expect: DUR125


PREDICATES = [
    has_vat,
    partial(resolvable, "example.com"),
    partial(in_register, "AT"),
    signature_ok,
]


def passes(bid) -> bool:
    return all(predicate(bid) for predicate in PREDICATES)


def virus_scan(bid) -> bool:
    """Wanted by the security team, not in PREDICATES yet."""
    return not subprocess.call(["clamscan", bid.bidder])


def split(bids):
    left, right = itertools.tee((bid, passes(bid)) for bid in bids)
    return [bid for bid, ok in left if ok], [bid for bid, ok in right if not_(ok)]


async def slow_check(bid) -> bool:
    async with trio.open_nursery() as nursery:  # expect: DUR132
        nursery.cancel_scope.cancel()
    return await run_in_threadpool(has_vat, bid)  # expect: DUR131


async def listed(bidder: str) -> bool:
    with contextlib.suppress(BaseException):  # expect: DUR135
        return bidder in await sanction_list()
    return False


async def refresh(tender: str) -> int:
    bids = fetch_bids(tender)
    notify(tender, "refreshed")  # expect: DUR133
    await asyncio.sleep(0)
    return len(await bids)
