"""Ships parcels, second version."""

import asyncio

import durable_async as da

from . import carriers


@da.orchestrator
async def ship_again(parcel: str, attempt: int = 0) -> str:
    await carriers.abandon(parcel)
    await carriers.grouped([parcel])
    try:
        await carriers.undone(parcel)
    except asyncio.CancelledError:
        da.continue_as_new(ship_again(parcel, attempt + 1))
    text = await carriers.plain(parcel) or await carriers.carrier_cancelled(parcel)
    text += await carriers.both_paths(parcel, loud=False) + await carriers.timed(parcel)
    text += await carriers.missing_key(carriers.parsed(text)) + carriers.first_line(text)
    return text + await carriers.cleaned(parcel) + await carriers.renamed(parcel)
