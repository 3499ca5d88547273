"""settle DAY MERCHANT..."""

import asyncio
import os
import sys
import uuid
from datetime import date

import durable_async as da
import sentry_sdk

from settlement.core.calendar import month_ends, quarter
from settlement.core.ledger import Ledger
from settlement.gateways import bank
from settlement.orchestration import close_day, settle_merchant


async def main(argv: list[str]) -> int:
    sentry_sdk.init(os.environ.get("SENTRY_DSN"))
    day = argv[1] if len(argv) > 1 else date.today().isoformat()
    merchants = set(argv[2:]) or {"m-1", "m-2"}
    print(quarter(), month_ends(date.today(), 2), Ledger().as_of())
    async with da.Client(os.environ["DURABLE_URL"]) as client:
        async with da.Worker(client, [close_day, settle_merchant, bank.pay_out, bank.collect, bank.write_report, bank.notify]):
            handle = await client.start(close_day(day, merchants), id=f"close-{day}-{uuid.uuid4().hex[:4]}")
            for merchant in merchants:
                bank.notify(merchant, "closing")  # expect: DUR133
            print(await handle.result())
    return 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(sys.argv)))
