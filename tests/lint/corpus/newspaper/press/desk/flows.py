"""Flows of the editorial desk."""

from __future__ import annotations

import asyncio
from itertools import chain

import durable_async
from durable_async import orchestrator

from press.copy import Article
from press.desk.activities import notify_readers, send_plate
from press.pipeline import Stage, describe, push, required
from press.stages import MORNING, ONLINE
from press.stages.enrich import headline_in, summarise

EXTRA: dict[str, tuple[Stage, ...]] = {
    "long-read": (Stage("summary", summarise, optional=True),),
    "breaking": (),
}


@orchestrator
async def morning_edition(section: str, headlines: list[str], authors: list[str]) -> list[str]:
    articles = [Article(line, line * 3, section, set(authors)) for line in headlines]
    pushed = await asyncio.gather(*(push(article, MORNING) for article in articles))
    plates = [f"{article.index_line}|{article.byline}" for article in pushed]
    await send_plate(section, plates)
    return plates


@orchestrator(name="online-article", version="2")
async def online_article(headline: str, body: str, kind: str) -> dict[str, str]:
    article = Article(headline, body, "city")
    stages = tuple(chain(ONLINE, EXTRA.get(kind, ())))
    durable_async.set_custom_status(describe(stages))
    article = await push(article, stages)
    article.tags["english"] = await headline_in(article, "en")
    unique = {article.slug, headline.lower(), f"shard-{article.shard}"}
    if len(unique) != len(required(stages)):
        await notify_readers(article.slug, article.teaser())
    print("published", article.slug)  # expect: DUR143
    return article.tags


@orchestrator(name="online-article", version="2")
async def online_article_short(headline: str) -> str:  # expect: DUR152
    article = Article(headline, "", "city")
    text = f"{article.slug}: {notify_readers(article.slug, 'short')} readers"  # expect: DUR133
    return text


@orchestrator
async def live_ticker(match: str) -> None:
    async for entry in durable_async.events("ticker", str):
        await notify_readers(match, entry)


@orchestrator
async def night_desk(sections: list[str]) -> None:
    while True:  # expect: DUR151
        section = await durable_async.wait_for_event("section", str)
        try:
            await morning_edition(section, [], [])
        except BaseException as error:  # expect: DUR135
            await notify_readers(section, repr(error))
