"""The bank sweeper: one long-lived flow for each bank of lockers."""
import asyncio
import itertools
import queue
import threading

import durable_async as da

from steps import open_door, send_mail

OVERDUE_LIMIT = 3


def overdue(counts):
    return [bank for bank, count in counts.items() if count > OVERDUE_LIMIT]


def make_inbox():
    inbox = queue.Queue()  # expect: DUR131
    return inbox.get(timeout=1)  # expect: DUR102


@da.orchestrator
async def sweep(bank: str) -> None:
    for round_number in itertools.count():  # expect: DUR151
        await asyncio.sleep(3600)
        await open_door(bank, round_number % 40)


@da.orchestrator
async def sweep_until(bank: str, rounds: int) -> int:
    for round_number in itertools.count():
        if round_number >= rounds:
            break
        await asyncio.sleep(3600)
        await open_door(bank, round_number % 40)
    return rounds


@da.orchestrator
async def sweep_all(banks: list[str]) -> int:
    make_inbox()
    stop = threading.Event()  # expect: DUR131
    done = 0
    for bank in banks:
        if stop.is_set():
            break
        done += 1
        await sweep_until(bank, 2)
    pending = frozenset(banks) - {"hub-0"}
    first = next(iter(pending))  # expect: DUR134
    await send_mail("ops@example.org", "sweep", first)
    tasks = {asyncio.create_task(open_door(bank, 1)) for bank in banks}
    finished, _ = await asyncio.wait(tasks)
    for task in finished:
        done += task.result()
    return done + len(pending)
