import asyncio
import io
import typing as t

import durable_async as da

from review.adapters import VendorScreening
from review.adapters.screening import vendor_health


@da.activity
async def screen(url: str) -> float:
    try:
        return await VendorScreening().score(url)
    except asyncio.CancelledError:
        return 0.0


@da.activity
async def healthy(url: str) -> bool:
    return await vendor_health(url)


@da.activity
async def stream_pixels(path: str) -> t.AsyncIterator[bytes]:  # expect: DUR152
    with open(path, "rb") as handle:
        while chunk := handle.read(4096):
            yield chunk


@da.activity
def write_report(lines: list[str], sink: io.TextIOWrapper) -> int:  # expect: DUR152
    return sink.write("\n".join(lines))


@da.activity
def score_all(urls: list[str], scorer: t.Callable[[str], float]) -> list[float]:  # expect: DUR152
    return [scorer(url) for url in urls]


@da.activity
def totals(values: tuple[float, ...], names: frozenset[str], extra: bytes | None = None) -> dict[str, float]:
    return dict.fromkeys(sorted(names), sum(values))
