"""Ships parcels."""

import durable_async as da

from . import carriers
from .carriers import booking, waits_for_all


@da.orchestrator
async def ship(parcel: str) -> str | None:
    await carriers.suppressed(parcel)
    await carriers.breaks_finally([parcel])
    async with booking(parcel) as reference:
        await carriers.in_loop([reference])
    try:
        await carriers.sometimes(parcel, True)
        await carriers.nested(parcel)
        await waits_for_all([parcel])
    except BaseException as problem:  # expect: DUR135
        da.set_custom_status(str(problem))
    first = await carriers.base(parcel) or await carriers.cancelled(parcel) or await carriers.in_tuple(parcel)
    return first or await carriers.leaves_finally(parcel) or await carriers.bare(parcel)
