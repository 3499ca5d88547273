"""Prints books."""

import durable_async as da

from . import texts


@da.activity
def press(data: bytes) -> str:
    with open("/dev/press", "wb") as target:
        target.write(data)
    return "pressed"


@da.orchestrator
async def print_book(title: str, pages: list[str], blob: bytes) -> str:
    lines = [texts.table([pages]), texts.place("/books", title), texts.joined(pages), texts.link("http://x", {"a": title})]
    lines += [str(texts.configured("[main]\na = 1")), texts.mail("a@example", title), texts.command(pages), *texts.members(blob)]
    try:
        lines.append(await press(texts.packed(pages)))
    except Exception as error:
        if not texts.is_transient(error):
            raise
        lines.append("again")
    return "".join(lines) + str(texts.private("10.0.0.1")) + str(texts.parsed("[]"))
