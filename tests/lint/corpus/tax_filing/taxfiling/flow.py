"""Annual return: collect, assess, sign, file, wait for the authority's answer."""
import asyncio
import contextlib

import durable_async as da

from taxfiling import assess, efile, tasks
from taxfiling.util import dates, idents, money
from taxfiling.util.audit import trail


@da.orchestrator
async def file_return(taxpayer: dict, year: int) -> dict:
    docs = await tasks.collect_documents(taxpayer["tin"], year)
    sheet = assess.worksheet(docs, year)
    trail("worksheet", sheet["total"])
    deadline = dates.deadline(year)
    if dates.is_late(deadline):
        sheet["penalty"] = money.penalty(sheet["total"])
    ref = idents.submission_ref(taxpayer["tin"], year)

    try:
        signature = await asyncio.wait_for(da.wait_for_event("signed", str), 14 * 86_400)
    except asyncio.CancelledError:  # expect: DUR135
        return {"ref": ref, "status": "withdrawn"}
    except TimeoutError:
        return {"ref": ref, "status": "unsigned"}

    receipt = await efile.submit(ref, sheet, signature)
    tasks.notify(taxpayer["email"], "filed")  # expect: DUR133
    return {"ref": ref, "status": receipt}


@da.orchestrator
async def amend_return(taxpayer: dict, year, lines: list[dict]):  # expect: DUR152
    docs = await tasks.collect_documents(taxpayer["tin"], year)
    if tasks.compare(docs, lines)["changed"]:  # expect: DUR133
        await tasks.notify(taxpayer["email"], "amended")
    ticker = asyncio.create_task(efile.poll_forever(str(year)))
    ticker.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await ticker
    return money.cents(lines)


@da.orchestrator
def extension_request(tin: str, year: int) -> str:  # expect: DUR152
    return f"{tin}-{year}"
