import asyncio
from datetime import datetime
from operator import methodcaller

import durable_async as da

from . import crc
from .gateway import Gateway
from .ledger import Ledger
from .states import PortingState, Requested


@da.orchestrator
async def port_number(number: str, carrier: str) -> list[str]:
    state: PortingState | None = Requested(number)
    path = []
    while state is not None:
        path.append(type(state).__name__)
        state = await state.run()
    ledger = Ledger(carrier)
    ledger["number"] = number
    ledger["crc"] = str(crc(number.encode()))
    with ledger:
        await Gateway.announce(number, carrier)
    return path


@da.orchestrator
async def port_block(numbers: list[str], carrier: str, at: datetime) -> int:
    await da.sleep_until(at)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(port_number(number, carrier)) for number in numbers]
    prefixes = set(map(methodcaller("rpartition", "-"), numbers))
    Gateway.announce(numbers[0], carrier)  # expect: DUR133
    for prefix, _, _ in prefixes:  # expect: DUR134
        await Gateway.announce(prefix, carrier)
    return len([task for task in tasks if task.result()])


@da.orchestrator
def cancel_porting(number: str) -> None:  # expect: DUR152
    return None


@da.orchestrator
async def await_donor(number: str, patience: int = 3) -> str:
    while True:
        try:
            async with asyncio.timeout(3600):
                return await da.wait_for_event("donor_answer", str)
        except TimeoutError:
            patience -= 1
            if not patience:
                raise
