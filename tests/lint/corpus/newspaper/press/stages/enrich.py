"""Stages that add something from elsewhere."""

from __future__ import annotations

import random
import urllib.parse
import urllib.request
import uuid

import openai
import pendulum
import requests
import shortuuid
from googletrans_async import Translator

from press.copy import Article

RELATED = {"sport": ["league", "cup", "transfer", "injury"], "city": ["tram", "rent", "park"]}
llm = openai.AsyncOpenAI()


def stamp_id(article: Article) -> Article:
    article.tags["id"] = shortuuid.uuid()  # expect: DUR112
    article.tags["urn"] = uuid.uuid3(uuid.NAMESPACE_URL, article.slug).urn
    article.published = pendulum.now("Europe/Berlin")  # expect: DUR101
    return article


def add_related(article: Article, limit: int) -> Article:
    pool = RELATED.get(article.section, [])
    if len(pool) < limit:
        raise ValueError(article.section)
    picks = random.sample(pool, limit)  # expect: DUR111
    article.tags["related"] = ",".join(picks)
    return article


def add_weather(article: Article) -> Article:
    query = urllib.parse.urlencode({"q": article.section})
    with urllib.request.urlopen(f"https://weather.example.com/?{query}") as reply:  # expect: DUR121
        article.tags["weather"] = str(reply.status)
    return article


async def summarise(article: Article) -> Article:
    answer = await llm.chat.completions.create(  # expect: DUR121
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": article.teaser(400)}],
    )
    article.tags["summary"] = str(answer)
    return article


async def headline_in(article: Article, language: str) -> str:
    return str(await Translator().translate(article.headline, dest=language))  # expect: DUR132


def geocode(article: Article) -> Article:
    reply = requests.get("https://maps.example.com", params={"q": article.section}, timeout=3)
    article.tags["geo"] = reply.text
    return article


async def translate(article: Article) -> Article:
    article.body = str(await Translator().translate(article.body, dest="en"))
    return article
