"""Stages that look at the words."""

from __future__ import annotations

import html
import os
import re
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from press.copy import Article
from press.desk.activities import ask_lawyer

TAG = re.compile(r"<[^>]+>")
QUOTES = {'"': "\u201d", "'": "\u2019"}
timings: list[float] = []


def strip_markup(article: Article) -> Article:
    article.body = html.unescape(TAG.sub("", article.body))
    return article


def fix_quotes(article: Article) -> Article:
    article.body = article.body.translate(str.maketrans(QUOTES))
    return article


def spell(article: Article) -> Article:
    begun = time.monotonic()  # expect: DUR101
    language = os.environ["ASPELL_LANG"]  # expect: DUR124
    result = subprocess.run(  # expect: DUR123
        ["aspell", "list", "-l", language],
        input=article.body.encode(),
        capture_output=True,
        check=False,
    )
    if result.stdout:
        article.tags["spelling"] = result.stdout.decode()
    timings.append(time.monotonic() - begun)  # expect: DUR101, DUR141
    return article


async def legal_check(article: Article) -> Article:
    if "alleged" in article.body and not await ask_lawyer(article.slug):
        raise PermissionError(article.slug)
    verdict = ask_lawyer(article.headline)  # expect: DUR133
    return article


def _syllables(word: str) -> int:
    return max(1, len(re.findall("[aeiouy]+", word.lower())))


def count_readability(article: Article) -> Article:
    words = article.body.split()
    with ThreadPoolExecutor(4) as pool:  # expect: DUR131
        job = pool.submit(sum, [_syllables(word) for word in words])
        article.tags["syllables"] = str(job.result())  # expect: DUR102
    ready = threading.Event()  # expect: DUR131
    ready.set()
    ready.wait(1.0)  # expect: DUR102
    return article


def slowest() -> float:
    """For the newsroom's dashboard."""
    return max(timings, default=0.0)
