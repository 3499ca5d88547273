from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

import durable_async as da

from . import review, util
from .tasks import Collector, ask_reviewer, produce
from .util.digest import dedupe_key, shard_of_page
from .util.files import extension, newest, resolved
from .util.plugins import Ruleset, thaw

REVIEWERS: dict[str, Callable[[], review.Human]] = {
    "slow": lambda: review.Patient("ines"),
    "metered": lambda: review.Throttled("omar", 10),
    "gated": lambda: review.Gated("lena"),
    "blocked": lambda: review.Blocking("theo"),
}


@da.orchestrator
async def collect(matter: str, custodians: list[str]) -> dict[str, list[str]]:
    by_shard: dict[int, list[str]] = {}
    for custodian in custodians:
        by_shard.setdefault(util.shard_of(custodian), []).append(custodian)
    out: dict[str, list[str]] = {}
    for shard in sorted(by_shard):
        for custodian in by_shard[shard]:
            out[custodian] = await Collector.pull_mailbox(custodian)
    Collector.pull_document(matter)  # expect: DUR133
    return out


@da.orchestrator
async def review_all(matter: str, documents: list[str], kinds: list[str]) -> list[str]:
    pool: review.Pool[str] = review.Pool([REVIEWERS[kind]() for kind in kinds])
    relevant = []
    for document in documents:
        await review.wait_or_skip(document)
        if await pool.majority(document):
            relevant.append(document)
    ticket = asyncio.create_task(review.Human("ines").decide(matter))
    await review.cancel_quietly(ticket)
    async for document, good in review.decisions(relevant):
        if good:
            await ask_reviewer("lead", document)
    return relevant


@da.orchestrator
async def produce_matter(matter: str, rule: str, redactor: str, blob: bytes) -> str:
    wanted = Ruleset(rule)
    hide = util.load_redactor(redactor)
    pages = []
    with util.Folder("/srv/staging") as staging:
        for number, document in enumerate(thaw(blob)):
            if matter in staging or not wanted(document=document):
                continue
            text = hide(await Collector.pull_document(document))
            pages.append(f"{util.number_page(matter, number)} {shard_of_page(number)} {util.fingerprint(text)}")
        da.set_custom_status(f"{staging.label}: {len(staging)} {dedupe_key(pages)}")
    last = newest("/srv/productions/*") + extension(matter) + resolved(matter)
    return await produce(matter, [*pages, last])


@da.orchestrator
async def hold_notice(custodian: str, callback: Callable[[str], None]) -> None:  # expect: DUR152
    for attempt in itertools.count():  # expect: DUR151
        await da.sleep(86_400 * (attempt + 1))
        await ask_reviewer(custodian, "hold")


@da.orchestrator
async def hold_release(custodian: str) -> int:
    for attempt in itertools.count(1):
        if await ask_reviewer(custodian, "release"):
            return attempt
        await da.sleep(3600)
    return 0
