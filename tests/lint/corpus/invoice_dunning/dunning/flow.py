import asyncio
import contextlib
import typing

import durable_async as da
from dunning.core.base import Outcome, Stage
from dunning.invoices import Invoice, load_invoice, send_letter
from dunning import stages  # noqa: F401  (defines the ladder)

log = da.get_logger("dunning")


@da.orchestrator
async def dun(number: str, options: dict[str, str] | None = None) -> Outcome:
    invoice = await load_invoice(number)
    if invoice.overdue_days(da.now().date()) < 0:
        await da.sleep_until(da.now().replace(hour=8))
    for level, stage_type in sorted(Stage.ladder.items(), key=lambda item: item[0]):
        stage = stage_type(invoice, options)
        da.set_custom_status({"level": level, "days": invoice.overdue_days()})
        try:
            outcome = await stage.act()
        except stages.StageError as error:
            log.warning("%s", error)
            continue
        if outcome is not Outcome.UNPAID:
            return outcome
    return Outcome.WRITTEN_OFF


@da.orchestrator
async def dun_many(numbers: list[str], seen: set[str]) -> dict[str, str]:
    todo = [number for number in dict.fromkeys(numbers) if number not in seen]
    outcomes = await asyncio.gather(*[dun(number) for number in todo], return_exceptions=True)
    with contextlib.suppress(ValueError, asyncio.CancelledError):  # expect: DUR135
        await asyncio.wait_for(da.wait_for_event("close-books", bool), 86_400)
    return {number: str(outcome) for number, outcome in zip(todo, outcomes)}


@da.orchestrator
def dun_sync(number: str) -> None:  # expect: DUR152
    log.info("dunning of %s is asked for by hand", number)


class Statement(typing.NamedTuple):
    customer: str
    invoices: list[Invoice]


@da.orchestrator
async def monthly_statement(statement: Statement) -> str:
    async def send(part: list[Invoice]):
        lines = "\n".join(f"{invoice} {invoice.amount}" for invoice in part)
        return await send_letter(statement.customer, "Statement", lines)

    watcher = asyncio.create_task(da.wait_for_event("stop", bool))
    sent_at = await send(statement.invoices)
    watcher.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watcher
    return sent_at.isoformat()
