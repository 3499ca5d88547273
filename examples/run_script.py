"""A script that may be killed: `da.run` instead of `asyncio.run`.

Run it, press Ctrl-C (or kill -9 it) in the middle, and run it again in the same folder: the parts
that were done are kept, and it goes on with the next one. All that it needs is one file,
durable.db. Once it has finished, the next run starts anew.
"""

import os
import time

import durable_async as da

URL = os.environ.get("DURABLE_URL", "sqlite:///durable.db")

CHAPTERS = ["Down the Rabbit-Hole", "The Pool of Tears", "A Caucus-Race", "A Mad Tea-Party"]


@da.activity
def typeset(chapter: str) -> int:
    """The number of pages. Takes its time, as a plain `def` may: it runs in a thread."""
    print(f"typesetting {chapter}", flush=True)
    time.sleep(0.5)
    return len(chapter)


@da.activity
def bind(pages: int) -> str:
    print(f"binding {pages} pages", flush=True)
    time.sleep(0.5)
    return f"a book of {pages} pages"


@da.orchestrator
async def make_book(chapters: list[str]) -> str:
    pages = 0
    for chapter in chapters:
        pages += await typeset(chapter)
    return await bind(pages)


if __name__ == "__main__":
    print(da.run(make_book(CHAPTERS), url=URL))
